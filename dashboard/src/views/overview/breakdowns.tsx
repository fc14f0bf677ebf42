import type { UseQueryResult } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { Stats } from '#schemas/api.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import {
  type Dimension,
  type DimensionName,
  dimensionNames,
  dimensions,
  isCounted,
  type ListSection,
  utmKeyOf,
} from '#schemas/dimensions.ts';
import { valueName } from '../../format/names.ts';
import { formatDate, formatInstant } from '../../format/times.ts';
import { useNow } from '../../range/use-now.ts';
import { type Bar, Bars } from '../../components/bars.tsx';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { Empty, type Stale, Loaded, Panel, Skeleton } from '../../components/panel.tsx';
import { LazyMount } from '../../components/lazy-mount.tsx';
import { useSetQuery } from '../../router/location.ts';
import { PartError } from './part-error.tsx';
import { StalePartNote } from './stale-part.tsx';
import type { Measure } from '../../format/traffic.ts';
import type { Row } from './rows.ts';

const WorldMap = lazy(() => import('./world-map.tsx'));

interface Tab {
  name: string;
  dimension: DimensionName;
}

const settledHint = <p>Cities, sites, languages and UTM values appear when the day has settled.</p>;

/** Tabs of a panel: the dimensions that name it in `schemas/dimensions.ts`. */
function tabsOf(panel: NonNullable<Dimension['panel']>): Tab[] {
  return dimensionNames.flatMap((dimension) => {
    const entry: Dimension = dimensions[dimension];
    return entry.panel === panel ? [{ name: entry.plural ?? entry.label, dimension }] : [];
  });
}

interface TabbedProps {
  title: string;
  hint?: ReactNode;
  tabs: readonly Tab[];
  stats: UseQueryResult<Stats>;
  stale: Stale<Stats> | undefined;
  parts: UseQueryResult<DashboardResponse>;
  zone: string;
  measure: Measure;
}

/** Countries, sources, devices and UTM values; choosing a value filters the view. */
export function Breakdowns(shared: Omit<TabbedProps, 'title' | 'hint' | 'tabs'>) {
  const change = useSetQuery();
  return (
    <>
      <Panel
        title="World"
        className="map-panel"
        hint={<p>Located by IP address, which is accurate for nearly all countries. IP geolocation by DB-IP.</p>}
      >
        <Loaded query={shared.stats} stale={shared.stale} rows={5}>
          {({ breakdowns }) => (
            <LazyMount className="world-map-slot">
              <Suspense fallback={<Skeleton rows={5} />}>
                <WorldMap
                  rows={breakdowns.country}
                  measure={shared.measure}
                  onPick={(country) => change({ country })}
                />
              </Suspense>
            </LazyMount>
          )}
        </Loaded>
      </Panel>
      <Tabbed title="Places" hint={settledHint} tabs={tabsOf('places')} {...shared} />
      <Tabbed title="Sources" hint={settledHint} tabs={tabsOf('sources')} {...shared} />
      <Tabbed title="Technology" tabs={tabsOf('technology')} {...shared} />
      <Tabbed title="UTM values" hint={settledHint} tabs={tabsOf('utm')} {...shared} />
    </>
  );
}

function Tabbed({ title, hint, tabs, ...shared }: TabbedProps) {
  const [chosen, setChosen] = useState(0);
  const tab = tabs[chosen] ?? tabs[0];
  if (!tab) return null;
  const options = tabs.map(({ name }, index) => ({ value: String(index), label: name }));
  return (
    <Panel
      title={title}
      {...(hint !== undefined && { hint })}
      actions={
        <SegmentedControl
          label={title}
          options={options}
          value={String(chosen)}
          onChange={(value) => setChosen(Number(value))}
        />
      }
    >
      <TabRows tab={tab} {...shared} />
    </Panel>
  );
}

type TabRowsProps = { tab: Tab } & Omit<TabbedProps, 'title' | 'hint' | 'tabs'>;

/** A tab's rows come from stats or from a section of the dashboard; only its own request makes it wait or fail. */
function TabRows({ tab: { dimension }, stats, stale, parts, zone, measure }: TabRowsProps) {
  if (isCounted(dimension))
    return (
      <Loaded query={stats} stale={stale}>
        {({ breakdowns }) => <RowBars rows={breakdowns[dimension]} dimension={dimension} measure={measure} />}
      </Loaded>
    );
  const { section }: Dimension = dimensions[dimension];
  if (section === undefined || section === 'links') return null;
  return (
    <>
      <StalePartNote response={parts.data} part={section} zone={zone} />
      <Loaded query={parts}>
        {(value) => {
          const rows = sectionRows(value, section, dimension);
          return rows ? (
            <SettledRows rows={rows} dimension={dimension} measure={measure} unsettled={value.unsettled} zone={zone} />
          ) : (
            <PartError errors={value.errors} part={section} />
          );
        }}
      </Loaded>
    </>
  );
}

interface SettledRowsProps {
  rows: readonly Row[];
  dimension: DimensionName;
  measure: Measure;
  unsettled: DashboardResponse['unsettled'];
  zone: string;
}

/** Rows of settled days, and when the rest is available. */
function SettledRows({ rows, dimension, measure, unsettled, zone }: SettledRowsProps) {
  const now = useNow();
  if (!unsettled) return <RowBars rows={rows} dimension={dimension} measure={measure} />;
  const at = `≈ ${formatInstant(unsettled.settlesAt, zone, now)}`;
  if (rows.every((row) => row[measure] === 0)) return <Empty>{`Available after the day settles (${at}).`}</Empty>;
  return (
    <>
      <RowBars rows={rows} dimension={dimension} measure={measure} />
      <p className="unsettled">
        Without {formatDate(unsettled.from)} and later: added after the day settles ({at}).
      </p>
    </>
  );
}

function sectionRows(
  response: DashboardResponse,
  section: ListSection | 'utm',
  dimension: DimensionName,
): readonly Row[] | null {
  if (section !== 'utm') return response[section];
  const key = utmKeyOf(dimension);
  return key === undefined ? null : (response.utm?.[key] ?? null);
}

/** Rows of a breakdown, each of which filters the view when it is chosen. */
export function RowBars({
  rows,
  dimension,
  measure,
}: {
  rows: readonly Row[];
  dimension: DimensionName;
  measure: Measure;
}) {
  const change = useSetQuery();
  const bars = rows
    .filter((row) => row[measure] > 0)
    .toSorted((a, b) => b[measure] - a[measure])
    .map(
      ({ value, ...row }): Bar => ({
        key: value ?? '',
        label: dimension === 'city' && value?.includes('/') ? cityLabel(value) : valueName(dimension, value),
        value: row[measure],
        ...(value !== null && { onPick: () => change(toFilters(dimension, value)) }),
      }),
    );
  return <Bars bars={bars} total={totalOf(rows, measure)} unit={measure} empty={`No ${measure} in this period.`} />;
}

/** @param value a city with its country: `AT/Wien` */
function cityLabel(value: string): ReactNode {
  const [country = '', ...city] = value.split('/');
  return (
    <>
      {city.join('/')} <small>{valueName('country', country)}</small>
    </>
  );
}

function toFilters(dimension: DimensionName, value: string): Record<string, string> {
  if (dimension !== 'city') return { [dimension]: value };
  const [country = '', ...city] = value.split('/');
  return city.length > 0 ? { country, city: city.join('/') } : { city: value };
}

function totalOf(rows: readonly Row[], measure: Measure): number {
  return rows.reduce((sum, row) => sum + row[measure], 0);
}

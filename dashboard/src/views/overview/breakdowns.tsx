import type { UseQueryResult } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { Stats } from '#schemas/api.ts';
import type { DashboardResponse, DashboardPart } from '#schemas/api/dashboard.ts';
import type { FilterName } from '#schemas/api/filters.ts';
import { valueName } from '../../format/names.ts';
import { type Bar, Bars } from '../../components/bars.tsx';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { type Stale, Loaded, Panel, Skeleton } from '../../components/panel.tsx';
import { LazyMount } from '../../components/lazy-mount.tsx';
import { useSetQuery } from '../../range/range-bar.tsx';
import { PartError } from './part-error.tsx';
import { StalePartNote } from './stale-part.tsx';
import type { Measure, Row } from './rows.ts';

const WorldMap = lazy(() => import('./world-map.tsx'));

interface Tab {
  name: string;
  dimension: FilterName;
  rows: (source: {
    stats: Stats | undefined;
    parts: DashboardResponse | undefined;
  }) => readonly Row[] | null | undefined;
}

const settledHint = (
  <p>Cities, sites, languages and UTM values are counted when a day has settled; today follows tonight.</p>
);

const placeTabs: Tab[] = [
  { name: 'Countries', dimension: 'country', rows: fromStats('country') },
  { name: 'Cities', dimension: 'city', rows: ({ parts }) => parts?.cities },
  { name: 'Languages', dimension: 'language', rows: ({ parts }) => parts?.languages },
];
const sourceTabs: Tab[] = [
  { name: 'Kinds', dimension: 'referrer', rows: fromStats('referrer') },
  { name: 'Sites', dimension: 'host', rows: ({ parts }) => parts?.hosts },
];
const campaignTabs: Tab[] = [
  { name: 'Campaign', dimension: 'utm_campaign', rows: ({ parts }) => parts?.utm?.campaign },
  { name: 'Source', dimension: 'utm_source', rows: ({ parts }) => parts?.utm?.source },
  { name: 'Medium', dimension: 'utm_medium', rows: ({ parts }) => parts?.utm?.medium },
];
const deviceTabs: Tab[] = [
  { name: 'Devices', dimension: 'device', rows: fromStats('device') },
  { name: 'Browsers', dimension: 'browser', rows: fromStats('browser') },
  { name: 'Systems', dimension: 'os', rows: fromStats('os') },
];

interface TabbedProps {
  title: string;
  hint?: ReactNode;
  tabs: readonly Tab[];
  stats: UseQueryResult<Stats>;
  kept: Stale<Stats> | undefined;
  parts: UseQueryResult<DashboardResponse>;
  zone: string;
  measure: Measure;
}

/** Where from, through what, with what. */
export function Breakdowns(shared: Omit<TabbedProps, 'title' | 'hint' | 'tabs'>) {
  const change = useSetQuery();
  return (
    <>
      <Panel
        title="World"
        className="map-panel"
        hint={<p>By the network address: right for the country almost always. IP geolocation by DB-IP.</p>}
      >
        <Loaded query={shared.stats} stale={shared.kept} rows={5}>
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
      <Tabbed title="Places" hint={settledHint} tabs={placeTabs} {...shared} />
      <Tabbed title="Sources" hint={settledHint} tabs={sourceTabs} {...shared} />
      <Tabbed title="Technology" tabs={deviceTabs} {...shared} />
      <Tabbed title="UTM values" hint={settledHint} tabs={campaignTabs} {...shared} />
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

/** Dimensions that settled days hold; the counts hold the others. */
const partByDimension: Partial<Record<FilterName, DashboardPart>> = {
  city: 'cities',
  host: 'hosts',
  language: 'languages',
  utm_campaign: 'utm',
  utm_source: 'utm',
  utm_medium: 'utm',
};

type TabRowsProps = { tab: Tab } & Omit<TabbedProps, 'title' | 'hint' | 'tabs'>;

/** A tab's rows come from one of two questions; only its own makes it wait or fail. */
function TabRows({ tab, stats, kept, parts, zone, measure }: TabRowsProps) {
  const part = partByDimension[tab.dimension];
  function show(source: Parameters<Tab['rows']>[0]): ReactNode {
    const rows = tab.rows(source);
    if (!rows) return <PartError errors={source.parts?.errors} {...(part && { part })} />;
    return <RowBars rows={rows} dimension={tab.dimension} measure={measure} />;
  }
  if (part === undefined)
    return (
      <Loaded query={stats} stale={kept}>
        {(value) => show({ stats: value, parts: undefined })}
      </Loaded>
    );
  return (
    <>
      <StalePartNote answer={parts.data} part={part} zone={zone} />
      <Loaded query={parts}>{(value) => show({ stats: undefined, parts: value })}</Loaded>
    </>
  );
}

/** Rows of a breakdown, each of which filters the view when it is chosen. */
export function RowBars({
  rows,
  dimension,
  measure,
}: {
  rows: readonly Row[];
  dimension: FilterName;
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

/** City rows carry their country: `AT/Wien`. */
function cityLabel(value: string): ReactNode {
  const [country = '', ...city] = value.split('/');
  return (
    <>
      {city.join('/')} <small>{valueName('country', country)}</small>
    </>
  );
}

function toFilters(dimension: FilterName, value: string): Record<string, string> {
  if (dimension !== 'city') return { [dimension]: value };
  const [country = '', ...city] = value.split('/');
  return city.length > 0 ? { country, city: city.join('/') } : { city: value };
}

function totalOf(rows: readonly Row[], measure: Measure): number {
  return rows.reduce((sum, row) => sum + row[measure], 0);
}

function fromStats(name: keyof Stats['breakdowns']): Tab['rows'] {
  return ({ stats }) => stats?.breakdowns[name];
}

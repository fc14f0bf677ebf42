import { lazy, Suspense, useState } from 'react';
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
import { LazyMount } from '../../components/lazy-mount.tsx';
import { Loaded, Panel, Skeleton } from '../../components/panel.tsx';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { type Expansion, useExpansion } from '../../expand/expansion.tsx';
import { countryName, splitCity, valueName } from '../../format/names.ts';
import { measureWords } from '../../format/traffic.ts';
import { useNow } from '../../range/use-now.ts';
import { type Filters, useFilters } from './filters/use-filters.ts';
import { fileNameOf, type OverviewData } from './overview-data.ts';
import { PartError } from './part-error.tsx';
import { Ranked, type RankedRow } from './ranked.tsx';
import type { Row } from './rows.ts';
import { StalePartNote } from './stale-part.tsx';
import { describeUnsettled } from './unsettled.ts';

const WorldMap = lazy(() => import('./world-map.tsx'));

interface Tab {
  name: string;
  dimension: DimensionName;
}

/** Countries, sources, devices and UTM values; choosing a value filters the view. */
export function Breakdowns(data: OverviewData) {
  return (
    <>
      <World {...data} />
      <Tabbed title="Places" tabs={tabsOf('places')} data={data} />
      <Tabbed title="Sources" tabs={tabsOf('sources')} data={data} />
      <Tabbed title="Technology" tabs={tabsOf('technology')} data={data} />
      <Tabbed title="UTM" tabs={tabsOf('utm')} data={data} />
    </>
  );
}

const countries: Tab = { name: 'Countries', dimension: 'country' };

function World(data: OverviewData) {
  const { stats, stale, measure, range } = data;
  const { pick } = useFilters(range.filters);
  const expansion = useExpansion();
  return (
    <Panel title="World" className="map-panel" onExpand={expansion.show}>
      <Loaded query={stats} stale={stale} rows={5}>
        {({ breakdowns }) => (
          <>
            <LazyMount className="world-map-slot">
              <Suspense fallback={<Skeleton rows={5} />}>
                <WorldMap
                  rows={breakdowns.country}
                  measure={measure}
                  onPick={(country) => pick('country', country).onPick()}
                />
              </Suspense>
            </LazyMount>
            <Counted tab={countries} data={data} expansion={expansion} onlyDialog />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/** Tabs of a panel: the dimensions that name it in `schemas/dimensions.ts`. */
function tabsOf(panel: NonNullable<Dimension['panel']>): Tab[] {
  return dimensionNames.flatMap((dimension) => {
    const entry: Dimension = dimensions[dimension];
    return entry.panel === panel ? [{ name: entry.plural ?? entry.label, dimension }] : [];
  });
}

interface TabbedProps {
  title: string;
  tabs: readonly Tab[];
  data: OverviewData;
}

function Tabbed({ title, tabs, data }: TabbedProps) {
  const [chosen, setChosen] = useState(0);
  const expansion = useExpansion();
  const tab = tabs[chosen] ?? tabs[0];
  if (!tab) return null;
  const options = tabs.map(({ name }, index) => ({ value: String(index), label: name }));
  const List = isCounted(tab.dimension) ? Counted : Settled;
  return (
    <Panel
      title={title}
      actions={
        <SegmentedControl
          label={title}
          options={options}
          value={String(chosen)}
          onChange={(value) => setChosen(Number(value))}
        />
      }
      onExpand={expansion.show}
    >
      <List tab={tab} data={data} expansion={expansion} />
    </Panel>
  );
}

interface ListProps {
  tab: Tab;
  data: OverviewData;
  expansion: Expansion;
  onlyDialog?: boolean;
}

/** Rows from the counters: those of the stored events with a filter. */
function Counted({ tab, data, ...shown }: ListProps) {
  const { dimension } = tab;
  const { stats, stale, before, parts } = data;
  if (!isCounted(dimension)) return null;
  return (
    <Loaded query={stats} stale={stale}>
      {({ breakdowns, source }) => (
        <List
          tab={tab}
          data={data}
          rows={breakdowns[dimension]}
          before={before?.breakdowns[dimension]}
          unsettled={source === 'lake' ? parts.data?.unsettled : null}
          {...shown}
        />
      )}
    </Loaded>
  );
}

/** Rows from a section of the dashboard; only its own request makes it wait or fail. */
function Settled({ tab, data, expansion }: ListProps) {
  const { parts, partsBefore, zone } = data;
  const { section }: Dimension = dimensions[tab.dimension];
  if (section === undefined || section === 'links' || section === 'events') return null;
  return (
    <>
      <StalePartNote response={parts.data} part={section} zone={zone} />
      <Loaded query={parts}>
        {(value) => {
          const rows = sectionRows(value, section, tab.dimension);
          if (!rows) return <PartError errors={value.errors} part={section} />;
          const before = partsBefore && (sectionRows(partsBefore, section, tab.dimension) ?? undefined);
          return (
            <List tab={tab} data={data} rows={rows} before={before} unsettled={value.unsettled} expansion={expansion} />
          );
        }}
      </Loaded>
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

interface RowsProps extends ListProps {
  rows: readonly Row[];
  before: readonly Row[] | undefined;
  unsettled: DashboardResponse['unsettled'] | undefined;
}

function List({ tab: { name, dimension }, data, rows, before, unsettled, ...shown }: RowsProps) {
  const filters = useFilters(data.range.filters);
  const { measure } = data;
  const words = describeUnsettled(unsettled, data.zone, useNow(), data.range.dates.from);
  return (
    <Ranked
      title={name}
      file={fileNameOf(data, name)}
      rows={rows.map((row) => toRanked(row, dimension, filters))}
      before={before?.map((row) => toRanked(row, dimension, filters))}
      measure={measure}
      total={rows.reduce((sum, row) => sum + (row[measure] ?? 0), 0)}
      empty={words?.empty ?? `No ${measureWords[measure]} in this period.`}
      note={words?.note}
      {...shown}
    />
  );
}

function toRanked({ value, ...counts }: Row, dimension: DimensionName, { pick }: Filters): RankedRow {
  return {
    key: value ?? '',
    text: valueName(dimension, value),
    ...(dimension === 'city' && value !== null && { label: <CityLabel value={value} /> }),
    ...counts,
    pick: pick(dimension, value ?? ''),
  };
}

/** @param value a city with its country: `AT/Wien` */
function CityLabel({ value }: { value: string }) {
  const { country, city } = splitCity(value);
  return (
    <>
      {city} {country !== '' && <small>{countryName(country)}</small>}
    </>
  );
}

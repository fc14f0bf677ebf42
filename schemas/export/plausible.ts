import type { dayVisitorAttributes } from '../counters.ts';

/** A settled local date: its counters by name. */
export interface CountedDay {
  /** `2026-11-22` */
  date: string;
  numbers: Readonly<Partial<Record<(typeof dayVisitorAttributes)[number] | 'views', number>>>;
}

/** Visits of a local date that share the values of a table. */
export interface CountedVisits {
  /** `sources`, `devices` and so on. */
  name: string;
  local_date: string;
  /** Of the table's columns, in order; '' where a value is unknown. */
  value_1: string;
  value_2: string;
  value_3: string;
  value_4: string;
  value_5: string;
  value_6: string;
  value_7: string;
  visitors: number;
  visits: number;
  bounces: number;
  seconds: number;
  pageviews: number;
}

/** Custom events of a name, or clicks to a destination, on a local date. */
export interface CountedEvents {
  local_date: string;
  name: string;
  link_url: string;
  visitors: number;
  events: number;
}

export interface PlausibleData {
  days: readonly CountedDay[];
  visits: readonly CountedVisits[];
  events: readonly CountedEvents[];
}

export interface PlausibleFile {
  name: string;
  text: string;
}

/**
 * Returns the files of Plausible's import format that settled data fills exactly. Events have no address of the page that was
 * viewed, so there are no files of pages, entry pages and exit pages.
 * @param range first and last date of the export, by which Plausible names the files
 */
export function toPlausibleFiles(data: PlausibleData, range: { from: string; to: string }): PlausibleFile[] {
  const [from, to] = [range.from, range.to].map((date) => date.replaceAll('-', ''));
  const contents: [table: string, columns: readonly string[], rows: Cell[][]][] = [
    ['visitors', visitorColumns, data.days.map(toVisitorRow)],
    ...Object.entries(tables).map(([name, table]): [string, readonly string[], Cell[][]] => [
      name,
      ['date', ...table.columns, ...(table.numbers ?? numberColumns)],
      data.visits.filter((row) => row.name === name).map((row) => toVisitRow(row, table)),
    ]),
    ['custom_events', eventColumns, data.events.map(toEventRow)],
  ];
  return contents
    .filter(([, , rows]) => rows.length > 0)
    .map(([table, columns, rows]) => ({
      name: `imported_${table}_${from}_${to}.csv`,
      text: [columns, ...rows].map((row) => `${row.map(toCell).join(',')}\n`).join(''),
    }));
}

type Cell = string | number;

const visitorColumns = ['date', 'visitors', 'pageviews', 'bounces', 'visits', 'visit_duration'];
const numberColumns = ['visitors', 'visits', 'visit_duration', 'bounces', 'pageviews'] as const;
const eventColumns = ['date', 'name', 'link_url', 'path', 'visitors', 'events'];

interface Table {
  columns: readonly string[];
  /** @default - as in `numberColumns` */
  numbers?: readonly (typeof numberColumns)[number][];
  toValues: (row: CountedVisits) => readonly Cell[];
}

const tables: Readonly<Record<string, Table>> = {
  sources: {
    columns: ['source', 'referrer', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term'],
    numbers: ['pageviews', 'visitors', 'visits', 'visit_duration', 'bounces'],
    toValues: (row) => [row.value_1, row.value_2, row.value_3, row.value_4, row.value_5, row.value_6, row.value_7],
  },
  locations: {
    columns: ['country', 'region', 'city'],
    // Events have names of regions and cities; Plausible has the codes of ISO 3166-2 and GeoNames, where 0 is no city.
    toValues: ({ value_1: country }) => [country, '', 0],
  },
  devices: {
    columns: ['device'],
    toValues: ({ value_1: device }) => [devices[device] ?? ''],
  },
  browsers: {
    columns: ['browser', 'browser_version'],
    toValues: (row) => [row.value_1, row.value_2],
  },
  operating_systems: {
    columns: ['operating_system', 'operating_system_version'],
    toValues: ({ value_1: os }) => [systems[os] ?? os, ''],
  },
};

/** Plausible has no others. */
const devices: Readonly<Record<string, string>> = { mobile: 'Mobile', tablet: 'Tablet', desktop: 'Desktop' };

/** Names that differ. */
const systems: Readonly<Record<string, string>> = { macOS: 'Mac' };

function toVisitorRow({ date, numbers }: CountedDay): Cell[] {
  const { visitors = 0, views = 0, bounces = 0, sessions = 0, milliseconds = 0 } = numbers;
  return [date, visitors, views, bounces, sessions, Math.round(milliseconds / 1000)];
}

function toVisitRow(row: CountedVisits, { toValues, numbers = numberColumns }: Table): Cell[] {
  const { local_date: date, seconds } = row;
  return [date, ...toValues(row), ...numbers.map((name) => (name === 'visit_duration' ? seconds : row[name]))];
}

function toEventRow({ local_date: date, name, link_url: url, visitors, events }: CountedEvents): Cell[] {
  return [date, name, url, '', visitors, events];
}

/** Numbers stand as they are, texts in quotes. */
function toCell(cell: Cell): string {
  return typeof cell === 'number' ? String(cell) : `"${cell.replaceAll('"', '""')}"`;
}

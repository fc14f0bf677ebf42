import { utmColumns } from './campaign-parameters.ts';
import { glueColumns } from './event.ts';
import { settledPrefix } from './lake-keys.ts';

/**
 * The settled tables of the lake, from which the stack declares them in Glue and tests declare them locally. A folder
 * `run=` holds one computation; what a table shows is the folder that its partition points to.
 */

export interface LakeColumn {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
}

export interface SettledTable {
  readonly name: string;
  readonly description: string;
  /** Folder of the bucket, with a slash at the end. */
  readonly prefix: string;
  readonly columns: readonly LakeColumn[];
  readonly partitionKeys: readonly LakeColumn[];
  /** Below the prefix, for a table whose partitions are computed from the query and not registered. */
  readonly projected?: string;
}

const utcHour = [
  { name: 'dt', type: 'string', comment: 'UTC date of the event' },
  { name: 'hr', type: 'string', comment: 'UTC hour of the event, two digits; 24 for imported ones' },
] as const;
const eventsPrefix = `${settledPrefix}events/`;

export const settledTables = {
  events: {
    name: 'settled_events',
    description: 'Every event of a closed hour once, with its outcome',
    prefix: eventsPrefix,
    columns: glueColumns(),
    partitionKeys: utcHour,
  },
  /** What settle itself reads: one run by its name, before and after the switch. */
  runs: {
    name: 'settled_runs',
    description: 'One run of one hour, by name; settled_events shows the present ones',
    prefix: eventsPrefix,
    columns: glueColumns(),
    partitionKeys: [...utcHour, { name: 'run', type: 'string', comment: 'ULID of the run' }],
    projected: 'dt=${dt}/hr=${hr}/run=${run}/',
  },
  traffic: {
    name: 'hourly_traffic',
    description: 'Counted events of each page by UTC hour',
    prefix: `${settledPrefix}hourly_traffic/`,
    columns: [
      { name: 'hour', type: 'timestamp', comment: 'UTC' },
      text('page_path'),
      count('views'),
      count('unique_sessions'),
      count('unique_visitors'),
      count('clicks'),
      { name: 'ctr', type: 'double', comment: 'clicks by views, at most 1; NULL without views' },
    ],
    partitionKeys: [{ name: 'dt', type: 'string', comment: 'UTC date' }],
  },
  audience: {
    name: 'audience_distribution',
    description: 'Counted events of each page by local date and by what its visitors use',
    prefix: `${settledPrefix}audience_distribution/`,
    columns: [
      ...['date', 'page_path', 'country', 'device', 'browser', 'os', 'region', 'city'].map(text),
      ...['referrer_class', 'referrer_name', 'language'].map(text),
      count('events'),
    ],
    partitionKeys: [{ name: 'dt', type: 'string', comment: "date in the page's time zone" }],
  },
  links: {
    name: 'link_performance',
    description: 'Counted clicks of each destination by local date',
    prefix: `${settledPrefix}link_performance/`,
    columns: [
      ...['date', 'page_path', 'destination_url', 'link_id', 'link_title', 'campaign'].map(text),
      ...utmColumns.map(text),
      count('clicks'),
      count('unique_clickers'),
    ],
    partitionKeys: [{ name: 'dt', type: 'string', comment: "date in the page's time zone" }],
  },
} as const satisfies Record<string, SettledTable>;
export type SettledTableName = keyof typeof settledTables;

/** The view for analysts. */
export const eventsView = {
  name: 'events',
  description: 'Every settled event, hot and cold alike; filter by dt',
  columns: [...glueColumns(), ...utcHour],
  sql: `SELECT ${[...glueColumns(), ...utcHour].map(({ name }) => name).join(', ')} FROM settled_events`,
} as const;

const prestoTypes: Readonly<Record<string, string>> = { string: 'varchar', int: 'integer', timestamp: 'timestamp(3)' };

/** `ViewOriginalText` by which Athena knows the view. */
export function prestoView(database: string, view: { sql: string; columns: readonly LakeColumn[] }): string {
  const definition = {
    originalSql: view.sql,
    catalog: 'awsdatacatalog',
    schema: database,
    columns: view.columns.map(({ name, type }) => ({ name, type: prestoTypes[type] ?? type })),
  };
  return `/* Presto View: ${btoa(JSON.stringify(definition))} */`;
}

function text(name: string): LakeColumn {
  return { name, type: 'string' };
}

function count(name: string): LakeColumn {
  return { name, type: 'bigint' };
}

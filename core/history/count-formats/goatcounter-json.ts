import { isDate } from '#core/ledger/time-range.ts';
import type { FileHead, FileReading, HistoryFormat, ReadingOptions } from '../format.ts';
import type { CountRow, RowSink } from '../history-row.ts';
import { isRecord, readJsonLines, readWholeJson } from './whole-json.ts';

/** Files with statistics, and what they count by. */
const statistics = {
  'browser_stats.jsonl': { dimension: 'browser', id: 'browser_id', names: 'browsers.jsonl' },
  'system_stats.jsonl': { dimension: 'os', id: 'system_id', names: 'systems.jsonl' },
  'location_stats.jsonl': { dimension: 'country', id: 'location', names: undefined },
} as const;

const names = ['info.json', 'paths.jsonl', 'refs.jsonl', 'browsers.jsonl', 'systems.jsonl'];

/** The JSON export of GoatCounter, version 1: a ZIP. Source: docs/imports.md#goatcounter. */
export const goatcounterJson: HistoryFormat = {
  name: 'goatcounter-json',
  tool: 'goatcounter',
  title: 'the JSON export of GoatCounter (ZIP)',
  grain: 'counts',
  detects: ({ name, siblings }: FileHead) =>
    siblings.includes('paths.jsonl') &&
    siblings.includes('hit_stats.jsonl') &&
    (names.includes(name) || name === 'hit_stats.jsonl' || Object.hasOwn(statistics, name)),
  // Names come before what counts by them.
  order: (file) => (names.includes(file) ? -2 : 0),
  open: (options, sink) => {
    const { file, shared } = options;
    if (file === 'info.json')
      return readWholeJson((value) => shared.set(createdAt, isRecord(value) ? value['created_at'] : undefined));
    if (names.includes(file)) return readNames(file, shared);
    return readStatistics(options, sink);
  },
};

const createdAt = 'goatcounter created_at';

interface PathName {
  text: string;
  isEvent: boolean;
}

function readNames(file: string, shared: ReadingOptions['shared']): FileReading {
  const known = new Map<number, PathName>();
  shared.set(file, known);
  return readJsonLines((record) => {
    const { id, path, ref, name, event } = record;
    const text = [path, ref, name].find((each) => typeof each === 'string');
    if (typeof id === 'number' && typeof text === 'string') known.set(id, { text, isEvent: event === true });
  });
}

function findName(shared: ReadingOptions['shared'], file: string, id: unknown): PathName | undefined {
  const known = shared.get(file);
  return known instanceof Map && typeof id === 'number' ? (known.get(id) as PathName | undefined) : undefined;
}

/** Each row is of a path; those of an hour and a day are added up. */
function readStatistics({ file, shared }: ReadingOptions, sink: RowSink): FileReading {
  const exported = shared.get(createdAt);
  const lastDate = typeof exported === 'string' && isDate(exported.slice(0, 10)) ? exported.slice(0, 10) : undefined;
  return readJsonLines((record, line) => {
    const time = file === 'hit_stats.jsonl' ? readHour(record['hour']) : readDay(record['day']);
    const column = file === 'hit_stats.jsonl' ? 'hour' : 'day';
    function refuse(name: string, reason: string): void {
      sink.refuse({ line, column: name, value: JSON.stringify(record[name]) ?? null, reason });
    }
    if (time === undefined) return refuse(column, 'must be a full hour in UTC, or a date');
    if (lastDate !== undefined && time.slice(0, 10) >= lastDate)
      return refuse(column, `was not over when the file was exported on ${lastDate}; a later export has all of it`);
    const { count } = record;
    if (typeof count !== 'number') return refuse('count', 'must be a number');
    const path = findName(shared, 'paths.jsonl', record['path_id']);
    if (path === undefined) return refuse('path_id', 'is no path of `paths.jsonl`');
    if (path.isEvent) return refuse('path_id', 'is an event; only views of pages are imported');
    const row = { line, at: time, views: count, adds: true };
    return sink.row(toRow(file, record, row, path.text, shared));
  });
}

function toRow(
  file: string,
  record: Record<string, unknown>,
  row: Pick<CountRow, 'line' | 'at' | 'views' | 'adds'>,
  path: string,
  shared: ReadingOptions['shared'],
): CountRow {
  const breakdown = Object.entries(statistics).find(([name]) => name === file)?.[1];
  if (breakdown === undefined) {
    const { text = '' } = findName(shared, 'refs.jsonl', record['ref_id']) ?? {};
    const { views = 0 } = row;
    return { ...row, grain: 'hour', parts: { page: { [path]: views }, source: { [text]: views } } };
  }
  const { dimension, id, names: list } = breakdown;
  const value = record[id];
  const country = typeof value === 'string' ? value.slice(0, 2) : '';
  const name = list === undefined ? country : (findName(shared, list, value)?.text ?? '');
  return { ...row, grain: 'day', dimension, value: name };
}

function readHour(value: unknown): string | undefined {
  const [, hour] = typeof value === 'string' ? (/^(\d{4}-\d{2}-\d{2}T\d{2}):00:00(?:\.0+)?Z$/.exec(value) ?? []) : [];
  return hour !== undefined && isDate(hour.slice(0, 10)) ? hour : undefined;
}

function readDay(value: unknown): string | undefined {
  const date = typeof value === 'string' ? value.slice(0, 10) : '';
  return isDate(date) ? date : undefined;
}

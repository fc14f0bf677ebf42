import { localTimeOf } from '#core/enrich/local-time.ts';
import type { CountRow } from '#core/history/history-row.ts';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { isDate } from '#core/ledger/time-range.ts';
import {
  type ImportedList,
  importedLists,
  type ImportedMeasure,
  importedMeasures,
  type ImportedTotal,
  largestCount,
  longestImportedValue,
} from '#schemas/history/imported-counts.ts';

/** The counts of one measure on a date of an entity, before it is decided whether they are imported. */
export interface CollectedDay {
  /** Line of its first row. */
  line: number;
  rows: number;
  count: number;
  visitors: number | undefined;
  visits: number | undefined;
  /** By local hour, `07+01:00`. */
  hours: Map<string, number>;
  lists: Map<ImportedList, Map<string | null, number>>;
  /** Whether single events of its date are here, of this import or of others. */
  events?: 'own' | 'others';
}

export interface CollectedTotal extends ImportedTotal {
  line: number;
  rows: number;
}

/** The counts of a link, or of the page as a whole. */
export interface CollectedEntity {
  /** By month (`2026-11`), date and measure. */
  months: Map<string, Map<string, Map<ImportedMeasure, CollectedDay>>>;
  total: CollectedTotal | undefined;
}

export type CountOutcome =
  /** @param month `2026-11` in the page's zone; null for a total */
  | { kind: 'collected'; month: string | null }
  | { kind: 'repeated'; month: string | null }
  | { kind: 'refused'; column: string; value: string; reason: string };

export interface CountCollection {
  /** Adds a row, unless it repeats or contradicts an earlier one. @throws {UnreadableFile} if they do not fit into memory */
  add: (row: CountRow) => CountOutcome;
  /** Notes a single event: counts that include it overlap. Those are of its link, and of the page as a whole. */
  addEvent: (event: SingleEvent) => void;
  /** Local dates that have counts. */
  dates: () => ReadonlySet<string>;
  /** By code of the link as the file has it; the page as a whole under the empty name. */
  entities: () => ReadonlyMap<string, CollectedEntity>;
}

/** One view or click of an import. */
export interface SingleEvent {
  /** Code of its link, as the rows have it; undefined for the page alone. */
  code: string | undefined;
  /** `2026-11-22`, in the time zone of the page. */
  date: string;
  measure: ImportedMeasure;
  isOwn: boolean;
}

/** Most days have neither hours nor lists: they share an empty map, which is never changed. */
const none: Map<never, never> = new Map<never, never>();

/** Numbers of an import that are kept apart: days of 500 links over 5 years take 640 MB of the function's 1,769. */
const mostCounts = 2_000_000;

interface Options {
  /** Zone of the page: an hour belongs to its date there. A date stays the date that the tool wrote. */
  zone: string;
  /** Date of totals whose file names none. */
  today: string;
  most?: number;
}

/** Adds up the rows of an import by link, local date and measure. */
export function collectCounts({ zone, today, most = mostCounts }: Options): CountCollection {
  const entities = new Map<string, CollectedEntity>();
  const seen = new Map<string, number>();
  let size = 0;

  function grow(): void {
    size += 1;
    if (size > most) throw new UnreadableFile(`the file has more than ${most} different numbers; split it by date`);
  }
  function entityOf(code: string): CollectedEntity {
    return getOrMake(entities, code, () => ({ months: new Map(), total: undefined }));
  }
  function dayOf({ code = '', line }: CountRow, date: string, measure: ImportedMeasure): CollectedDay {
    const dates = getOrMake(entityOf(code).months, date.slice(0, 7), () => new Map());
    const measures = getOrMake(dates, date, (): Map<ImportedMeasure, CollectedDay> => new Map());
    return getOrMake(measures, measure, () => {
      grow();
      return { line, rows: 0, count: 0, visitors: undefined, visits: undefined, hours: none, lists: none };
    });
  }

  /** Returns the count of an earlier row of the same time, of which there is only one. */
  function findEarlier(row: CountRow, measure: ImportedMeasure): number | undefined {
    if (row.adds || row.dimension !== undefined) return undefined;
    const key = [row.code ?? '', measure, row.grain, row.at].join('\n');
    const earlier = seen.get(key);
    if (earlier === undefined) {
      grow();
      seen.set(key, row[measure] ?? 0);
    }
    return earlier;
  }

  function addTotal(row: CountRow, measure: ImportedMeasure): CountOutcome {
    const entity = entityOf(row.code ?? '');
    const earlier = entity.total;
    if (earlier !== undefined && earlier.measure !== measure)
      return refuse(measure, row[measure] ?? 0, `an earlier row has a total of ${earlier.measure}`);
    if (earlier === undefined) grow();
    const visitors = row.visitors ?? earlier?.visitors;
    entity.total = {
      measure,
      count: (earlier?.count ?? 0) + (row[measure] ?? 0),
      ...(visitors !== undefined && { visitors: (earlier?.visitors ?? 0) + (row.visitors ?? 0) }),
      asOf: row.at ?? today,
      ...(row.from !== undefined && { from: row.from }),
      ...(row.to !== undefined && { to: row.to }),
      line: earlier?.line ?? row.line,
      rows: (earlier?.rows ?? 0) + 1,
    };
    return { kind: 'collected', month: null };
  }

  function addToDay(row: CountRow, measure: ImportedMeasure, { date, hour }: Place): void {
    const day = dayOf(row, date, measure);
    const count = row[measure] ?? 0;
    day.rows += 1;
    if (row.dimension === undefined) {
      day.count += count;
      if (row.visitors !== undefined) day.visitors = (day.visitors ?? 0) + row.visitors;
      if (row.visits !== undefined) day.visits = (day.visits ?? 0) + row.visits;
      if (hour !== undefined) {
        if (day.hours === none) day.hours = new Map();
        day.hours.set(hour, (day.hours.get(hour) ?? 0) + count);
      }
    }
    for (const { list, value, part } of partsOf(row, count)) {
      if (day.lists === none) day.lists = new Map();
      const values = getOrMake(day.lists, list, () => new Map());
      const kept = value === '' || value.length > longestImportedValue ? null : value;
      if (!values.has(kept)) grow();
      values.set(kept, (values.get(kept) ?? 0) + part);
    }
  }

  return {
    add: (row) => {
      const problem = checkRow(row);
      if (problem) return problem;
      // A row of both measures belongs to the same time and place.
      const measures = importedMeasures.filter((measure) => row[measure] !== undefined);
      const place = row.grain === 'total' ? undefined : placeOf(row, zone);
      const month = place?.date.slice(0, 7) ?? null;
      for (const measure of measures) {
        const earlier = findEarlier(row, measure);
        if (earlier === row[measure]) return { kind: 'repeated', month };
        if (earlier !== undefined)
          return refuse(measure, row[measure] ?? 0, `an earlier row has ${earlier} for the same time`);
        if (place) addToDay(row, measure, place);
        else {
          const total = addTotal(row, measure);
          if (total.kind === 'refused') return total;
        }
      }
      return { kind: 'collected', month };
    },
    addEvent: ({ code, date, measure, isOwn }) => {
      for (const name of new Set([code ?? '', ''])) {
        const day = entities.get(name)?.months.get(date.slice(0, 7))?.get(date)?.get(measure);
        if (day !== undefined && day.events !== 'own') day.events = isOwn ? 'own' : 'others';
      }
    },
    dates: () =>
      new Set([...entities.values()].flatMap(({ months }) => [...months.values()].flatMap((days) => [...days.keys()]))),
    entities: () => entities,
  };
}

interface Place {
  date: string;
  hour: string | undefined;
}

function placeOf({ grain, at }: CountRow, zone: string): Place {
  if (grain === 'day') return { date: at ?? '', hour: undefined };
  const { date, hour } = localTimeOf(zone, Date.parse(`${at}:00:00Z`));
  return { date, hour: hour.slice(11) };
}

function checkRow(row: CountRow): CountOutcome | undefined {
  for (const name of ['views', 'clicks', 'visitors', 'visits'] as const) {
    const value = row[name];
    if (value !== undefined && !isCount(value))
      return refuse(name, value, `must be a whole number from 0 to ${largestCount}`);
  }
  if (row.views === undefined && row.clicks === undefined) return refuse('views', '', 'has neither views nor clicks');
  const part = Object.values(row.parts ?? {})
    .flatMap((values) => Object.values(values))
    .find((each) => !isCount(each));
  if (part !== undefined) return refuse('parts', part, `must be a whole number from 0 to ${largestCount}`);
  const unknown = [row.dimension, ...Object.keys(row.parts ?? {})].find((name) => name !== undefined && !isList(name));
  if (unknown !== undefined) return refuse('dimension', unknown, `must be one of ${importedLists.join(', ')}`);
  if (!isTime(row))
    return refuse('date', row.at ?? '', row.grain === 'hour' ? 'must be an hour such as 2026-11-22T07' : allowedDate);
  return undefined;
}

const allowedDate = 'must be a date such as 2026-11-22';

function isTime({ grain, at }: CountRow): boolean {
  switch (grain) {
    case 'total':
      return at === null || isDate(at);
    case 'day':
      return at !== null && isDate(at);
    case 'hour':
      return at !== null && /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3])$/.test(at) && isDate(at.slice(0, 10));
    default:
      return grain satisfies never;
  }
}

function refuse(column: string, value: string | number, reason: string): CountOutcome {
  return { kind: 'refused', column, value: String(value), reason };
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= largestCount;
}

function isList(name: string): name is ImportedList {
  return importedLists.some((list) => list === name);
}

/** Returns the counts by value: that of a breakdown, or those into which a count of the whole divides. */
function partsOf(
  { dimension, value = '', url, parts = {} }: CountRow,
  count: number,
): { list: ImportedList; value: string; part: number }[] {
  if (dimension !== undefined) return isList(dimension) ? [{ list: dimension, value, part: count }] : [];
  const all = { ...(url !== undefined && { page: { [url]: count } }), ...parts };
  return Object.entries(all).flatMap(([list, values]) =>
    isList(list) ? Object.entries(values).map(([each, part]) => ({ list, value: each, part })) : [],
  );
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

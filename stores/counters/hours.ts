import { addDays } from '#core/ledger/time-range.ts';
import type { HourCounters, HourNumbers } from '#core/ledger/report.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { finalAttribute, hourKey, receivedKey } from './counter-items.ts';
import {
  mapOf,
  maybeNumberOf,
  numbersOf,
  queryBetween,
  type RawItem,
  readKeys,
  type RawTable,
  textOf,
} from '../dynamodb/raw-items.ts';

type Clocked = RawTable & { now: () => number };

/**
 * Hours of an entity on local dates, first and last included, in order of key: those that counted something, and those
 * that received something.
 * @throws {StoreUnavailable}
 */
export async function readHourNumbers(
  table: Clocked,
  entity: string,
  first: string,
  last: string,
): Promise<HourNumbers[]> {
  const [items, received] = await Promise.all([
    querySpans(table, entity, spansOf(first, last), hourKey),
    readReceived(table, entity, first, last),
  ]);
  const counted = new Map(items.map(countedHour).map((hour) => [hour.hour, hour]));
  const nothing = { hot: {}, final: undefined };
  return [...new Set([...counted.keys(), ...received.keys()])]
    .toSorted()
    .map((hour) => ({ ...nothing, ...counted.get(hour), hour, received: received.get(hour) ?? 0 }));
}

/** Local hours without their offset, `from` first; no hour begins with `to`. */
interface Span {
  from: string;
  to: string;
}

async function querySpans(
  table: Clocked,
  entity: string,
  spans: readonly Span[],
  keyOf: (hour: string) => string,
  names?: readonly string[],
): Promise<RawItem[]> {
  const items = await Promise.all(
    spans.map(({ from, to }) => queryBetween(table, entity, keyOf(from), keyOf(to), names)),
  );
  return items.flat().filter(isAlive(table));
}

/** Deletion by TTL lags by up to days. */
function isAlive({ now }: Clocked): (item: RawItem) => boolean {
  const seconds = Math.floor(now() / 1000);
  return (item) => (maybeNumberOf(item[expiryAttribute]) ?? Number.POSITIVE_INFINITY) > seconds;
}

/** Hours of so many days stay below the 1 MB that one page of a query holds; each span is one query, all at once. */
const daysPerQuery = 8;

function spansOf(first: string, last: string): Span[] {
  const spans = [];
  for (let from = first; from <= last; from = addDays(from, daysPerQuery)) {
    const end = addDays(from, daysPerQuery - 1);
    // The last instant of a date sorts below `T24`.
    spans.push({ from: `${from}T00`, to: `${end < last ? end : last}T24` });
  }
  return spans;
}

/** What the edge received by local hour (`2026-11-22T07+01:00`), on the dates `first` to `last`. @throws {StoreUnavailable} */
export async function readReceived(
  table: Clocked,
  entity: string,
  first: string,
  last: string,
): Promise<Map<string, number>> {
  const items = await querySpans(table, entity, spansOf(first, last), receivedKey);
  return new Map(items.map((item) => [hourOf(item, receivedKey), sumOf(item)]));
}

function hourOf(item: RawItem, keyOf: (hour: string) => string): string {
  return textOf(item['sk']).slice(keyOf('').length);
}

/** Attributes that are no counters. */
const bookkeeping: ReadonlySet<string> = new Set([expiryAttribute]);

function sumOf(item: RawItem): number {
  return Object.values(numbersOf(item, bookkeeping)).reduce((sum, count) => sum + count, 0);
}

function countedHour(item: RawItem): HourCounters {
  const final = mapOf(item[finalAttribute]);
  return { hour: hourOf(item, hourKey), hot: numbersOf(item, bookkeeping), final: final && numbersOf(final) };
}

/** Names of what an hour is counted from once it is settled: a fifth of the item. */
const settledNames = ['pk', 'sk', finalAttribute, expiryAttribute] as const;

/**
 * Counts of an entity's hours on local dates, first and last included, in order of key. Of hours before `settledHour` the settled numbers alone are
 * read; one that has none is read again as a whole.
 * @param settledHour local hour without its offset (`2026-11-22T07`), up to which hours are settled
 * @throws {StoreUnavailable}
 */
export async function readCountedHours(
  table: Clocked,
  entity: string,
  first: string,
  last: string,
  settledHour: string,
): Promise<HourCounters[]> {
  const spans = spansOf(first, last);
  const settled = spans
    .filter(({ from }) => from < settledHour)
    .map(({ from, to }) => ({ from, to: to < settledHour ? to : settledHour }));
  const open = spans
    .filter(({ to }) => to > settledHour)
    .map(({ from, to }) => ({ from: from > settledHour ? from : settledHour, to }));
  const [early, late] = await Promise.all([
    querySpans(table, entity, settled, hourKey, settledNames),
    querySpans(table, entity, open, hourKey),
  ]);
  const without = early.filter((item) => item[finalAttribute] === undefined);
  const whole = await readKeys(
    table,
    without.map((item) => ({ pk: entity, sk: textOf(item['sk']) })),
  );
  const complete = early.filter((item) => item[finalAttribute] !== undefined);
  return [...complete, ...whole, ...late].map(countedHour).toSorted((a, b) => (a.hour < b.hour ? -1 : 1));
}

import { addDays } from '#core/ledger/time-range.ts';
import type { HourCounters, HourNumbers } from '#core/ledger/report.ts';
import { type ReceivedHour, sumWindows } from '#core/ledger/windows.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { finalAttribute, hourKey, receivedKey, ruleOfAttribute } from './counter-items.ts';
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

type TableWithClock = RawTable & { now: () => number };

/**
 * Reads an entity's hours on local dates `first` to `last`, in order: those with counters or received requests.
 * @throws {StoreUnavailable}
 */
export async function readHourNumbers(
  table: TableWithClock,
  entity: string,
  first: string,
  last: string,
): Promise<HourNumbers[]> {
  const [items, received] = await Promise.all([
    querySpans(table, entity, splitSpans(first, last), hourKey),
    readReceived(table, entity, first, last),
  ]);
  const counted = new Map(items.map(toHourCounters).map((hour) => [hour.hour, hour]));
  const nothing = { hot: {}, final: undefined };
  return [...new Set([...counted.keys(), ...received.keys()])].toSorted().map((hour) => {
    const { requests, refused } = received.get(hour) ?? { requests: {}, refused: {} };
    const logged = { received: sumWindows(requests), receivedByWindow: requests, refused };
    return { ...nothing, ...counted.get(hour), hour, ...logged };
  });
}

/** Local hours without their offset, `from` first; no hour begins with `to`. */
interface Span {
  from: string;
  to: string;
}

async function querySpans(
  table: TableWithClock,
  entity: string,
  spans: readonly Span[],
  keyOf: (hour: string) => string,
  names?: readonly string[],
): Promise<RawItem[]> {
  const items = await Promise.all(
    spans.map(({ from, to }) => queryBetween(table, entity, keyOf(from), keyOf(to), names)),
  );
  return items.flat().filter(isLive(table));
}

/** Filters out expired items: DynamoDB may delete them days later. */
function isLive({ now }: TableWithClock): (item: RawItem) => boolean {
  const seconds = Math.floor(now() / 1000);
  return (item) => (maybeNumberOf(item[expiryAttribute]) ?? Number.POSITIVE_INFINITY) > seconds;
}

/** Spans are read side by side. The hours of 8 days usually fit into one page of 1 MB; larger ones take several. */
const daysPerQuery = 8;

function splitSpans(first: string, last: string): Span[] {
  const spans = [];
  for (let from = first; from <= last; from = addDays(from, daysPerQuery)) {
    const end = addDays(from, daysPerQuery - 1);
    // The last instant of a date sorts below `T24`.
    spans.push({ from: `${from}T00`, to: `${end < last ? end : last}T24` });
  }
  return spans;
}

/** Reads the received requests by local hour (`2026-11-22T07+01:00`) on dates `first` to `last`. @throws {StoreUnavailable} */
export async function readReceived(
  table: TableWithClock,
  entity: string,
  first: string,
  last: string,
): Promise<Map<string, ReceivedHour>> {
  const items = await querySpans(table, entity, splitSpans(first, last), receivedKey);
  return new Map(items.map((item) => [parseHour(item, receivedKey), toReceivedHour(item)]));
}

function toReceivedHour(item: RawItem): ReceivedHour {
  const requests: Record<string, number> = {};
  const refused: Record<string, number> = {};
  for (const [name, count] of Object.entries(numbersOf(item, bookkeeping))) {
    const rule = ruleOfAttribute(name);
    if (rule === undefined) requests[name] = count;
    else refused[rule] = (refused[rule] ?? 0) + count;
  }
  return { requests, refused };
}

function parseHour(item: RawItem, keyOf: (hour: string) => string): string {
  return textOf(item['sk']).slice(keyOf('').length);
}

/** Attributes that are not counters. */
const bookkeeping: ReadonlySet<string> = new Set([expiryAttribute]);

function toHourCounters(item: RawItem): HourCounters {
  const final = mapOf(item[finalAttribute]);
  return { hour: parseHour(item, hourKey), hot: numbersOf(item, bookkeeping), final: final && numbersOf(final) };
}

/** The attributes of a settled hour that readers need: a fifth of the item. */
const settledNames = ['pk', 'sk', finalAttribute, expiryAttribute] as const;

/**
 * Reads the counters of an entity's hours on local dates `first` to `last`, in order. For hours before `settledHour`, it
 * reads the final counters only; hours without them are read again whole.
 * @param settledHour local hour without its offset (`2026-11-22T07`), before which hours are settled
 * @throws {StoreUnavailable}
 */
export async function readCountedHours(
  table: TableWithClock,
  entity: string,
  first: string,
  last: string,
  settledHour: string,
): Promise<HourCounters[]> {
  const spans = splitSpans(first, last);
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
  return [...complete, ...whole, ...late].map(toHourCounters).toSorted((a, b) => (a.hour < b.hour ? -1 : 1));
}

import { localTimeOf } from '#core/enrich/local-time.ts';
import { type Balance, computeBalance, type HourCounters, filterHours } from '#core/ledger/report.ts';
import { addDays, datesToRead, type TimeRange } from '#core/ledger/time-range.ts';
import { type Counters, type DayCounters, countOutcomes } from '#core/stats/counters.ts';
import { buildLedgerEntries, type ReceivedHours } from '#core/stats/ledger-entries.ts';
import { countDates, type DateSpan, listDates, groupConsecutive, settledDates } from '#core/stats/period.ts';
import type { StatsStore } from '#stores/counters/stats.ts';

/** A range as the counters have it. */
export interface RangeCounters extends Counters {
  /** Settled dates that the range holds whole. */
  settled: DateSpan;
  /** Those of them on which something happened. */
  settledDays: readonly DayCounters[];
  /** Undefined where it was not asked for. */
  received: ReceivedHours | undefined;
  /** Settled dates whose hourly counters have expired. */
  expired: readonly DayCounters[];
}

type Reader = Pick<StatsStore, 'hours' | 'days' | 'received'>;

type HourReader = (dates: DateSpan) => Promise<HourCounters[]>;

/**
 * Reads what a range is counted from: settled dates as a whole where it is shown by day.
 * @param settledThrough milliseconds since the epoch
 * @param withReceived also what the edge received, hour by hour: half of what there is to read
 * @throws {StoreUnavailable}
 */
export async function readCounters(
  store: Reader,
  entity: string,
  range: TimeRange,
  settledThrough: number | undefined,
  withReceived: boolean,
): Promise<RangeCounters> {
  const settled = settledDates(range, settledThrough);
  const settledHour = settledThrough === undefined ? '' : localTimeOf(range.pageZone, settledThrough).hour.slice(0, 13);
  const hoursOf: HourReader = ({ first, last }) => store.hours(entity, first, last, settledHour);
  const days = readDays(store, entity, settled);
  const { first, last } = datesToRead(range);
  const [counts, received] = await Promise.all([
    range.interval === 'hour' ? readEveryHour(hoursOf, days, range) : readSettled(hoursOf, days, range, settled),
    withReceived ? store.received(entity, first, last) : undefined,
  ]);
  return { ...counts, settled, received };
}

function readDays(store: Reader, entity: string, { first, last }: DateSpan): Promise<DayCounters[]> {
  return first <= last ? store.days(entity, first, last) : Promise.resolve([]);
}

type Counts = Pick<RangeCounters, 'hours' | 'days' | 'settledDays' | 'expired'>;

/** Hours everywhere, and settled dates where the hours have expired. */
async function readEveryHour(hoursOf: HourReader, days: Promise<DayCounters[]>, range: TimeRange): Promise<Counts> {
  const [items, settledDays] = await Promise.all([hoursOf(datesToRead(range)), days]);
  const hours = filterHours(items, range);
  const alive = new Set(hours.map(dateOf));
  const expired = settledDays.filter((day) => !alive.has(day.date) && happened(day));
  return { hours, days: expired, settledDays, expired };
}

function dateOf({ hour }: HourCounters): string {
  return hour.slice(0, 10);
}

function happened({ numbers }: DayCounters): boolean {
  return Object.values(numbers).some((count) => count > 0);
}

/** Settled dates as a whole, and hours of the rest. A settled date without an item is read by its hours, if it has any. */
async function readSettled(
  hoursOf: HourReader,
  days: Promise<DayCounters[]>,
  range: TimeRange,
  settled: DateSpan,
): Promise<Counts> {
  async function hoursOfRuns(runs: readonly DateSpan[]): Promise<HourCounters[]> {
    return (await Promise.all(runs.map(hoursOf))).flat();
  }
  const [settledDays, rest] = await Promise.all([days, hoursOfRuns(around(datesToRead(range), settled))]);
  const known = new Set(settledDays.map(({ date }) => date));
  const missing = await hoursOfRuns(groupConsecutive(listDates(settled).filter((date) => !known.has(date))));
  const hours = filterHours([...rest, ...missing], range).filter((item) => !known.has(dateOf(item)));
  return { hours, days: settledDays, settledDays, expired: [] };
}

/** Dates of the range before and after the settled ones. */
function around(all: DateSpan, settled: DateSpan): DateSpan[] {
  if (countDates(settled) === 0) return [all];
  const runs = [
    { first: all.first, last: addDays(settled.first, -1) },
    { first: addDays(settled.last, 1), last: all.last },
  ];
  // The date before the first is read for pages that have moved to another zone; whole settled dates need no such care.
  return runs.filter((run) => countDates(run) > 0 && !(run.last < settled.first && countDates(run) === 1));
}

/** Received, what became of it, and the difference, over the whole range. */
export function computeRangeBalance(
  reading: RangeCounters,
  range: TimeRange,
  receivedThrough: number | undefined,
): Balance {
  if (reading.received === undefined) return { received: null, outcomes: countOutcomes(reading), lost: null };
  const { days, hours } = buildLedgerEntries(reading, reading.received, range);
  return computeBalance([...days, ...hours], receivedThrough);
}

/** Says where hours were asked for that are no longer kept. */
export function reportExpiredHours(
  { expired }: RangeCounters,
  { interval }: TimeRange,
): { part: string; message: string }[] {
  const last = expired.at(-1)?.date;
  return interval === 'hour' && last !== undefined
    ? [{ part: 'series', message: `Hourly counters through ${last} are no longer kept; ask by day.` }]
    : [];
}

import { localTimeOf } from '#core/enrich/local-time.ts';
import { type Balance, computeBalance, type HourCounters, filterHours, unknownRequests } from '#core/ledger/report.ts';
import { addDays, datesToRead, type TimeRange } from '#core/ledger/time-range.ts';
import { type Counters, type DayCounters, countOutcomes } from '#core/stats/counters.ts';
import { buildLedgerEntries, type ReceivedHours } from '#core/stats/ledger-entries.ts';
import { countDates, type DateSpan, listDates, groupConsecutive, settledDates } from '#core/stats/period.ts';
import type { StatsStore } from '#stores/counters/stats.ts';

/** The counters of a range. */
export interface RangeCounters extends Counters {
  /** Settled dates that are entirely within the range. */
  settled: DateSpan;
  /** The settled dates with events. */
  settledDays: readonly DayCounters[];
  /** Undefined unless requested. */
  received: ReceivedHours | undefined;
  /** Settled dates without hourly counters, which expire. */
  expired: readonly DayCounters[];
}

type Reader = Pick<StatsStore, 'hours' | 'days' | 'received'>;

type HourReader = (dates: DateSpan) => Promise<HourCounters[]>;

/**
 * Reads the counters of a range: if it is shown by day, whole settled dates and the hours of the other dates.
 * @param settledThrough milliseconds since the epoch
 * @param withReceived also reads the received requests of every hour, which is half of the reads
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

/** Reads hours, and settled dates for hours that have expired. */
async function readEveryHour(hoursOf: HourReader, days: Promise<DayCounters[]>, range: TimeRange): Promise<Counts> {
  const [items, settledDays] = await Promise.all([hoursOf(datesToRead(range)), days]);
  const hours = filterHours(items, range);
  const alive = new Set(hours.map(dateOf));
  const expired = settledDays.filter((day) => !alive.has(day.date) && hasEvents(day));
  return { hours, days: expired, settledDays, expired };
}

function dateOf({ hour }: HourCounters): string {
  return hour.slice(0, 10);
}

function hasEvents({ numbers }: DayCounters): boolean {
  return Object.values(numbers).some((count) => count > 0);
}

/** Reads whole settled dates, and hours of the other dates. A settled date without an item is read by its hours. */
async function readSettled(
  hoursOf: HourReader,
  days: Promise<DayCounters[]>,
  range: TimeRange,
  settled: DateSpan,
): Promise<Counts> {
  async function readHours(runs: readonly DateSpan[]): Promise<HourCounters[]> {
    return (await Promise.all(runs.map(hoursOf))).flat();
  }
  const [settledDays, rest] = await Promise.all([days, readHours(datesAround(datesToRead(range), settled))]);
  const known = new Set(settledDays.map(({ date }) => date));
  const missing = await readHours(groupConsecutive(listDates(settled).filter((date) => !known.has(date))));
  const hours = filterHours([...rest, ...missing], range).filter((item) => !known.has(dateOf(item)));
  return { hours, days: settledDays, settledDays, expired: [] };
}

/** Returns the dates before and after the settled ones. */
function datesAround(all: DateSpan, settled: DateSpan): DateSpan[] {
  if (countDates(settled) === 0) return [all];
  const runs = [
    { first: all.first, last: addDays(settled.first, -1) },
    { first: addDays(settled.last, 1), last: all.last },
  ];
  // The date before the first is only needed for a page whose time zone has changed, and not before a settled date.
  return runs.filter((run) => countDates(run) > 0 && !(run.last < settled.first && countDates(run) === 1));
}

/** Returns received, outcomes and lost of the whole range. */
export function computeRangeBalance(
  counters: RangeCounters,
  range: TimeRange,
  progress: { received: number | undefined; settled: number | undefined },
): Balance {
  if (counters.received === undefined) return { ...unknownRequests, outcomes: countOutcomes(counters) };
  const { days, hours } = buildLedgerEntries({
    counters,
    received: counters.received,
    range,
    settledThrough: progress.settled,
  });
  return computeBalance([...days, ...hours], progress.received);
}

/** Returns an error for the response if hours were requested that have expired. */
export function reportExpiredHours(
  { expired }: RangeCounters,
  { interval }: TimeRange,
): { part: string; message: string }[] {
  const last = expired.at(-1)?.date;
  return interval === 'hour' && last !== undefined
    ? [{ part: 'series', message: `Hourly counters through ${last} have expired. Request \`interval=day\`.` }]
    : [];
}

import { localTimeOf } from '#core/enrich/local-time.ts';
import { type Balance, balanceOf, type CountedHour, hoursWithin } from '#core/ledger/report.ts';
import { addDays, datesOf, type TimeRange } from '#core/ledger/time-range.ts';
import { type Counted, type DayNumbers, outcomesIn } from '#core/stats/counted.ts';
import { intakesOf, type ReceivedHours } from '#core/stats/intakes.ts';
import { countDates, type Dates, datesIn, runsOf, settledDates } from '#core/stats/period.ts';
import type { StatsStore } from '#stores/counters/stats.ts';

/** A range as the counters have it. */
export interface Reading extends Counted {
  /** Settled dates that the range holds whole. */
  settled: Dates;
  /** Those of them on which something happened. */
  settledDays: readonly DayNumbers[];
  /** Undefined where it was not asked for. */
  received: ReceivedHours | undefined;
  /** Settled dates whose hourly counters have expired. */
  expired: readonly DayNumbers[];
}

type Reader = Pick<StatsStore, 'hours' | 'days' | 'received'>;

type HourReader = (dates: Dates) => Promise<CountedHour[]>;

/**
 * Reads what a range is counted from: settled dates as a whole where it is shown by day.
 * @param settledThrough milliseconds since the epoch
 * @param withReceived also what the edge received, hour by hour: half of what there is to read
 * @throws {StoreUnavailable}
 */
export async function readCounted(
  store: Reader,
  pk: string,
  range: TimeRange,
  settledThrough: number | undefined,
  withReceived: boolean,
): Promise<Reading> {
  const settled = settledDates(range, settledThrough);
  const settledHour = settledThrough === undefined ? '' : localTimeOf(range.pageZone, settledThrough).hour.slice(0, 13);
  const hoursOf: HourReader = ({ first, last }) => store.hours(pk, first, last, settledHour);
  const days = readDays(store, pk, settled);
  const { first, last } = datesOf(range);
  const [counts, received] = await Promise.all([
    range.interval === 'hour' ? readEveryHour(hoursOf, days, range) : readSettled(hoursOf, days, range, settled),
    withReceived ? store.received(pk, first, last) : undefined,
  ]);
  return { ...counts, settled, received };
}

function readDays(store: Reader, pk: string, { first, last }: Dates): Promise<DayNumbers[]> {
  return first <= last ? store.days(pk, first, last) : Promise.resolve([]);
}

type Counts = Pick<Reading, 'hours' | 'days' | 'settledDays' | 'expired'>;

/** Hours everywhere, and settled dates where the hours have expired. */
async function readEveryHour(hoursOf: HourReader, days: Promise<DayNumbers[]>, range: TimeRange): Promise<Counts> {
  const [items, settledDays] = await Promise.all([hoursOf(datesOf(range)), days]);
  const hours = hoursWithin(items, range);
  const alive = new Set(hours.map(dateOf));
  const expired = settledDays.filter((day) => !alive.has(day.date) && happened(day));
  return { hours, days: expired, settledDays, expired };
}

function dateOf({ hour }: CountedHour): string {
  return hour.slice(0, 10);
}

function happened({ numbers }: DayNumbers): boolean {
  return Object.values(numbers).some((count) => count > 0);
}

/** Settled dates as a whole, and hours of the rest. A settled date without an item is read by its hours, if it has any. */
async function readSettled(
  hoursOf: HourReader,
  days: Promise<DayNumbers[]>,
  range: TimeRange,
  settled: Dates,
): Promise<Counts> {
  async function hoursOfRuns(runs: readonly Dates[]): Promise<CountedHour[]> {
    return (await Promise.all(runs.map(hoursOf))).flat();
  }
  const [settledDays, rest] = await Promise.all([days, hoursOfRuns(around(datesOf(range), settled))]);
  const known = new Set(settledDays.map(({ date }) => date));
  const missing = await hoursOfRuns(runsOf(datesIn(settled).filter((date) => !known.has(date))));
  const hours = hoursWithin([...rest, ...missing], range).filter((item) => !known.has(dateOf(item)));
  return { hours, days: settledDays, settledDays, expired: [] };
}

/** Dates of the range before and after the settled ones. */
function around(all: Dates, settled: Dates): Dates[] {
  if (countDates(settled) === 0) return [all];
  const runs = [
    { first: all.first, last: addDays(settled.first, -1) },
    { first: addDays(settled.last, 1), last: all.last },
  ];
  // The date before the first is read for pages that have moved to another zone; whole settled dates need no such care.
  return runs.filter((run) => countDates(run) > 0 && !(run.last < settled.first && countDates(run) === 1));
}

/** Received, what became of it, and the difference, over the whole range. */
export function balanceOfReading(reading: Reading, range: TimeRange, receivedThrough: number | undefined): Balance {
  if (reading.received === undefined) return { received: null, outcomes: outcomesIn(reading), lost: null };
  const { days, hours } = intakesOf(reading, reading.received, range);
  return balanceOf([...days, ...hours], receivedThrough);
}

/** Says where hours were asked for that are no longer kept. */
export function expiredHours({ expired }: Reading, { interval }: TimeRange): { part: string; message: string }[] {
  const last = expired.at(-1)?.date;
  return interval === 'hour' && last !== undefined
    ? [{ part: 'series', message: `Hourly counters through ${last} are no longer kept; ask by day.` }]
    : [];
}

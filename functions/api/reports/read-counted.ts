import { balanceOf, type HourNumbers, hoursWithin } from '#core/ledger/report.ts';
import type { OutcomeCounts } from '#core/ledger/outcomes.ts';
import { addDays, datesOf, type TimeRange } from '#core/ledger/time-range.ts';
import { type Counted, type DayNumbers, outcomesIn } from '#core/stats/counted.ts';
import { countDates, type Dates, datesIn, runsOf, settledDates } from '#core/stats/period.ts';
import type { StatsStore } from '#stores/stats.ts';

/** A range as the counters have it. */
export interface Reading extends Counted {
  /** Settled dates that the range holds whole. */
  settled: Dates;
  /** Those of them on which something happened. */
  settledDays: readonly DayNumbers[];
  /** Every hour of the range, where they were asked for: only hours know what was received. */
  everyHour: readonly HourNumbers[] | undefined;
  /** Settled dates whose hourly counters have expired. */
  expired: readonly DayNumbers[];
}

type Reader = Pick<StatsStore, 'hours' | 'days'>;

const dateOf = ({ hour }: HourNumbers): string => hour.slice(0, 10);

const readRuns = async (store: Reader, pk: string, runs: readonly Dates[]): Promise<HourNumbers[]> =>
  (await Promise.all(runs.map(({ first, last }) => store.hours(pk, first, last)))).flat();

/** Dates of the range before and after the settled ones. */
const around = (all: Dates, settled: Dates): Dates[] => {
  if (countDates(settled) === 0) return [all];
  const runs = [
    { first: all.first, last: addDays(settled.first, -1) },
    { first: addDays(settled.last, 1), last: all.last },
  ];
  // The date before the first is read for pages that have moved to another zone; whole settled dates need no such care.
  return runs.filter((run) => countDates(run) > 0 && !(run.last < settled.first && countDates(run) === 1));
};

const readDays = (store: Reader, pk: string, { first, last }: Dates): Promise<DayNumbers[]> =>
  first <= last ? store.days(pk, first, last) : Promise.resolve([]);

const happened = ({ numbers }: DayNumbers): boolean => Object.values(numbers).some((count) => count > 0);

/** Hours everywhere, and settled dates where the hours have expired. */
const readEveryHour = async (store: Reader, pk: string, range: TimeRange, settled: Dates): Promise<Reading> => {
  const { first, last } = datesOf(range);
  const [items, settledDays] = await Promise.all([store.hours(pk, first, last), readDays(store, pk, settled)]);
  const hours = hoursWithin(items, range);
  const alive = new Set(hours.map(dateOf));
  const expired = settledDays.filter((day) => !alive.has(day.date) && happened(day));
  return { hours, days: expired, settled, settledDays, everyHour: hours, expired };
};

/** Settled dates as a whole, and hours of the rest. A settled date without an item is read by its hours, if it has any. */
const readSettled = async (store: Reader, pk: string, range: TimeRange, settled: Dates): Promise<Reading> => {
  const [settledDays, rest] = await Promise.all([
    readDays(store, pk, settled),
    readRuns(store, pk, around(datesOf(range), settled)),
  ]);
  const known = new Set(settledDays.map(({ date }) => date));
  const missing = await readRuns(store, pk, runsOf(datesIn(settled).filter((date) => !known.has(date))));
  const hours = hoursWithin([...rest, ...missing], range).filter((item) => !known.has(dateOf(item)));
  return { hours, days: settledDays, settled, settledDays, everyHour: undefined, expired: [] };
};

/**
 * Reads what a range is counted from.
 * @param everyHour also where settled dates would do, for what was received; always for hourly intervals
 * @throws {StoreUnavailable}
 */
export const readCounted = (
  store: Reader,
  pk: string,
  range: TimeRange,
  settledThrough: number | undefined,
  everyHour: boolean,
): Promise<Reading> => {
  const settled = settledDates(range, settledThrough);
  return everyHour || range.interval === 'hour'
    ? readEveryHour(store, pk, range, settled)
    : readSettled(store, pk, range, settled);
};

/** Received, what became of it, and the difference; null where the hours that know are not there. */
export interface NullableBalance {
  received: number | null;
  outcomes: OutcomeCounts;
  lost: number | null;
}

export const balanceOfReading = (reading: Reading, receivedThrough: number | undefined): NullableBalance => {
  const outcomes = outcomesIn(reading);
  if (reading.everyHour === undefined || reading.expired.length > 0) return { received: null, outcomes, lost: null };
  const { received, lost } = balanceOf(reading.everyHour, receivedThrough);
  return { received, outcomes, lost };
};

/** Says where hours were asked for that are no longer kept. */
export const expiredHours = ({ expired }: Reading, { interval }: TimeRange): { part: string; message: string }[] => {
  const last = expired.at(-1)?.date;
  return interval === 'hour' && last !== undefined
    ? [{ part: 'series', message: `Hourly counters through ${last} are no longer kept; ask by day.` }]
    : [];
};

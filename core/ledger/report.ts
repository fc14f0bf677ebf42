import { addOutcomes, emptyOutcomes, type Numbers, type OutcomeCounts, sumOutcomes } from './outcomes.ts';
import { startOfHour, type TimeRange } from './time-range.ts';

/** Counters of one entity in one local hour. */
export interface HourCounters {
  /** `2026-11-22T07+01:00` */
  hour: string;
  hot: Numbers;
  /** Undefined until the hour is settled. */
  final: Numbers | undefined;
}

export interface HourNumbers extends HourCounters {
  /** Requests that the edge has logged. */
  received: number;
}

/** Received requests and outcomes of an hour or a day. */
export interface LedgerEntry {
  /** Start of its bucket: the hour or date that a series shows. */
  start: string;
  /** Milliseconds since the epoch. */
  end: number;
  /** Null if the hourly counters have expired. */
  received: number | null;
  outcomes: OutcomeCounts;
}

/** Received requests, their outcomes, and the difference. */
export interface Balance {
  /** Null if unknown. */
  received: number | null;
  outcomes: OutcomeCounts;
  /**
   * Received − Σ outcomes, over the hours and days whose request lines are all counted. Null before the first count, and
   * if `received` is unknown. Negative if an event was delivered twice and its hour is not settled yet.
   */
  lost: number | null;
}

/** Returns the hours within the range. Items are read by date, so some are outside. */
export function filterHours<T extends { hour: string }>(items: readonly T[], range: TimeRange): T[] {
  return items.filter(({ hour }) => {
    const start = startOfHour(hour);
    return start >= range.start && start < range.end;
  });
}

/** Returns a balance per hour or day that has entries, in order. */
export function balanceByBucket(
  entries: readonly LedgerEntry[],
  receivedThrough: number | undefined,
): (Balance & { start: string })[] {
  return [...Map.groupBy(entries, ({ start }) => start)]
    .map(([start, some]) => ({ start, ...computeBalance(some, receivedThrough) }))
    .sort(byStart);
}

/** @param receivedThrough milliseconds since the epoch, undefined before the first count */
export function computeBalance(entries: readonly LedgerEntry[], receivedThrough: number | undefined): Balance {
  const outcomes = entries.reduce((sum, entry) => addOutcomes(sum, entry.outcomes), emptyOutcomes());
  const received = sumOf(entries.map((entry) => entry.received));
  if (received === null || receivedThrough === undefined) return { received, outcomes, lost: null };
  const lost = entries
    .filter(({ end }) => end <= receivedThrough)
    .map((entry) => (entry.received ?? 0) - sumOutcomes(entry.outcomes));
  return { received, outcomes, lost: sumOf(lost) };
}

function sumOf(counts: readonly (number | null)[]): number | null {
  return counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0);
}

function byStart(a: { start: string }, b: { start: string }): number {
  return instantOf(a) - instantOf(b);
}

function instantOf({ start }: { start: string }): number {
  return Date.parse(start);
}

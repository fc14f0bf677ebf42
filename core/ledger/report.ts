import { addOutcomes, emptyOutcomes, type Numbers, type OutcomeCounts, sumOutcomes } from './outcomes.ts';
import { startOfHour, type TimeRange } from './time-range.ts';

/** Counters of one entity in one local hour. */
export interface HourCounters {
  /** `2026-11-22T07+01:00` */
  hour: string;
  hot: Numbers;
  /** Settled numbers, once the hour is. */
  final: Numbers | undefined;
}

export interface HourNumbers extends HourCounters {
  /** Requests that the edge logged for it. */
  received: number;
}

/** What came in over an hour or a day, and what became of it. */
export interface LedgerEntry {
  /** Bucket of the range that it belongs to. */
  start: string;
  /** Milliseconds since the epoch. */
  end: number;
  /** Null where the hours that know are no longer kept. */
  received: number | null;
  outcomes: OutcomeCounts;
}

/** Received, what became of it, and the difference. */
export interface Balance {
  /** Null where nobody knows it. */
  received: number | null;
  outcomes: OutcomeCounts;
  /**
   * Received − Σ outcomes over the hours and days whose request lines are all counted: what is still open has lost
   * nothing yet. Null while request lines have never been counted, and where nobody knows what was received. Below zero
   * where an event was delivered twice and its hour is not settled yet.
   */
  lost: number | null;
}

/** Hours of the range out of those read; items of neighbouring days fall away. */
export function filterHours<T extends { hour: string }>(items: readonly T[], range: TimeRange): T[] {
  return items.filter(({ hour }) => {
    const start = startOfHour(hour);
    return start >= range.start && start < range.end;
  });
}

/** A balance per hour or day in which anything happened, in order. */
export function balanceByBucket(
  intakes: readonly LedgerEntry[],
  receivedThrough: number | undefined,
): (Balance & { start: string })[] {
  return [...Map.groupBy(intakes, ({ start }) => start)]
    .map(([start, some]) => ({ start, ...computeBalance(some, receivedThrough) }))
    .sort(byStart);
}

/** @param receivedThrough milliseconds since the epoch, undefined before the first count */
export function computeBalance(intakes: readonly LedgerEntry[], receivedThrough: number | undefined): Balance {
  const outcomes = intakes.reduce((sum, intake) => addOutcomes(sum, intake.outcomes), emptyOutcomes());
  const received = sumOf(intakes.map((intake) => intake.received));
  if (received === null || receivedThrough === undefined) return { received, outcomes, lost: null };
  const lost = intakes
    .filter(({ end }) => end <= receivedThrough)
    .map((intake) => (intake.received ?? 0) - sumOutcomes(intake.outcomes));
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

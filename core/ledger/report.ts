import {
  addOutcomes,
  bestNumbers,
  noOutcomes,
  type Numbers,
  type OutcomeCounts,
  outcomesOf,
  receivedOf,
  sumOfOutcomes,
} from './outcomes.ts';
import { bucketOf, startOfHour, type TimeRange } from './time-range.ts';

const hourLength = 3_600_000;

/** An hourly item of one entity. */
export interface HourNumbers {
  /** `2026-11-22T07+01:00` */
  hour: string;
  hot: Numbers;
  final: Numbers | undefined;
}

/** Received, what became of it, and the difference. */
export interface Balance {
  received: number;
  outcomes: OutcomeCounts;
  /**
   * Received − Σ outcomes over the hours whose request lines are all counted: an hour that is still open has lost
   * nothing yet. Null while request lines have never been counted. Below zero where an event was delivered twice and
   * its hour is not settled yet.
   */
  lost: number | null;
}

/** Hours of the range out of those read; items of neighbouring days fall away. */
export const hoursWithin = (items: readonly HourNumbers[], range: TimeRange): HourNumbers[] =>
  items.filter(({ hour }) => {
    const start = startOfHour(hour);
    return start >= range.start && start < range.end;
  });

/** @param receivedThrough milliseconds since the epoch, undefined before the first count */
export const balanceOf = (items: readonly HourNumbers[], receivedThrough: number | undefined): Balance => {
  const balance: Balance = { received: 0, outcomes: noOutcomes(), lost: receivedThrough === undefined ? null : 0 };
  for (const item of items) {
    const outcomes = outcomesOf(bestNumbers(item));
    const received = receivedOf(item.hot);
    balance.received += received;
    balance.outcomes = addOutcomes(balance.outcomes, outcomes);
    const complete = receivedThrough !== undefined && startOfHour(item.hour) + hourLength <= receivedThrough;
    if (complete) balance.lost = (balance.lost ?? 0) + received - sumOfOutcomes(outcomes);
  }
  return balance;
};

const instantOf = ({ start }: { start: string }): number => Date.parse(start);
const byStart = (a: { start: string }, b: { start: string }): number => instantOf(a) - instantOf(b);

/** A balance per hour or day in which anything happened. */
export const balancesOf = (
  items: readonly HourNumbers[],
  range: TimeRange,
  receivedThrough: number | undefined,
): (Balance & { start: string })[] => {
  const buckets = Map.groupBy(items, ({ hour }) => bucketOf(hour, range));
  return [...buckets].map(([start, hours]) => ({ start, ...balanceOf(hours, receivedThrough) })).sort(byStart);
};

import { hourLength } from '#core/time.ts';
import { erasedAttribute } from '#schemas/counters.ts';
import { settleMinute } from '#schemas/lake-jobs.ts';
import {
  addOutcomes,
  emptyOutcomes,
  type Numbers,
  type OutcomeCounts,
  pickNumbers,
  readOutcomes,
  sumOutcomes,
} from './outcomes.ts';
import { startOfHour, type TimeRange } from './time-range.ts';
import { addRefused, type RefusedCounts } from './refused.ts';
import { countLoggedBefore, type RequestsByWindow, sumWindows } from './windows.ts';

/** Counters of one entity in one local hour. */
export interface HourCounters {
  /** `2026-11-22T07+01:00` */
  hour: string;
  hot: Numbers;
  /** Undefined until the hour is settled. */
  final: Numbers | undefined;
}

export interface HourNumbers extends HourCounters {
  /** Requests that the edge has logged and that become events. */
  received: number;
  receivedByWindow: RequestsByWindow;
  /** Further requests that were refused and only counted. Their outcomes are in no counters. */
  refused: RefusedCounts;
}

/** Received requests and outcomes of an hour or a day. */
export interface LedgerEntry {
  /** Start of its bucket: the hour or date that a series shows. */
  start: string;
  /** Milliseconds since the epoch. */
  end: number;
  /** Null if the hourly counters have expired. */
  received: number | null;
  /** Of these, the requests whose events the outcomes must include by now. */
  due: number;
  settled: boolean;
  outcomes: OutcomeCounts;
  /** Requests of all three numbers that were refused and only counted. */
  refused: RefusedCounts;
  /** Events of `outcomes` that an import has brought: no request of ours. @default 0 */
  imported?: number;
}

/** Received requests, their outcomes, and the difference. */
export interface Balance {
  /** Null if unknown. */
  received: number | null;
  outcomes: OutcomeCounts;
  /** Events of `outcomes` that imports have brought. Null if unknown. */
  imported: number | null;
  /**
   * Requests without an outcome, in the hours and days whose request lines are all counted. Null before the first count,
   * and if `received` is unknown.
   */
  lost: number | null;
  /** Outcomes beyond the requests of an hour: events that were delivered twice, until settle counts them once. */
  surplus: number | null;
  /** ISO instant at which settle is expected to have removed the surplus. Null without one, and if its hours have settled. */
  surplusSettlesAt: string | null;
  /** Requests of `received` and `outcomes` that were refused and not kept as events, by rule. */
  notKept: RefusedCounts;
}

/** What a balance says without the requests. */
export const unknownRequests = {
  received: null,
  imported: null,
  lost: null,
  surplus: null,
  surplusSettlesAt: null,
  notKept: {},
} as const;

/** Returns the requests of an hour whose events its outcomes must include. @param settledThrough milliseconds since the epoch */
export function countDue(requests: RequestsByWindow, settled: boolean, settledThrough: number | undefined): number {
  return settled ? countLoggedBefore(requests, settledThrough) : sumWindows(requests);
}

/** Compares the requests and the outcomes of one hour or day. Neither number hides the other. */
export function compareRequests(entry: Pick<LedgerEntry, 'received' | 'due' | 'outcomes' | 'imported'>): {
  lost: number;
  surplus: number;
} {
  const events = sumOutcomes(entry.outcomes) - (entry.imported ?? 0);
  return { lost: Math.max(0, entry.due - events), surplus: Math.max(0, events - (entry.received ?? 0)) };
}

/** Compares the requests and the outcomes of one hour. @param settledThrough milliseconds since the epoch */
export function compareHour(item: HourNumbers, settledThrough: number | undefined): { lost: number; surplus: number } {
  const erased = item.final?.[erasedAttribute] ?? 0;
  return compareRequests({
    received: item.received - erased,
    due: countDue(item.receivedByWindow, item.final !== undefined, settledThrough) - erased,
    outcomes: readOutcomes(pickNumbers(item)),
  });
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
  const imported = entries.reduce((sum, entry) => sum + (entry.imported ?? 0), 0);
  const notKept = addRefused(entries.map(({ refused }) => refused));
  if (received === null || receivedThrough === undefined)
    return { received, outcomes, imported, lost: null, surplus: null, surplusSettlesAt: null, notKept };
  const compared = entries
    .filter(({ end }) => end <= receivedThrough)
    .map((entry) => ({ ...entry, ...compareRequests(entry) }));
  const provisional = compared.filter(({ surplus, settled }) => surplus > 0 && !settled).map(({ end }) => end);
  return {
    received,
    outcomes,
    imported,
    lost: compared.reduce((sum, { lost }) => sum + lost, 0),
    surplus: compared.reduce((sum, { surplus }) => sum + surplus, 0),
    surplusSettlesAt:
      provisional.length === 0 ? null : new Date(Math.max(...provisional.map(expectSettled))).toISOString(),
    notKept,
  };
}

/** Settle runs once an hour and takes a few minutes. */
const settleDelay = (settleMinute + 5) * 60_000;

/**
 * Returns when an hour or a day that ends at this time is expected to be settled. Local hours of some zones end within a UTC
 * hour, and settle with it.
 */
export function expectSettled(end: number): number {
  return Math.ceil(end / hourLength) * hourLength + settleDelay;
}

/** Returns the same, or if that is over, when the next settle is expected to have ended. */
export function expectSettledAfter(end: number, now: number): number {
  const expected = expectSettled(end);
  if (expected > now) return expected;
  const next = expectSettled(Math.floor(now / hourLength) * hourLength);
  return next > now ? next : next + hourLength;
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

import { hourLength } from '#core/time.ts';
import { endOf, type UtcHour } from './hours.ts';

/** Milliseconds after its end before an hour may close: longer than redelivery and batching take. */
export const closingGrace = 10 * 60_000;

/** Older hours close even if messages wait: a stuck queue has its own alarm, and late events settle later. */
export const longestBacklogHours = 6;

/** Share of its events that may be missing from an hour that closes. One that arrives later makes the hour dirty. */
const tolerance = 0.01;

/** The state of an hour in the queues and the counters. */
export interface Backlog {
  /** Messages in both queues, including those in flight. */
  waiting: number;
  /** Events that the edge received in the hour; undefined until all of its log windows are counted. */
  received: number | undefined;
  /** Events of the hour that have reached the counters. */
  arrived: number;
}

/**
 * Returns whether an hour's events have arrived, but for a few that may be lost: one, or 1%. Under steady traffic the
 * queues are never empty, so the counters decide.
 */
export function hasArrived({ waiting, received, arrived }: Backlog): boolean {
  if (waiting === 0) return true;
  return received !== undefined && arrived > 0 && received - arrived <= Math.max(1, received * tolerance);
}

/** Returns the end of the last hour that is over for the grace period, in milliseconds since the epoch. */
export function lastClosableEnd(now: number): number {
  return Math.floor((now - closingGrace) / hourLength) * hourLength;
}

/** The clocks of two functions differ by less. */
const clockTolerance = 5 * 60_000;

/**
 * Returns whether settle may have listed the raw files of an hour by now. A file that rollup counts before that is in
 * every listing, because it exists; one that it counts later may be missing, so its hour is marked.
 */
export function mayBeListed(hour: UtcHour, now: number): boolean {
  return now >= endOf(hour) + closingGrace - clockTolerance;
}

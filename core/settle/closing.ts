import { hourLength } from '#core/time.ts';

/** Minutes after its end before an hour may close: longer than redelivery and batching take. */
export const graceMinutes = 10;
const grace = graceMinutes * 60_000;
/** After this many hours it closes even if messages wait: a stuck queue has its own alarm, and late events settle later. */
export const closeAnywayHours = 6;
const closeAnyway = closeAnywayHours * hourLength;

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
 * Returns whether an hour may close.
 * @param hourEnd milliseconds since the epoch, like `now`
 */
export function mayClose(hourEnd: number, now: number, backlog: Backlog): boolean {
  return now >= hourEnd + grace && (isDrained(backlog) || now >= hourEnd + closeAnyway);
}

/** Under steady traffic the queues are never empty, so it is enough that every received event has been counted. */
function isDrained({ waiting, received, arrived }: Backlog): boolean {
  return waiting === 0 || (received !== undefined && arrived >= received);
}

/** Returns the end of the last hour that is over for the grace period, in milliseconds since the epoch. */
export function lastClosableEnd(now: number): number {
  return Math.floor((now - grace) / hourLength) * hourLength;
}

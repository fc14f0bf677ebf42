import { millisecondsOfHour } from './hours.ts';

/** Minutes after the end of an hour before it may close: redelivery and batching windows are shorter. */
export const graceMinutes = 10;
const grace = graceMinutes * 60_000;
/** An hour this old closes although messages wait: a stuck queue has its own alarm, and what comes late settles later. */
export const closeAnywayHours = 6;
const patience = closeAnywayHours * millisecondsOfHour;

/** What the queues and counters say of an hour. */
export interface Backlog {
  /** Messages in both queues, those in flight included. */
  waiting: number;
  /** Events that the edge received in the hour; undefined while not all of its log windows are counted. */
  received: number | undefined;
  /** Events of the hour that reached the counters. */
  arrived: number;
}

/**
 * Whether an hour may close.
 * @param hourEnd and now in milliseconds since the epoch
 */
export function mayClose(hourEnd: number, now: number, backlog: Backlog): boolean {
  return now >= hourEnd + grace && (isDrained(backlog) || now >= hourEnd + patience);
}

/**
 * Nothing of the hour is on its way: both queues are empty, or as many of its events have been counted as the edge
 * received. Under steady traffic the queues are never empty.
 */
function isDrained({ waiting, received, arrived }: Backlog): boolean {
  return waiting === 0 || (received !== undefined && arrived >= received);
}

/** The end of the last hour whose grace is over, milliseconds since the epoch. */
export function lastClosableEnd(now: number): number {
  return Math.floor((now - grace) / millisecondsOfHour) * millisecondsOfHour;
}

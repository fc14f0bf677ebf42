import { dayLength } from '#core/time.ts';
import type { RefusedCounts } from './refused.ts';

/** Request lines are counted in windows of 15 minutes, aligned to the clock in UTC. */
export const windowLength = 15 * 60_000;

/** Milliseconds since the epoch, `end` exclusive. `name` is part of attribute names and keys. */
export interface LogWindow {
  name: string;
  start: number;
  end: number;
}

/** The windows that a run counts, oldest first. */
export interface WindowPlan {
  closed: LogWindow[];
  /** The current window. */
  open: LogWindow;
}

/** How far back a run catches up after an outage: the retention of the log lines. */
export const longestOutage = 7 * dayLength;

/**
 * Returns the closed windows to count at `time`: the last two, because lines may arrive late, and after missed runs all
 * windows since the one before `through`.
 */
export function planWindows(time: number, through: number | undefined): WindowPlan {
  const open = windowAt(time);
  const caughtUp = open.start - windowLength;
  const from = Math.max(Math.min(through ?? caughtUp, caughtUp) - windowLength, open.start - longestOutage);
  const closed: LogWindow[] = [];
  for (let at = windowAt(from).start; at < open.start; at += windowLength) closed.push(windowAt(at));
  return { closed, open };
}

/** Returns the window of a time. */
export function windowAt(epochMs: number): LogWindow {
  const start = Math.floor(epochMs / windowLength) * windowLength;
  return { name: formatName(start), start, end: start + windowLength };
}

/** Requests that become events, by the name of the log window that counted them. */
export type RequestsByWindow = Readonly<Record<string, number>>;

/** What the edge logged for one hour. */
export interface ReceivedHour {
  requests: RequestsByWindow;
  refused: RefusedCounts;
}

export function sumWindows(requests: RequestsByWindow): number {
  return Object.values(requests).reduce((sum, count) => sum + count, 0);
}

/**
 * Returns the requests that were logged before a time. Requests for an hour may come up to a day after it: those that
 * settle has not seen yet have no outcome in the hour's final counters.
 * @param end milliseconds since the epoch; undefined for none
 */
export function countLoggedBefore(requests: RequestsByWindow, end: number | undefined): number {
  if (end === undefined) return 0;
  return Object.entries(requests).reduce((sum, [name, count]) => (endOfWindow(name) <= end ? sum + count : sum), 0);
}

function endOfWindow(name: string): number {
  const [, date = '', hour = '', minute = ''] = windowPattern.exec(name) ?? [];
  return Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${hour}:${minute}:00Z`) + windowLength;
}

const windowPattern = /^(\d{8})T(\d{2})(\d{2})$/;

/** `20261122T0715` */
function formatName(start: number): string {
  return new Date(start).toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
}

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
export const longestOutage = 7 * 86_400_000;

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

/** `20261122T0715` */
function formatName(start: number): string {
  return new Date(start).toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
}

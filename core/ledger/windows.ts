/** Log time is counted in windows of 15 minutes, aligned to the clock in UTC. */
export const windowLength = 15 * 60_000;

/** Milliseconds since the epoch, `end` exclusive; `name` is the window's part of attribute names and keys. */
export interface LogWindow {
  name: string;
  start: number;
  end: number;
}

/** What one run has to count, oldest first. */
export interface WindowPlan {
  closed: LogWindow[];
  /** The window that the moment lies in. */
  open: LogWindow;
}

/** How far back a run catches up after an outage: as long as log lines are kept. */
export const longestOutage = 7 * 86_400_000;

/**
 * Windows closed at `time` that have to be counted: the last two (the second for lines that came late), and where
 * earlier runs were missed all since the one before `through`.
 */
export function planWindows(time: number, through: number | undefined): WindowPlan {
  const open = windowAt(time);
  const caughtUp = open.start - windowLength;
  const from = Math.max(Math.min(through ?? caughtUp, caughtUp) - windowLength, open.start - longestOutage);
  const closed: LogWindow[] = [];
  for (let at = windowAt(from).start; at < open.start; at += windowLength) closed.push(windowAt(at));
  return { closed, open };
}

/** The window that a moment lies in. */
export function windowAt(epochMs: number): LogWindow {
  const start = Math.floor(epochMs / windowLength) * windowLength;
  return { name: nameOf(start), start, end: start + windowLength };
}

/** `20261122T0715` for the window that begins then. */
function nameOf(start: number): string {
  return new Date(start).toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
}

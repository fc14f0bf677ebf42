import type { LocalDay } from './local-days.ts';

/** UTC hours, as milliseconds since the epoch, in which the stack counted any event, and in which its canary did. */
export interface Heartbeat {
  stack: ReadonlySet<number>;
  canary: ReadonlySet<number>;
}

/** Dates on which nothing came in from anybody: a gap, and not a day without visitors. */
export function silentDates(
  days: readonly LocalDay[],
  stack: ReadonlySet<number>,
  counted: ReadonlySet<string>,
): Set<string> {
  return new Set(
    days
      .filter((day) => !counted.has(day.date) && !hoursOf(day).some((hour) => stack.has(hour)))
      .map(({ date }) => date),
  );
}

const hourLength = 3_600_000;

/** UTC hours that a local day touches. */
function hoursOf({ start, end }: LocalDay): number[] {
  const hours: number[] = [];
  for (let at = Math.floor(start / hourLength) * hourLength; at < end; at += hourLength) hours.push(at);
  return hours;
}

/** A deploy or a slow hour may cost one; two are an outage of ours and no news of the page. */
const toleratedHours = 1;

/**
 * Whether the stack itself stood still for part of the day. The canary clicks once a minute, so where there is one, an
 * hour without any event is an hour in which nothing was received.
 */
export function wasDown(day: LocalDay, { stack, canary }: Heartbeat): boolean {
  const hours = hoursOf(day);
  if (!hours.some((hour) => canary.has(hour))) return false;
  return hours.filter((hour) => !stack.has(hour)).length > toleratedHours;
}

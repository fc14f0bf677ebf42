import { hourLength } from '#core/time.ts';
import type { LocalDay } from './local-days.ts';

/** UTC hours, in milliseconds since the epoch, in which the stack counted an event, and in which the canary did. */
export interface Heartbeat {
  stack: ReadonlySet<number>;
  canary: ReadonlySet<number>;
}

/** Returns the dates on which the whole stack received nothing: gaps, not days without visitors. */
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

/** Returns the UTC hours that a local day touches. */
function hoursOf({ start, end }: LocalDay): number[] {
  const hours: number[] = [];
  for (let at = Math.floor(start / hourLength) * hourLength; at < end; at += hourLength) hours.push(at);
  return hours;
}

/** A deployment may cost one hour; two are an outage of the stack, not of the page. */
const toleratedHours = 1;

/**
 * Returns whether the stack itself was down for part of the day. The canary clicks every five minutes, so an hour without its
 * clicks is an hour in which nothing was received.
 */
export function wasDown(day: LocalDay, { stack, canary }: Heartbeat): boolean {
  const hours = hoursOf(day);
  if (!hours.some((hour) => canary.has(hour))) return false;
  return hours.filter((hour) => !stack.has(hour)).length > toleratedHours;
}

import { collectLimits } from '#schemas/collect-event.ts';

/**
 * Returns the time under which an event is filed, or undefined if it is too old. A time in the future becomes the time of
 * receipt, because the clocks of browsers are often wrong; an old event is not moved, because it would be counted on a
 * day on which it did not happen.
 * @param occurredAt the client's time, if it sent one
 * @param receivedAt both in milliseconds since the epoch
 */
export function eventTime(occurredAt: number | null | undefined, receivedAt: number): number | undefined {
  if (occurredAt === null || occurredAt === undefined) return receivedAt;
  if (occurredAt < receivedAt - collectLimits.age) return undefined;
  return Math.trunc(Math.min(occurredAt, receivedAt));
}

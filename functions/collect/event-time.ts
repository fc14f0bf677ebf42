import { type CollectEvent, collectLimits } from '#schemas/collect-event.ts';

/**
 * Returns the time under which an event is filed, or undefined if it is too old. A time in the future becomes the time of
 * receipt; an old event is not moved, because it would be counted on a day on which it did not happen.
 *
 * Times by a wrong clock are corrected by the difference between sending and receipt, if the client says when it sent the
 * event. Times by a clock that is right stay as they are, so that a retry is filed under the same time. A correction is
 * rounded down to a minute: requests take different times, and a retry should not fall into another hour.
 * @param receivedAt milliseconds since the epoch
 * @param age milliseconds by which an event may be older than its receipt
 */
export function eventTime(
  { occurredAt, sentAt }: Pick<CollectEvent, 'occurredAt' | 'sentAt'>,
  receivedAt: number,
  age: number = collectLimits.age,
): number | undefined {
  if (occurredAt === null || occurredAt === undefined) return receivedAt;
  const error = sentAt === null || sentAt === undefined ? 0 : receivedAt - sentAt;
  const corrected = Math.abs(error) > collectLimits.clockError ? occurredAt + roundDown(error) : occurredAt;
  if (corrected < receivedAt - age) return undefined;
  return Math.trunc(Math.min(corrected, receivedAt));
}

function roundDown(error: number): number {
  return Math.floor(error / 60_000) * 60_000;
}

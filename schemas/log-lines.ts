/**
 * Lines that the edge functions write to their logs as part of the contract, one JSON object per line.
 *
 * `request` is written before the answer and before any event exists: it is how `received` is measured independently
 * of the events. `click.unsent` holds an event that SQS did not take; `hopcount recover` replays it.
 */
export const requestMessage = 'request';
export const unsentMessage = 'click.unsent';

/** No address, no user agent: only what the ledger counts by. */
export interface RequestLine {
  message: typeof requestMessage;
  /** `event_id` of the event that this request should end as. */
  id: string;
  /** The event's `occurred_at`, in milliseconds since the epoch: `received` and the row are counted in the same hour. */
  at: number;
  /** When it was received, if that is not `at`. A client that sends an event again sends the same id and time. */
  received?: number | undefined;
  page: string | null;
  link: string | null;
  campaign: string | null;
}

export interface UnsentLine {
  message: typeof unsentMessage;
  /** Why the queue did not take it. */
  error: string;
  /** The message body as it would have been sent. Addresses live here at most 7 days. */
  body: string;
}

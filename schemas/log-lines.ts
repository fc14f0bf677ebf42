/**
 * Lines that the edge functions write to their logs as part of the contract, one JSON object per line.
 *
 * `request` is written before the response and before any event exists: it is how `received` is measured independently
 * of the events. `request.refused` counts refused requests that never become events, because there were too many in that
 * minute. `click.unsent` holds an event that SQS did not take; `hopcount recover` replays it.
 */
export const requestMessage = 'request';
export const refusedMessage = 'request.refused';
export const unsentMessage = 'click.unsent';

/** Requests to collect for no registered page, by reason, and events that a tracker gave up. Only people read these. */
export const droppedMessage = 'collect.dropped';
export const clientDroppedMessage = 'client.dropped';

/** Calls of an SDK that make no event, by name: `{ "$identify": 2 }`. Only people read it. */
export const callsMessage = 'sdk.calls';

/**
 * Metrics that functions write, each because an alarm watches it. A metric is billed for each hour in which it is sent, so
 * a number that no alarm needs is a log field instead: Logs Insights and the CloudWatch dashboard read those.
 */
export const metricNames = [
  'CanaryFailed',
  'LookupFailed',
  'Lost',
  'LakeProblems',
  'QueryOverBudget',
  'MessagesDead',
] as const;
export type MetricName = (typeof metricNames)[number];

/** Rule of a {@link RefusedLine}: the link or page could not be read, so the request is counted for the stack alone. */
export const lookupFailedRule = 'lookup.failed';

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
}

/** Refused requests, or events of one batch, that are counted and not kept. It holds no id: nothing else exists of them. */
export interface RefusedLine {
  message: typeof refusedMessage;
  /** When they were received, in milliseconds since the epoch. */
  at: number;
  /** Why they were refused: `refused.origin`, `method.POST`, `link.unknown`, or `invalid.title` for an invalid field. */
  rule: string;
  count: number;
  page: string | null;
  link: string | null;
}

/** Returns the outcome of requests that were refused by this rule. An invalid field makes an event that cannot be read. */
export function outcomeOfRule(rule: string): 'failed' | 'refused' {
  return rule.startsWith('invalid.') ? 'failed' : 'refused';
}

export interface UnsentLine {
  message: typeof unsentMessage;
  /** Why the queue did not take it. */
  error: string;
  /** The message body as it would have been sent. Addresses live here at most 7 days. */
  body: string;
}

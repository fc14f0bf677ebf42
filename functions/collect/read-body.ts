import { describeFieldError, describeIssue } from '#core/field-error.ts';
import { isDeeper } from '#core/json-depth.ts';
import { hideIds, redactEmails } from '#core/edge/visitor-text.ts';
import { largestAmount, readCurrency, readMoney } from '#core/money.ts';
import { pagePathPattern } from '#schemas/catalog-rules.ts';
import { type CollectEvent, collectEventSchema, collectLimits } from '#schemas/collect-event.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One event as it was sent. `large` exceeds a limit, which `problem` names, and is not checked further. */
export type SentEvent =
  | { kind: 'object'; fields: Fields }
  | { kind: 'other'; text: string }
  | { kind: 'large'; text: string; problem: string };

/**
 * Splits a body into its events: a JSON array is a batch, anything else is one event. A batch with too many events, or too
 * many bytes to parse, counts as one event.
 * @param bytes size of the body as it was sent
 */
export function readBody(text: string, bytes: number): { batch: boolean; events: SentEvent[] } {
  if (bytes > collectLimits.batchBytes)
    return single({
      kind: 'large',
      text,
      problem: `The body has ${bytes} bytes; the limit is ${collectLimits.batchBytes}.`,
    });
  const json = parseJson(text);
  if (!Array.isArray(json) || json.length === 0) return single(sentEvent(json, text, bytes));
  if (json.length > collectLimits.batchEvents) {
    const problem = `The batch has ${json.length} events; the limit is ${collectLimits.batchEvents}.`;
    return single({ kind: 'large', text, problem });
  }
  const events = json.map((event: unknown) => {
    const own = JSON.stringify(event);
    return sentEvent(event, own, Buffer.byteLength(own));
  });
  return { batch: true, events };
}

function single(event: SentEvent) {
  return { batch: false, events: [event] };
}

function sentEvent(json: unknown, text: string, bytes: number): SentEvent {
  if (bytes > collectLimits.event)
    return { kind: 'large', text, problem: `The event has ${bytes} bytes; the limit is ${collectLimits.event}.` };
  return isObject(json) ? { kind: 'object', fields: json } : { kind: 'other', text };
}

function parseJson(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return isDeeper(json) ? undefined : json;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// An unparsed body is only searched in its first characters.
const searched = 4096;

const pageInText = /"page"\s*:\s*"([^"\\]{1,80})"/;

/** Returns the page that an event names; undefined if it names no valid path. */
export function pageOfEvent(event: SentEvent): string | undefined {
  const page = event.kind === 'object' ? event.fields['page'] : pageInText.exec(event.text.slice(0, searched))?.[1];
  return typeof page === 'string' && pagePathPattern.test(page) ? page : undefined;
}

/** What is wrong with an event. `field` is `body` if it is not a JSON object. */
export interface EventProblem {
  field: string;
  value: unknown;
  /** What the field must be: `a number`. */
  allowed: string;
}

export type ReadEvent = { kind: 'event'; event: CollectEvent } | { kind: 'unreadable'; problem: EventProblem };

/** @param page the request's registered page, used if the event names none */
export function readEvent(sent: Exclude<SentEvent, { kind: 'large' }>, page: string): ReadEvent {
  if (sent.kind === 'other') {
    const problem = {
      field: 'body',
      value: hideIds(redactEmails(sent.text)).slice(0, 1000),
      allowed: 'a JSON object, or an array of them',
    };
    return { kind: 'unreadable', problem };
  }
  const parsed = collectEventSchema.safeParse({ page, ...sent.fields }, { error: describeIssue });
  if (parsed.success) {
    const problem = moneyProblem(parsed.data);
    return problem ? { kind: 'unreadable', problem } : { kind: 'event', event: parsed.data };
  }
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? 'body');
  const problem = { field, value: sent.fields[field], allowed: issue?.message ?? 'valid' };
  return { kind: 'unreadable', problem };
}

function moneyProblem({ value, currency }: CollectEvent): EventProblem | undefined {
  const amount = value ?? undefined;
  if (amount === undefined && (currency ?? undefined) === undefined) return undefined;
  if (readCurrency(currency) === undefined)
    return { field: 'currency', value: currency, allowed: 'an ISO 4217 code such as EUR, which `value` needs' };
  if (amount === undefined || readMoney(amount, currency) !== undefined) return undefined;
  const most = `at most ${largestAmount.toLocaleString('en')} of its currency's smallest units`;
  return { field: 'value', value, allowed: `a decimal number such as 19.99, ${most}` };
}

/** Returns the problem as a sentence with the field, its value and what is allowed. */
export function describeProblem({ field, value, allowed }: EventProblem): string {
  return describeFieldError({ field, value: value === undefined ? null : jsonText(value), allowed });
}

/** Returns the value as it appears in a response: at most 120 characters. */
export function shownValue(value: unknown): string {
  return value === undefined ? 'nothing' : jsonText(value).slice(0, 120);
}

function jsonText(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}

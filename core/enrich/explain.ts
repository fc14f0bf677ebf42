import { z } from 'zod';
import { messageOf, type EdgeRequest } from '#core/edge/edge-request.ts';
import { decideRequest } from '#core/links/decide.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { clientHintHeaders, edgeHeaders, olderPurposeHeaders } from '#schemas/edge-headers.ts';
import type { EventRow, Outcome } from '#schemas/event.ts';
import { type EnrichContext, enrichEvent } from './enrich-event.ts';
import { readMessage } from './read-message.ts';

const headerValue = z.string().nullable();

/**
 * A request to explain. A header that is `null` or empty is known to be absent; a field left out is unknown.
 * `headers` lists further headers: if it names any, all headers it does not name are known to be absent.
 */
export const requestSchema = z.object({
  ip: z.string().nullish(),
  port: z.int().min(1).max(65_535).nullish(),
  /** Autonomous system of the address, as CloudFront sends it. */
  asn: z.int().min(1).max(2_147_483_647).nullish(),
  userAgent: headerValue.optional(),
  referrer: headerValue.optional(),
  method: z.string().default('GET'),
  headers: z.record(z.string(), headerValue).default({}),
  /** Without the question mark. */
  query: z.string().default(''),
});
export type ExplainedRequest = z.input<typeof requestSchema>;

export interface ExplainOptions {
  context: EnrichContext;
  /** Time of the request, in milliseconds since the epoch. */
  now: number;
}

export interface Explanation {
  event: EventRow;
  outcome: Outcome;
  /** Name of the rule that decided the outcome. */
  rule: string;
}

/**
 * Returns the enriched event, outcome and rule that a request to an open link would get, using the same code that
 * handles messages.
 * @throws {z.ZodError} if the request is invalid
 */
export function explainRequest(request: ExplainedRequest, { context, now }: ExplainOptions): Explanation {
  const message = messageFor(requestSchema.parse(request), now);
  const read = readMessage({ messageId: 'explain', body: JSON.stringify(message), sentAt: now });
  const { row } = enrichEvent(read, context);
  return { event: row, outcome: row.outcome, rule: row.outcome_rule };
}

function messageFor(request: z.output<typeof requestSchema>, now: number): ClickMessage {
  const { userAgent, referrer } = request;
  const given = lowerCased(request.headers);
  const headers = folded({
    ...given,
    ...(userAgent === undefined ? {} : { [edgeHeaders.userAgent]: userAgent }),
    ...(referrer === undefined ? {} : { [edgeHeaders.referrer]: referrer }),
  });
  const facts = factsOf(request, headers, now);
  const edge =
    facts.method === 'HEAD' ? { outcome: 'head' as const, rule: 'method.HEAD' } : (decideRequest(facts) ?? null);
  const base = messageOf(facts, '0');
  return {
    ...base,
    address: request.ip?.slice(0, 64) || null,
    port: request.port ?? null,
    asn: request.asn ?? base.asn,
    headers: headersOf(headers, Object.keys(given).length > 0),
    outcome: edge?.outcome ?? null,
    rule: edge?.rule ?? null,
  };
}

type Headers = Record<string, string | null>;

function lowerCased(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Folds the headers as CloudFront's viewer function does. */
function folded(headers: Headers): Headers {
  const older = olderPurposeHeaders.map((name) => headers[name]).find((value) => value);
  const hints = clientHintHeaders.flatMap((name) => (headers[name] ? [[name, headers[name]]] : []));
  return {
    ...headers,
    [edgeHeaders.purpose]: headers[edgeHeaders.purpose] ?? older ?? null,
    [edgeHeaders.privacy]: headers[edgeHeaders.privacy] ?? headers['dnt'] ?? null,
    [edgeHeaders.hints]: new URLSearchParams(hints).toString(),
  };
}

function factsOf(request: z.output<typeof requestSchema>, headers: Headers, now: number): EdgeRequest {
  const sent = Object.entries(headers).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));
  return {
    method: request.method.toUpperCase(),
    path: '/',
    query: request.query,
    at: now,
    headers: Object.fromEntries(sent),
    replayed: true,
  };
}

/** Sets headers known to be absent to null, and leaves unknown ones out. */
function headersOf(headers: Headers, listed: boolean): ClickMessage['headers'] {
  function known(name: string): string | null | undefined {
    return headers[name] || (name in headers ? null : undefined);
  }
  const unlisted = listed ? null : undefined;
  return {
    userAgent: known(edgeHeaders.userAgent),
    referrer: known(edgeHeaders.referrer),
    accept: known(edgeHeaders.accept) ?? unlisted,
    acceptLanguage: known(edgeHeaders.acceptLanguage) ?? unlisted,
    hints: known(edgeHeaders.hints),
  };
}

/** Formats an explanation as one line of JSON, with 64-bit numbers as decimal strings, as in the messages. */
export function explanationText(explanation: Explanation): string {
  return JSON.stringify(explanation, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

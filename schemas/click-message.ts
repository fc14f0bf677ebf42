import { z } from 'zod';
import { eventTypes } from './event.ts';

/**
 * What the edge hands to enrich through SQS: the facts of one request, nothing derived. Only types are imported by
 * redirect, whose bundle must not hold zod.
 *
 * A header that the source knows to be absent is `null`; one that the source cannot know (a log has no
 * `accept-language`) is missing.
 */

/** Outcomes that the edge itself decides; the rest are enrich's. */
export const edgeOutcomes = ['prefetch', 'head', 'disabled', 'expired', 'refused', 'identify'] as const;
export type EdgeOutcome = (typeof edgeOutcomes)[number];

const header = z.string().nullable().optional();

export const clickMessageSchema = z.object({
  version: z.literal(1),
  /** 64 bits as a signed decimal string: random, or derived from the client's own id of the event. */
  id: z.string().regex(/^-?\d{1,19}$/, 'must be a signed 64-bit decimal'),
  /** True if `id` derives from an id that the client gave the event: repeats are then found by the id alone. */
  ownId: z.boolean().optional(),
  type: z.enum(eventTypes),
  /** Milliseconds since the epoch: when it happened, and when the edge received it. */
  occurredAt: z.number(),
  receivedAt: z.number(),
  page: z.string().nullable(),
  link: z.string().nullable(),
  destination: z.string().nullable(),
  title: z.string().nullable(),
  campaign: z.string().nullable(),
  /** What sent the event: an SDK, `tracker`, which is also own code, or `pixel`. Missing for requests to short links and link pages. */
  sdk: z.string().optional(),
  /** Letter of the destination that a split test chose. */
  variant: z.string().optional(),
  method: z.string(),
  /** Decided at the edge, with the rule that decided it. */
  outcome: z.enum(edgeOutcomes).nullable(),
  rule: z.string().nullable(),
  /** What enrich reads of the query, without the question mark: UTM parameters, and the names of click ids. */
  query: z.string(),
  /** 16 bits of a hash of the whole query of a tracked page, so that views of `/?p=1` and `/?p=2` are no repeats. */
  queryHash: z.string().optional(),
  address: z.string().nullable(),
  port: z.number().int().nullable(),
  /** From CloudFront; null when it does not say. */
  country: z.string().nullable(),
  asn: z.number().int().nullable(),
  /** Global Privacy Control or Do Not Track. */
  privacy: z.boolean(),
  headers: z.object({
    userAgent: header,
    referrer: header,
    accept: header,
    acceptLanguage: header,
    /** Client hints, as a query string: `sec-ch-ua-mobile=%3F1&…`. */
    hints: header,
  }),
  /** From the tracker. */
  session: z.string().nullable(),
  /** Keyed hashes of the person's ids (`core/visitors/person-id.ts`): as a user, and before. The edge forgets the ids. */
  consentedId: z.string().nullable(),
  anonymousId: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).nullable(),
  /** Amount of a custom event, in the smallest unit of its currency. */
  money: z.object({ minor: z.int(), currency: z.string().regex(/^[A-Z]{3}$/) }).optional(),
  /** A replayed event is evaluated against its own clock, never against today. */
  replayed: z.boolean(),
});

export type ClickMessage = z.infer<typeof clickMessageSchema>;

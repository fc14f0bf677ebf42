import * as z from 'zod/mini';
import { pagePathPattern } from './catalog-rules.ts';
import { eventTypes } from './event.ts';

/**
 * Body of `POST /e`: one event as a JSON object, or a batch as an array of events, whatever the content type (the
 * tracker sends text/plain so that no preflight is needed). Texts longer than the event contract keeps are cut, not
 * refused.
 */
export const collectLimits = {
  /** Bytes of one event; more is a 413. */
  event: 16_384,
  /** Events and bytes of a batch. Browsers let a page that is left send at most 64 KiB. */
  batchEvents: 50,
  batchBytes: 65_536,
  /** Milliseconds between an event and its receipt. An older one is refused: strangers must not change closed days. */
  age: 24 * 3_600_000,
  /** The same for servers, which have a key: a day less than enrich accepts, in case an event waits. */
  serverAge: 29 * 24 * 3_600_000,
  /** Milliseconds by which a client's clock may be wrong before its times are corrected. */
  clockError: 5 * 60_000,
  properties: 50,
  propertyName: 64,
  propertyText: 1024,
  /** Characters of all properties as JSON: with the name and the address they fit the event's 8,192 uncut. */
  propertiesText: 5_000,
} as const;

const optionalText = z.nullish(z.string());
const propertyValue = z.union([
  z.string().check(z.maxLength(collectLimits.propertyText)),
  z.number(),
  z.boolean(),
  z.null(),
]);

export const collectEventSchema = z
  .object({
    page: z.string().check(z.regex(pagePathPattern)),
    /** The client's own id of the event, with at least 64 random bits. A retry sends the same one. */
    id: z.nullish(
      z.string().check(z.regex(/^[\w-]{16,64}$/, { error: '16 to 64 letters, digits, hyphens and underscores' })),
    ),
    type: z.enum(eventTypes),
    /** Address of the document, with its query: campaign parameters are read from it. */
    url: optionalText,
    /** The fragment of `url` is part of the address, as in applications with hash routes. */
    hash: z.nullish(z.boolean()),
    /** `document.referrer`. */
    referrer: optionalText,
    /** Title of the document, or text of an outbound link. */
    title: optionalText,
    /** Where an outbound click leads. */
    destination: optionalText,
    /** Name of a custom event. */
    name: z.nullish(z.string().check(z.minLength(1), z.maxLength(collectLimits.propertyName))),
    properties: z.nullish(
      z.record(z.string().check(z.maxLength(collectLimits.propertyName)), propertyValue).check(
        z.refine((properties) => Object.keys(properties).length <= collectLimits.properties, {
          error: `must have at most ${collectLimits.properties} properties`,
        }),
        z.refine((properties) => JSON.stringify(properties).length <= collectLimits.propertiesText, {
          error: `must have at most ${collectLimits.propertiesText} characters as JSON`,
        }),
      ),
    ),
    /** Amount of a custom event, a number or a decimal text. Without it, `value` and `currency` of the properties are read. */
    value: z.nullish(z.union([z.number(), z.string()])),
    /** ISO 4217: `EUR` */
    currency: optionalText,
    session: optionalText,
    consentedId: optionalText,
    /** Milliseconds since the epoch, for events that were held back. @default the time of receipt */
    occurredAt: z.nullish(z.number().check(z.minimum(0))),
    /** The client's clock when it sends the event. It corrects `occurredAt` if the clock is more than 5 minutes wrong. */
    sentAt: z.nullish(z.number().check(z.minimum(0))),
    /** Events that the client gave up since the last event that it reported them with. */
    dropped: z.nullish(z.int().check(z.minimum(0), z.maximum(1_000_000))),
    /** Global Privacy Control or Do Not Track, as the browser reports it to scripts. */
    privacy: z.nullish(z.boolean()),
  })
  .check(
    z.refine((event) => event.type !== 'custom' || typeof event.name === 'string', {
      error: 'a custom event must have a name',
      path: ['name'],
    }),
  );

export type CollectEvent = z.infer<typeof collectEventSchema>;

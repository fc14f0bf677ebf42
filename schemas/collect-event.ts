import { z } from 'zod';
import { pagePathPattern } from './catalog-rules.ts';
import { eventTypes } from './event.ts';

/**
 * Body of `POST /e`, as the tracker sends it: one event as JSON, whatever its content type (`sendBeacon` says
 * text/plain so that no preflight is needed). Texts longer than the event contract keeps are cut, not refused.
 */
export const collectLimits = {
  /** Bytes of the body; more is a 413. */
  body: 16_384,
  properties: 50,
  propertyName: 64,
  propertyText: 1024,
  /** Characters of all properties as JSON: with the name and the address they fit the event's 8,192 uncut. */
  propertiesText: 5_000,
} as const;

const optionalText = z.string().nullish();
const propertyValue = z.union([z.string().max(collectLimits.propertyText), z.number(), z.boolean(), z.null()]);

export const collectEventSchema = z
  .object({
    page: z.string().regex(pagePathPattern),
    type: z.enum(eventTypes),
    /** Address of the document, with its query: campaign parameters are read from it. */
    url: optionalText,
    /** `document.referrer`. */
    referrer: optionalText,
    /** Title of the document, or text of an outbound link. */
    title: optionalText,
    /** Where an outbound click leads. */
    destination: optionalText,
    /** Name of a custom event. */
    name: z.string().min(1).max(collectLimits.propertyName).nullish(),
    properties: z
      .record(z.string().max(collectLimits.propertyName), propertyValue)
      .refine((properties) => Object.keys(properties).length <= collectLimits.properties, {
        error: `must have at most ${collectLimits.properties} properties`,
      })
      .refine((properties) => JSON.stringify(properties).length <= collectLimits.propertiesText, {
        error: `must have at most ${collectLimits.propertiesText} characters as JSON`,
      })
      .nullish(),
    session: optionalText,
    consentedId: optionalText,
    /** Milliseconds since the epoch, for events that were held back. The edge's own clock where it is missing. */
    occurredAt: z.number().nullish(),
    /** Global Privacy Control or Do Not Track, as the browser says it to scripts. */
    privacy: z.boolean().nullish(),
  })
  .refine((event) => event.type !== 'custom' || typeof event.name === 'string', {
    error: 'a custom event must have a name',
    path: ['name'],
  });

export type CollectEvent = z.infer<typeof collectEventSchema>;

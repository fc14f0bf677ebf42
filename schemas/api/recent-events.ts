import { z } from 'zod';
import { deviceTypes, eventTypes, outcomes } from '../event.ts';

export const recentLimits = {
  /** Events of a page that are shown. */
  events: 30,
  /** Milliseconds for which an event is shown after its receipt. */
  age: 10 * 60_000,
} as const;

const facts = {
  type: z.enum(eventTypes),
  name: z.string().nullable().meta({ description: 'Name of a custom event' }),
  link: z.string().nullable().meta({ description: 'Short code of the link' }),
  sdk: z.string().nullable().meta({
    description:
      'SDK that sent the event; `tracker` for the tracker and your own code, `pixel` for `/e.gif`. Null for requests to short links and link pages',
    example: 'posthog',
  }),
  outcome: z.enum(outcomes),
  rule: z.string().meta({ description: 'Rule that decided the outcome', example: 'refused.origin' }),
  country: z.string().nullable(),
  device: z.enum(deviceTypes).nullable(),
  source: z.string().nullable().meta({ description: 'Name or host of the referrer' }),
};

/** An event as enrich stores it for those who watch: nothing about the person. */
export const storedEventSchema = z.object({
  id: z.string(),
  /** Milliseconds since the epoch. */
  occurredAt: z.number(),
  receivedAt: z.number(),
  ...facts,
});
export type StoredEvent = z.infer<typeof storedEventSchema>;

export const recentEventSchema = z
  .object({
    occurredAt: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
    ...facts,
    meaning: z.string().meta({ description: 'What the rule means, and what to do about it' }),
    repeated: z.boolean().meta({
      description: 'Its client had sent it before. Live numbers count it until its hour settles as `duplicate`',
    }),
  })
  .meta({ id: 'RecentEvent' });

export const recentEventsSchema = z
  .object({
    events: z.array(recentEventSchema).meta({
      description: `The last ${recentLimits.events} events of 10 minutes, newest first. Events are kept from the first request on, until a minute after the last one`,
    }),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'RecentEvents' });
export type RecentEvents = z.infer<typeof recentEventsSchema>;

import { z } from 'zod';
import { eventTypes, outcomes } from '#schemas/event.ts';
import listed from './population.json' with { type: 'json' };

/** Links of the scratch page: open, passing its query on, disabled, expired, and two that are open for one check each. */
export const linkRoles = ['open', 'pass', 'off', 'old', 'forged', 'private'] as const;
export type LinkRole = (typeof linkRoles)[number];

const decisionSchema = z.object({ outcome: z.enum(outcomes), rule: z.string() });

const eventSchema = z.object({
  /** Its link; an event without one belongs to the page alone. */
  of: z.enum(linkRoles).optional(),
  type: z.enum(eventTypes).default('link_click'),
  outcome: z.enum(outcomes).default('counted'),
  rule: z.string().default('counted'),
  /** What settle makes of it, if that is something else. */
  settled: decisionSchema.optional(),
});

/** An event that a request must become. */
export type ExpectedEvent = z.infer<typeof eventSchema>;

const visitSchema = z.object({
  /** Requests with the same name are one line of the receipt. */
  check: z.string(),
  /** User agent, or the version of a browser. */
  as: z.union([z.string(), z.int()]),
  /** Requests with the same name share a connection, and with it the port. */
  connection: z.string().optional(),
  method: z.string().default('GET'),
  path: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  status: z.int(),
  location: z.string().optional(),
  events: z.array(eventSchema),
});

/** A request, its response, and the events that it becomes. */
export type Visit = z.infer<typeof visitSchema>;

/** What the placeholders of the list stand for: `{open}`, `{name}`. */
export type Placeholders = Readonly<Record<string, string>>;

/** Returns the requests of `population.json` in their order. Behavior rules of settle look at visitors, so people differ. */
export function readPopulation(placeholders: Placeholders): Visit[] {
  const filled = Object.entries(placeholders).reduce(
    (text, [name, value]) => text.replaceAll(`{${name}}`, value),
    JSON.stringify(listed),
  );
  return z.array(visitSchema).parse(JSON.parse(filled));
}

/** An event with the outcome that it has before or after its hour settles. */
export type DecidedEvent = Omit<ExpectedEvent, 'settled'>;

export function decideAll(events: readonly ExpectedEvent[], afterSettle: boolean): DecidedEvent[] {
  return events.map(({ settled, ...event }) => ({ ...event, ...(afterSettle ? settled : undefined) }));
}

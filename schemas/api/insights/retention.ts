import { z } from 'zod';
import { freshnessSchema } from '../../api.ts';
import { eventTypes } from '../../event.ts';
import { isOneLine, oneLine } from '../../catalog.ts';
import { localDateSchema } from '../../time/local-date.ts';
import { type Filter, filterListSchema } from '../filters.ts';
import { type PeriodUnit, periodUnits } from '../../time/periods.ts';

/** The most cohorts of a table, and the periods that each is followed. */
export const retentionLimits = {
  day: { cohorts: 60, periods: 30 },
  week: { cohorts: 53, periods: 12 },
  month: { cohorts: 12, periods: 12 },
} as const satisfies Record<PeriodUnit, { cohorts: number; periods: number }>;

/** Cohorts with fewer people are hidden, and so are fewer than `returned` who came back, but from the page's creator. */
export const retentionPrivacy = { size: 5, returned: 3 } as const;

/** Below this share of events with an id, a table says that it shows few of the visitors. */
export const lowCoverage = 0.1;

/** What names an event. All of it must match; without fields, any event does. */
export const matchFields = z.strictObject({
  type: z.enum(eventTypes).optional().meta({ description: 'Default: any type', example: 'custom' }),
  name: z.string().min(1).max(64).refine(isOneLine, oneLine).optional().meta({
    description: 'Name of the custom event',
    example: 'Signed Up',
  }),
  link: z.string().min(1).max(64).refine(isOneLine, oneLine).optional().meta({ description: 'Code of the link' }),
  filters: filterListSchema.optional().meta({ description: 'All must match' }),
});

/** Only custom events have a name, and only clicks a link: other matches have no event. */
export function checkMatch<Schema extends z.ZodType<z.infer<typeof matchFields>>>(schema: Schema): Schema {
  return schema
    .refine(({ type, name }) => name === undefined || type === undefined || type === 'custom', {
      path: ['name'],
      error: 'left out unless `type` is `custom`: other events have no name',
    })
    .refine(
      ({ type, name, link }) => link === undefined || (type !== 'page_view' && type !== 'custom' && name === undefined),
      {
        path: ['link'],
        error: 'left out unless `type` is `link_click`: other events have no link',
      },
    );
}

/** Which events count as the start of a cohort or as a return. Without fields: any event. */
export const eventMatchSchema = checkMatch(matchFields).meta({ id: 'EventMatch' });
export type EventMatch = z.infer<typeof eventMatchSchema>;

/** Returns all filters of a match: its name and its link are the dimensions `event` and `link`. */
export function toFilters({ name, link, filters = [] }: EventMatch): Filter[] {
  return [
    ...(name === undefined ? [] : [{ dimension: 'event' as const, operator: 'is' as const, values: [name] }]),
    ...(link === undefined ? [] : [{ dimension: 'link' as const, operator: 'is' as const, values: [link] }]),
    ...filters,
  ];
}

const matchText = z
  .string()
  .max(4_000)
  .transform((text, context): EventMatch => {
    const parsed = eventMatchSchema.safeParse(readJson(text));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    context.addIssue({
      code: 'custom',
      message: `JSON such as {"type":"custom","name":"Signed Up"}${place === '' ? '' : `, with a valid \`${place}\``}`,
    });
    return z.NEVER;
  })
  .optional();

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const flag = z.enum(['true', 'false']).default('false');

export const retentionQuerySchema = z.strictObject({
  by: z.enum(periodUnits).default('week').meta({ description: 'Periods: local days, ISO weeks or months' }),
  from: localDateSchema.optional().meta({
    description: 'Local date in the first cohort. Default: 14 days, 12 weeks or 12 months, the present one included',
  }),
  to: localDateSchema.optional().meta({ description: 'Local date in the last cohort. Default: today' }),
  start: matchText.meta({
    description: 'Events that put a person into a cohort, as JSON (`EventMatch`). Default: any event',
    example: '{"type":"page_view"}',
  }),
  return: matchText.meta({
    description: 'Events that count as coming back, as JSON (`EventMatch`). Default: any event',
    example: '{"type":"custom","name":"purchase"}',
  }),
  mode: z.enum(['first', 'each']).default('first').meta({
    description:
      '`first`: a person is in the cohort of their first start event in all kept history. `each`: in every one with a start event',
  }),
  unbounded: flag.meta({ description: '`true`: a return in this or any later closed period counts' }),
  mean: z.enum(['weighted', 'simple']).default('weighted').meta({
    description: '`weighted`: people who came back by people of the cohorts. `simple`: the mean of the rates',
  }),
});
export type RetentionQuery = z.output<typeof retentionQuerySchema>;

const people = z.int().min(0);
const rate = z.number().min(0).nullable();

const cellSchema = z.object({
  k: z.int().min(1).meta({ description: 'Periods after the cohort' }),
  back: z
    .union([people, z.literal('<3')])
    .nullable()
    .meta({
      description:
        'People who came back. `<3`: 1 or 2, which only the page’s creator sees exactly. Null before it begins',
    }),
  rate: rate.meta({ description: '`back` by `size`. Null where `back` is not a number' }),
  state: z.enum(['closed', 'running', 'future', 'before']).meta({
    description:
      '`closed`: every date has settled. `running`: it has begun, and is in no mean. `before`: the cohort began before `identitiesSince`, and is in no mean',
  }),
});

const cohortSchema = z.object({
  period: z.iso.date().meta({ description: 'First local date' }),
  size: z
    .union([people, z.literal('<5')])
    .meta({ description: 'People in the cohort. `<5`: too few to show any more' }),
  leftCut: z.boolean().meta({ description: 'It began before the page had ids: people in it may have come earlier' }),
  cells: z.array(cellSchema).meta({ description: 'By `k`; empty if `size` is hidden' }),
});

export const coverageSchema = z
  .object({
    counted: z.int().meta({ description: 'Counted events of the dates' }),
    withId: z.int().meta({ description: 'Those of a person, or in a funnel of visits, of a visit' }),
    share: z.number().nullable(),
    low: z.boolean().meta({ description: 'Fewer than a tenth of the events have the id of a person' }),
  })
  .meta({ description: 'How many events it is made of: people who agreed, not all' });

export const unavailableSchema = z
  .object({ reason: z.enum(['identities-off', 'no-ids-yet', 'not-settled']), message: z.string() })
  .nullable()
  .meta({ description: 'Why there is nothing to show. Null if there is' });

export const retentionSchema = z
  .object({
    by: z.enum(periodUnits),
    from: z.iso.date().meta({ description: 'First date of the first cohort' }),
    to: z.iso.date().meta({ description: 'Last date of the last cohort' }),
    cohorts: z.array(cohortSchema),
    mean: z
      .array(z.object({ k: z.int(), rate, cohorts: z.int().meta({ description: 'Cohorts in the mean' }) }))
      .meta({ description: 'Over the cohorts whose cell is closed. Null without one' }),
    coverage: coverageSchema,
    identityConflicts: z.int().meta({ description: 'Device ids of several people. Each stays a person of its own' }),
    identitiesSince: z.iso.date().nullable().meta({ description: 'First local date of which the page has an id' }),
    unavailable: unavailableSchema,
    settledThrough: z.iso.datetime().nullable().meta({ description: 'Events before this instant are in the table' }),
    sources: z.object({
      retention: z.object({ source: z.literal('lake'), asOf: z.iso.datetime(), stale: z.boolean() }).optional(),
    }),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'Retention' });
export type Retention = z.infer<typeof retentionSchema>;

/** What the lake says, before anything is hidden. Cached. */
export const retentionCountsSchema = z.object({
  /** Milliseconds since the epoch: how far the lake was settled. */
  settledThrough: z.number(),
  sizes: z.record(z.string(), people),
  /** People who came back, by cohort and period. */
  back: z.record(z.string(), z.record(z.string(), people)),
  /** People by cohort and the last closed period in which they came back. */
  last: z.record(z.string(), z.record(z.string(), people)),
  counted: people,
  withId: people,
  conflicts: people,
  since: z.string().nullable(),
});
export type RetentionCounts = z.infer<typeof retentionCountsSchema>;

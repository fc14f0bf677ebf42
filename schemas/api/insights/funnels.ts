import { z } from 'zod';
import { freshnessSchema } from '../../api.ts';
import { isOneLine, lineOfText, oneLine } from '../../catalog.ts';
import { dimensionNames } from '../../dimensions.ts';
import { localDateSchema } from '../../time/local-date.ts';
import { checkMatch, coverageSchema, matchFields, unavailableSchema } from './retention.ts';

/** `values`: values of a breakdown; `people`: fewer of them are hidden in a funnel of people; `days`: of a report. */
export const funnelLimits = { name: 60, steps: 8, windowDays: 30, values: 10, people: 5, days: 366 } as const;

const stepFields = matchFields.extend({
  path: z
    .string()
    .min(1)
    .max(300)
    .startsWith('/', { error: 'a path that begins with /' })
    .refine(isOneLine, oneLine)
    .refine((path) => !/[?#]/.test(path), { error: 'a path without `?` and `#`' })
    .optional()
    .meta({ description: 'Path of the address where the event happened, without its query', example: '/pricing' }),
});
export type FunnelStep = z.infer<typeof stepFields>;

const newStepSchema = checkMatch(stepFields).meta({ id: 'NewFunnelStep' });
/** As it is stored, also by versions that checked less. */
const stepSchema = stepFields.meta({ id: 'FunnelStep' });

export const newFunnelSchema = z
  .strictObject({
    name: lineOfText(funnelLimits.name).meta({ example: 'From visit to order' }),
    unit: z.enum(['session', 'person']).default('session').meta({
      description: '`session`: all steps within one visit. `person`: by stored id, over days',
    }),
    windowDays: z.int().min(1).max(funnelLimits.windowDays).default(7).meta({
      description: 'Days after the first step in which a person may take the others. A visit has no window',
    }),
    steps: z
      .array(newStepSchema)
      .min(2)
      .max(funnelLimits.steps)
      .meta({
        description: 'In their order',
        example: [
          { type: 'page_view', path: '/pricing' },
          { type: 'custom', name: 'Order Completed' },
        ],
      }),
  })
  .meta({ id: 'NewFunnel' });
export type NewFunnel = z.input<typeof newFunnelSchema>;

export const funnelSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    unit: z.enum(['session', 'person']),
    windowDays: z.int(),
    steps: z.array(stepSchema),
  })
  .meta({ id: 'Funnel' });
export type Funnel = z.infer<typeof funnelSchema>;
export const funnelsSchema = z.object({ rows: z.array(funnelSchema) }).meta({ id: 'Funnels' });

export const funnelReportQuerySchema = z.strictObject({
  from: localDateSchema.optional().meta({ description: 'First local date of the first step. Default: 30 days' }),
  to: localDateSchema.optional().meta({ description: 'Last local date of the first step. Default: today' }),
  by: z.enum(dimensionNames).optional().meta({ description: 'Breaks it down by this value of the first step' }),
});
export type FunnelReportQuery = z.output<typeof funnelReportQuerySchema>;

const reached = z.union([z.int().min(0), z.literal('<5')]);
const optionalCount = z.int().min(0).nullable();
const rate = z.number().min(0).max(1).nullable();

const reportStepSchema = z.object({
  step: z.int().min(1),
  reached: reached.meta({ description: 'Visits or people that came this far. `<5`: too few people to show' }),
  ofFirst: rate.meta({ description: 'By those of the first step. Null for none' }),
  ofPrevious: rate.meta({ description: 'By those of the step before. Null for none' }),
  open: optionalCount.meta({ description: 'Are here and can still go on. Null if fewer than 5 people' }),
  lost: optionalCount.meta({ description: 'Went no further, and cannot any more. Null if a part of it is hidden' }),
  medianSeconds: z.number().min(0).nullable().meta({ description: 'From the step before. Null for the first' }),
});
export type FunnelReportStep = z.infer<typeof reportStepSchema>;

export const funnelReportSchema = z
  .object({
    funnel: funnelSchema,
    from: z.iso.date(),
    to: z.iso.date(),
    by: z.enum(dimensionNames).nullable(),
    steps: z.array(reportStepSchema).meta({ description: 'Empty if it is `unavailable`' }),
    values: z
      .array(z.object({ value: z.string(), steps: z.array(reportStepSchema) }))
      .meta({ description: 'The ten most frequent values of the first step. An empty one: without a value' }),
    coverage: coverageSchema,
    unavailable: unavailableSchema,
    settledThrough: z.iso.datetime().nullable().meta({ description: 'Events before this instant are in the report' }),
    sources: z.object({
      funnel: z.object({ source: z.literal('lake'), asOf: z.iso.datetime(), stale: z.boolean() }).optional(),
    }),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'FunnelReport' });
export type FunnelReport = z.infer<typeof funnelReportSchema>;

const stepCountSchema = z.object({
  step: z.int(),
  reached: z.int(),
  open: z.int(),
  medianSeconds: z.number().nullable(),
});
export type FunnelStepCount = z.infer<typeof stepCountSchema>;

/** What the lake says, before anything is hidden. Cached. */
export const funnelCountsSchema = z.object({
  /** Milliseconds since the epoch: how far the lake was settled. */
  settledThrough: z.number(),
  /** Steps without visits or people are missing. */
  total: z.array(stepCountSchema),
  values: z.array(z.object({ value: z.string(), steps: z.array(stepCountSchema) })),
  counted: z.int(),
  withUnit: z.int(),
});
export type FunnelCounts = z.infer<typeof funnelCountsSchema>;

import { z } from 'zod';
import { freshnessSchema, statsQuerySchema } from '../api.ts';
import { causeSchema } from '../alerts.ts';
import { localDateSchema } from '../time/local-date.ts';
import { dashboardSchema } from './dashboard.ts';

export const changeMeasures = ['views', 'clicks', 'rate'] as const;
export type ChangeMeasure = (typeof changeMeasures)[number];

export const changeDimensions = ['link', 'referrer', 'host', 'country', 'device', 'browser', 'os'] as const;
export type ChangeDimension = (typeof changeDimensions)[number];

export const changesQuerySchema = statsQuerySchema.extend({
  period: z
    .union([z.enum(['previous', 'year']), localDateSchema])
    .default('previous')
    .meta({ description: 'What the range is compared with, as in the statistics' }),
  measure: z.enum(changeMeasures).optional().meta({
    description: '`rate` is clicks per view. Default: clicks if the page has more than four per view, else views',
  }),
});

const counts = z.object({ views: z.int().min(0), clicks: z.int().min(0) });

const valueChange = z.object({
  before: counts,
  after: counts,
  change: z.number().meta({ description: "The value's part of the change, in the measure's unit" }),
  share: z.number().nullable().meta({ description: '`change` as a share of the whole change, of either sign' }),
});

export const changesSchema = z
  .object({
    measure: z.enum(changeMeasures),
    periods: z.object({
      before: z.object({ from: z.string(), to: z.string() }),
      after: z.object({ from: z.string(), to: z.string() }),
    }),
    before: z.number(),
    after: z.number(),
    chance: z
      .number()
      .nullable()
      .meta({ description: 'Probability that chance alone changes this much. Null if nothing can be compared' }),
    cause: causeSchema
      .nullable()
      .meta({ description: 'As an alert explains a change. Null if there was nothing before' }),
    words: z.array(z.string()).meta({ description: 'The change, whether chance explains it, and where it came from' }),
    dimensions: z.array(
      z.object({
        dimension: z.enum(changeDimensions),
        values: z
          .array(valueChange.extend({ value: z.string(), title: z.string().optional() }))
          .meta({ description: 'At most 50, largest change first. `title` is that of a link' }),
        others: valueChange.nullable().meta({ description: 'All other values, and events without one' }),
        parts: z.object({ mix: z.number(), rate: z.number() }).nullable().meta({
          description:
            'Of a click-through rate: what comes from other visitors (`mix`), and from visitors who click more or less often (`rate`). They add up to the change. Null for other measures and by link',
        }),
      }),
    ),
    sources: dashboardSchema.shape.sources.meta({ description: 'Of the later period, as in its dashboard' }),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'Changes' });
export type Changes = z.infer<typeof changesSchema>;

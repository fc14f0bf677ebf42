import { z } from 'zod';
import { importedLists, importedMeasures } from './imported-counts.ts';
import { recordOf } from '../dimensions.ts';

const count = z.int().min(0);
const date = z.string().meta({ example: '2025-10-14' });
const tool = z.string().meta({ description: 'Who counted', example: 'Plausible' });

const importedRowSchema = z.object({
  value: z.string().nullable().meta({ description: 'Null for all other values, and for those without one' }),
  count,
});

export const importedCountsSchema = z
  .object({
    range: z.object({ from: z.string(), to: z.string(), zone: z.string() }),
    totals: z
      .object({
        views: count.nullable(),
        clicks: count.nullable(),
        visitors: count.nullable().meta({ description: 'Sum of the visitors of each day, as the tool counted them' }),
      })
      .meta({ description: 'Of the whole dates of the range. Null: no import has the number' }),
    series: z.array(z.object({ start: z.string(), views: count.nullable(), clicks: count.nullable() })).meta({
      description: 'Days with imported counts, or with `interval=hour` the hours of those days whose import has hours',
    }),
    daysWithoutHours: count.meta({ description: 'With `interval=hour`: days that are in no hour of the series' }),
    tools: z.array(tool).meta({ description: 'Tools whose counts are in the series' }),
    dates: z
      .object({ first: date, last: date })
      .nullable()
      .meta({ description: 'The first and the last date of the range with imported counts' }),
    lists: z
      .object(
        recordOf(importedLists, () =>
          z.object({ measure: z.enum(importedMeasures), rows: z.array(importedRowSchema) }),
        ),
      )
      .meta({ description: 'Breakdowns as the tool made them: at most 25 values of a day. They are not crossed' }),
    before: z
      .array(
        z.object({
          tool,
          measure: z.enum(importedMeasures),
          count,
          visitors: count.nullable(),
          asOf: date.meta({ description: 'Date on which the tool had counted so many' }),
          from: date.nullable().meta({ description: 'Null: since the beginning, or unknown' }),
          to: date.nullable(),
          links: count.nullable().meta({ description: 'Of a page: the number of links of which it is the sum' }),
        }),
      )
      .meta({
        description:
          'Totals without dates, such as `12,034 clicks before Hopcount`. They include the days, if both are imported',
      }),
    imports: z
      .array(z.object({ tool, first: date, last: date }))
      .meta({ description: 'Of a page: all its imports with dates, the earliest first' }),
  })
  .meta({
    id: 'ImportedCounts',
    description:
      'Counts that other tools have made. They are not checked for bots, and are in no other number of the API: not in stats, ledger, forecast or alerts',
  });
export type ImportedCounts = z.infer<typeof importedCountsSchema>;

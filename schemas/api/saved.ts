import { z } from 'zod';
import { dimensionNames } from '../dimensions.ts';
import { filterLimits, filterOperators, filterParameter, findExcess } from './filters.ts';

/** What people save about a page: annotations of its charts, and segments. */

const oneLine = { error: 'text without control characters' };

function text(longest: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((value) => !/\p{Cc}/u.test(value), oneLine);
}

export const annotationLimits = { text: 200, url: 2_048 } as const;

export const newAnnotationSchema = z
  .strictObject({
    at: z.union([z.iso.date(), z.iso.datetime({ offset: true })], { error: 'a date or an ISO 8601 date-time' }).meta({
      description: 'Instant, or local date of the page for the whole of it. Default: now',
      example: '2026-11-22T14:05:00Z',
    }),
    text: text(annotationLimits.text).meta({ example: 'Deployed 1.2.0' }),
    url: z
      .url({ protocol: /^https?$/, error: 'an http or https URL' })
      .max(annotationLimits.url)
      .nullable()
      .default(null)
      .meta({ description: 'Where to read more, such as the release' }),
  })
  .partial({ at: true })
  .meta({ id: 'NewAnnotation' });

export const annotationSchema = z
  .object({
    id: z.string(),
    at: z.string().meta({ description: 'Instant in UTC, or local date of the page' }),
    text: z.string(),
    url: z.string().nullable(),
    source: z.enum(['user', 'key']).meta({ description: '`key`: added with an API key, as by a deployment' }),
  })
  .meta({ id: 'Annotation' });
export type Annotation = z.infer<typeof annotationSchema>;
export const annotationsSchema = z.object({ rows: z.array(annotationSchema) }).meta({ id: 'Annotations' });

export const annotationsQuerySchema = z.strictObject({
  from: z.iso.date().optional().meta({ description: 'First local date of the page' }),
  to: z.iso.date().optional().meta({ description: 'Last local date of the page' }),
});

const filter = z.strictObject({
  dimension: z.enum(dimensionNames),
  operator: z.enum(filterOperators),
  values: z
    .array(
      z
        .string()
        .max(filterLimits.value)
        .refine((value) => !/\p{Cc}/u.test(value), oneLine),
    )
    .min(1)
    .max(filterLimits.values),
});

export const newSegmentSchema = z
  .strictObject({
    name: text(60).meta({ example: 'Newsletter readers' }),
    filters: z
      .array(filter)
      .min(1)
      .max(filterLimits.filters)
      .refine((filters) => new Set(filters.map(filterParameter)).size === filters.length, {
        error: 'a list with each dimension and operator once',
      })
      .refine((filters) => filters.every(({ operator, values }) => operator !== 'contains' || !values.includes('')), {
        error: 'a list in which `contains` has no empty value',
      })
      .superRefine((filters, context) => {
        const excess = findExcess(filters);
        if (excess) context.addIssue({ code: 'custom', message: excess.allowed });
      })
      .meta({ description: 'As in query strings, where `is` has no suffix, `is-not` has `.not`' }),
  })
  .meta({ id: 'NewSegment' });

export const segmentSchema = z
  .object({ id: z.string(), name: z.string(), filters: z.array(filter) })
  .meta({ id: 'Segment' });
export type Segment = z.infer<typeof segmentSchema>;
export const segmentsSchema = z.object({ rows: z.array(segmentSchema) }).meta({ id: 'Segments' });

import { z } from 'zod';
import { lineOfText } from '../catalog.ts';
import { allowedDates, isWithinDates, localDateSchema } from '../time/local-date.ts';
import { filterListSchema, filterSchema } from './filters.ts';

/** What people save about a page: annotations of its charts, and segments. */

export const annotationLimits = { text: 200, url: 2_048 } as const;

export const newAnnotationSchema = z
  .strictObject({
    at: z
      .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: 'a date or an ISO 8601 date-time' })
      .refine((at) => isWithinDates(at.slice(0, 10)), { error: allowedDates })
      .meta({
        description: 'Instant, or local date of the page for the whole of it. Default: now',
        example: '2026-11-22T14:05:00Z',
      }),
    text: lineOfText(annotationLimits.text).meta({ example: 'Deployed 1.2.0' }),
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
  from: localDateSchema.optional().meta({ description: 'First local date of the page' }),
  to: localDateSchema.optional().meta({ description: 'Last local date of the page' }),
});

export const newSegmentSchema = z
  .strictObject({
    name: lineOfText(60).meta({ example: 'Newsletter readers' }),
    filters: filterListSchema
      .min(1)
      .meta({ description: 'As in query strings, where `is` has no suffix, `is-not` has `.not`' }),
  })
  .meta({ id: 'NewSegment' });

export const segmentSchema = z
  .object({ id: z.string(), name: z.string(), filters: z.array(filterSchema) })
  .meta({ id: 'Segment' });
export type Segment = z.infer<typeof segmentSchema>;
export const segmentsSchema = z.object({ rows: z.array(segmentSchema) }).meta({ id: 'Segments' });

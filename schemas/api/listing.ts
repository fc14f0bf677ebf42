import { z } from 'zod';
import { sourceSchema } from '../api.ts';
import { pagePathPattern } from '../catalog-rules.ts';

/** Parameters of every list. */
export const listQuery = {
  cursor: z.string().max(2048).optional().meta({ description: '`next` of the previous response' }),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'Maximum number of rows' }),
};

/** A page, in the query of a list or in a body. */
export const pageQuery = z
  .string()
  .regex(pagePathPattern)
  .meta({ description: 'Path of the page with its slash', example: '/ada' });

export const partSourceSchema = z.object({
  source: sourceSchema,
  asOf: z.iso.datetime().meta({ description: 'When the part was read from its source' }),
  stale: z.boolean().meta({
    description: 'True if the source is unavailable and this is its last known value, at most 24 hours old',
  }),
});

export function listingOf<Row extends z.ZodType>(row: Row) {
  return z.object({
    rows: z.array(row),
    next: z.string().nullable().meta({ description: 'Cursor of the next rows. Null at the end' }),
  });
}

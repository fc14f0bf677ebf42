import { z } from 'zod';
import { sourceSchema } from '../api.ts';

/** Parameters of every list: rows after `cursor`, which is the `next` of the answer before. */
export const listQuery = {
  cursor: z.string().max(2048).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

/** Where a part of an answer comes from, and how old it is. */
export const partSourceSchema = z.object({
  source: sourceSchema,
  /** When it was read from there. */
  asOf: z.iso.datetime(),
  /** The source does not answer: this is the last answer that it gave, at most 24 hours old. */
  stale: z.boolean(),
});

/** An answer that lists: `next` is null after the last row. */
export function listingOf<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), next: z.string().nullable() });
}

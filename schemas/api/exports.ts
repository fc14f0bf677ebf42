import { z } from 'zod';
import { pagePathPattern } from '../catalog.ts';
import { listingOf, listQuery } from './listing.ts';

/** `POST /exports`: events of a page and range, written by a job; `GET /exports/{id}` says how far it is. */
export const newExportSchema = z
  .strictObject({
    page: z.string().regex(pagePathPattern),
    from: z.string().max(40),
    to: z.string().max(40),
    format: z.enum(['csv', 'parquet']),
  })
  .meta({ id: 'NewExport' });
export type NewExport = z.input<typeof newExportSchema>;

export const exportSchema = z
  .object({
    id: z.string(),
    page: z.string(),
    from: z.string(),
    to: z.string(),
    format: z.enum(['csv', 'parquet']),
    state: z.enum(['running', 'done', 'failed']),
    createdAt: z.iso.datetime(),
    rows: z.int().nullable(),
    /** Signed, good for an hour. */
    url: z.string().nullable(),
    /** Every file, signed likewise: a large export has several. */
    urls: z.array(z.string()),
    message: z.string().nullable(),
  })
  .meta({ id: 'Export' });
export type Export = z.infer<typeof exportSchema>;
/** Parameters of `GET /exports`: exports of one page. */
export const exportsQuerySchema = z.strictObject({
  ...listQuery,
  page: z.string().regex(pagePathPattern).meta({ description: 'Path with its slash', example: '/ada' }),
});
export const exportsSchema = listingOf(exportSchema).meta({ id: 'Exports' });

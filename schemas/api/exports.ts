import { z } from 'zod';
import { listingOf, listQuery, pageQuery } from './listing.ts';

export const newExportSchema = z
  .strictObject({
    page: pageQuery,
    from: z.string().max(40).meta({ description: 'First local date', example: '2026-11-01' }),
    to: z.string().max(40).meta({ description: 'Last local date, at most 400 days later', example: '2026-11-22' }),
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
    rows: z.int().nullable().meta({ description: 'Events in the files. Null until the export is done' }),
    url: z.string().nullable().meta({ description: 'Download link of the first file, valid for an hour' }),
    urls: z.array(z.string()).meta({ description: 'Download links of all files, valid for an hour' }),
    message: z.string().nullable().meta({ description: 'Why the export failed' }),
  })
  .meta({ id: 'Export' });
export type Export = z.infer<typeof exportSchema>;
export const exportsQuerySchema = z.strictObject({ ...listQuery, page: pageQuery });
export const exportsSchema = listingOf(exportSchema).meta({ id: 'Exports' });

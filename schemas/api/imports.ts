import { z } from 'zod';
import { pagePathPattern } from '../catalog.ts';

/** `POST /imports`: links from CSV; the exports of Bitly and Dub are understood. `preview` writes nothing. */
export const newImportSchema = z
  .strictObject({
    csv: z.string().max(4_000_000),
    /** Page of the rows that name none. */
    page: z.string().regex(pagePathPattern).optional(),
    replace: z.boolean().default(false),
    preview: z.boolean().default(false),
  })
  .meta({ id: 'NewImport' });
export type NewImport = z.input<typeof newImportSchema>;

export const importResultSchema = z
  .object({
    written: z.int().min(0).meta({ description: 'Links written; with preview those that would be' }),
    refused: z.array(z.object({ line: z.int(), message: z.string() })),
    /** Columns that mean nothing to a link. */
    ignored: z.array(z.string()),
    /** The first links of the file, as they would be stored. */
    sample: z.array(z.object({ line: z.int(), code: z.string(), url: z.string(), page: z.string() })),
  })
  .meta({ id: 'ImportResult' });
export type ImportResult = z.infer<typeof importResultSchema>;

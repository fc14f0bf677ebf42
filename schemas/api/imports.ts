import { z } from 'zod';
import { pagePathPattern } from '../catalog.ts';

/**
 * What one import takes. An answer must come within 29 s: 2,000 rows take 2 to 8 s on a machine of two cores, as busy as it
 * is. A larger file is sent in parts, each with the line of the columns.
 */
export const importLimits = { rows: 2_000, bytes: 1_000_000 } as const;

/** `POST /imports`: links from CSV; the exports of Bitly and Dub are understood. `preview` writes nothing. */
export const newImportSchema = z
  .strictObject({
    csv: z.string().meta({
      description: `At most ${importLimits.rows} rows and ${importLimits.bytes} bytes; a larger file goes in parts, each with the line of the columns`,
    }),
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

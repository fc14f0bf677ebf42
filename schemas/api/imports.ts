import { z } from 'zod';
import { pagePathPattern } from '../catalog.ts';

/** Limits of one import. The gateway times out after 29 s; 2,000 rows take 2 to 8 s on a busy two-core machine. */
export const importLimits = { rows: 2_000, bytes: 1_000_000 } as const;

export const newImportSchema = z
  .strictObject({
    csv: z
      .string()
      .max(importLimits.bytes)
      .meta({
        description: `At most ${importLimits.rows} rows and ${importLimits.bytes} bytes. Send a larger file in parts, each with the header line. Exports of Bitly and Dub are accepted`,
        example: 'code,url,title\nspring,https://shop.example/spring,Spring sale',
      }),
    page: z.string().regex(pagePathPattern).optional().meta({ description: 'Page of the rows without a page' }),
    replace: z.boolean().default(false).meta({ description: 'Replace links that exist' }),
    preview: z.boolean().default(false).meta({ description: 'Validate the file without writing links' }),
  })
  .meta({ id: 'NewImport' });
export type NewImport = z.input<typeof newImportSchema>;

export const importResultSchema = z
  .object({
    written: z.int().min(0).meta({ description: 'Links written; with `preview`, links that would be written' }),
    refused: z.array(z.object({ line: z.int(), message: z.string() })),
    ignored: z.array(z.string()).meta({ description: 'Columns that links do not have' }),
    sample: z
      .array(z.object({ line: z.int(), code: z.string(), url: z.string(), page: z.string() }))
      .meta({ description: 'The first 10 links of the file, as stored' }),
  })
  .meta({ id: 'ImportResult' });
export type ImportResult = z.infer<typeof importResultSchema>;

import { z } from 'zod';
import { pagePathPattern } from '../catalog.ts';

/** Limits of one import. The gateway times out after 29 s; 2,000 rows take 2 to 8 s on a busy two-core machine. */
export const importLimits = { rows: 2_000, bytes: 1_000_000 } as const;

const importedLinkSchema = z
  .looseObject({ line: z.int().min(1).meta({ description: 'Names the link in the result' }) })
  .meta({ maxProperties: 40, propertyNames: { pattern: '^[A-Za-z]{1,40}$' } });

export const newImportSchema = z
  .strictObject({
    csv: z
      .string()
      .max(importLimits.bytes)
      .optional()
      .meta({
        description: `CSV or JSON of Hopcount or another tool, at most ${importLimits.rows} rows and ${importLimits.bytes} bytes. Send a larger file in parts, each with the header line`,
        example: 'code,url,title\nspring,https://shop.example/spring,Spring sale',
      }),
    links: z.array(importedLinkSchema).max(importLimits.rows).optional().meta({
      description: 'In place of `csv`: links with the fields of `POST /links` and `createdAt`',
    }),
    map: z
      .record(z.string().max(1_000), z.string().max(40))
      .optional()
      .meta({
        description: 'What columns of `csv` are, where their names do not say it: a field of a link, or `ignore`',
        example: { 'Printed as': 'code' },
        maxProperties: 500,
        propertyNames: { pattern: '^[^\\u0000]{0,1000}$' },
      }),
    zone: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Time zone of times in `csv` that name none', example: 'Europe/Vienna' }),
    page: z.string().regex(pagePathPattern).optional().meta({ description: 'Page of the rows without a page' }),
    replace: z.boolean().default(false).meta({ description: 'Replace links that exist' }),
    preview: z.boolean().default(false).meta({ description: 'Validate the file without writing links' }),
  })
  .meta({
    id: 'NewImport',
    example: { csv: 'code,url,title\nspring,https://shop.example/spring,Spring sale', page: '/ada', preview: true },
  });
export type NewImport = z.input<typeof newImportSchema>;
export type ParsedImport = z.output<typeof newImportSchema>;

export const importResultSchema = z
  .object({
    rows: z.int().min(0).meta({ description: 'Rows read: accepted, refused and repeated ones' }),
    written: z.int().min(0).meta({ description: 'Links written; with `preview`, links that would be written' }),
    repeated: z.int().min(0).meta({ description: 'Rows that say what an earlier row or an existing link says' }),
    refused: z.array(
      z.object({
        line: z.int(),
        field: z.string().nullable().meta({ description: 'Null: the row as a whole' }),
        message: z.string(),
      }),
    ),
    ignored: z.array(z.string()).meta({ description: 'Columns that are not imported' }),
    sample: z
      .array(z.object({ line: z.int(), code: z.string(), shortUrl: z.string(), url: z.string(), page: z.string() }))
      .meta({ description: 'The first 10 links of the file, as stored' }),
  })
  .meta({ id: 'ImportResult' });
export type ImportResult = z.infer<typeof importResultSchema>;

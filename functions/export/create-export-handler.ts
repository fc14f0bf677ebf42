import { z } from 'zod';
import { pagePathPattern } from '#schemas/catalog-keys.ts';
import { type ExportDependencies, type ExportResult, exportPage } from './export-page.ts';

const payloadSchema = z.object({
  page: z.string().regex(pagePathPattern),
  from: z.iso.date(),
  to: z.iso.date(),
  format: z.enum(['parquet', 'csv']),
  /** Name of the export's folder. */
  id: z.string().regex(/^[0-9A-Z]{26}$/, 'must be a ULID'),
});

/** What to export in, keys of the lake's bucket out. */
export const createExportHandler =
  (deps: ExportDependencies) =>
  (payload: unknown): Promise<ExportResult> =>
    exportPage(deps, payloadSchema.parse(payload));

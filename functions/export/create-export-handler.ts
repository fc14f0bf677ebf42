import { z } from 'zod';
import { pagePathPattern } from '#schemas/catalog-rules.ts';
import { exportResultKey } from '#schemas/lake-keys.ts';
import { type ExportDependencies, type ExportResult, exportPage } from '#jobs/export/export-page.ts';

const payloadSchema = z.object({
  page: z.string().regex(pagePathPattern),
  from: z.iso.date(),
  to: z.iso.date(),
  format: z.enum(['parquet', 'csv']),
  /** Name of the export's folder. */
  id: z.string().regex(/^[0-9A-Z]{26}$/, 'must be a ULID'),
});

/**
 * What to export in, keys of the lake's bucket out. The result is left beside the files too: whoever asked through the
 * API does not wait for it.
 */
export function createExportHandler(deps: ExportDependencies) {
  return async (payload: unknown): Promise<ExportResult> => {
    const request = payloadSchema.parse(payload);
    function leave(left: object): Promise<void> {
      return deps.lake.put(exportResultKey(request.id), Buffer.from(JSON.stringify(left), 'utf8'));
    }
    try {
      const result = await exportPage(deps, request);
      await leave({ state: 'done', ...result });
      return result;
    } catch (error) {
      await leave({ state: 'failed', message: 'The events could not be written; ask again.' });
      throw error;
    }
  };
}

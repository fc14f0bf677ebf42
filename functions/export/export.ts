import { exportResultKey } from '#schemas/lake-keys.ts';
import { exportPayloadSchema, type ExportResult, type StoredJob } from '#schemas/lake-jobs.ts';
import { type ExportDependencies, exportPage, ExportTooLarge } from '#jobs/export/export-page.ts';

/** Creates the handler that exports events, returns the keys and stores the same result in the lake, where the API reads it. */
export function createExportHandler(deps: ExportDependencies) {
  return async (payload: unknown): Promise<ExportResult> => {
    const request = exportPayloadSchema.parse(payload);
    function store(result: StoredJob): Promise<void> {
      return deps.lake.put(exportResultKey(request.id), Buffer.from(JSON.stringify(result), 'utf8'));
    }
    try {
      const result = await exportPage(deps, request);
      await store({ state: 'done', ...result });
      return result;
    } catch (error) {
      if (error instanceof ExportTooLarge) {
        await store({ state: 'failed', message: 'The export has more than 500 MB. Export fewer days at a time.' });
        return { keys: [], events: 0 };
      }
      await store({ state: 'failed', message: 'The export failed. Start it again.' });
      throw error;
    }
  };
}

import { erasureResultKey } from '#schemas/lake-keys.ts';
import { erasePayloadSchema, type ErasureReceipt, type StoredJob } from '#schemas/lake-jobs.ts';
import { type EraseDependencies, erase } from '#jobs/erase/erase.ts';

/** Creates the handler that erases a subject, returns the receipt and, for callers that don't wait, stores it in the lake. */
export function createEraseHandler(deps: EraseDependencies) {
  return async (payload: unknown): Promise<ErasureReceipt> => {
    const { time, subject, id } = erasePayloadSchema.parse(payload);
    async function store(result: StoredJob): Promise<void> {
      if (id !== undefined) await deps.lake.put(erasureResultKey(id), Buffer.from(JSON.stringify(result), 'utf8'));
    }
    try {
      const receipt = await erase(deps, { time, subject });
      await store({ state: 'done', ...receipt });
      return receipt;
    } catch (error) {
      await store({ state: 'failed', message: 'The erasure was interrupted. Start it again; erasing twice is safe.' });
      throw error;
    }
  };
}

import { z } from 'zod';
import { erasureKinds } from '#core/settle/tombstone.ts';
import { erasureResultKey } from '#schemas/lake-keys.ts';
import { type EraseDependencies, type ErasureReceipt, erase } from '#jobs/erase/erase.ts';

const payloadSchema = z.object({
  time: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  subject: z.object({ kind: z.enum(erasureKinds), value: z.string().min(1) }),
  /** Name under which the receipt is left; a caller that waits needs none. */
  id: z
    .string()
    .regex(/^[0-9A-Z]{26}$/, 'must be a ULID')
    .optional(),
});

/** Whom to erase in, receipt out. The receipt does not name the subject. */
export function createEraseHandler(deps: EraseDependencies) {
  return async (payload: unknown): Promise<ErasureReceipt> => {
    const { time, subject, id } = payloadSchema.parse(payload);
    async function leave(left: object): Promise<void> {
      if (id !== undefined) await deps.lake.put(erasureResultKey(id), Buffer.from(JSON.stringify(left), 'utf8'));
    }
    try {
      const receipt = await erase(deps, { time, subject });
      await leave({ state: 'done', ...receipt });
      return receipt;
    } catch (error) {
      await leave({ state: 'failed', message: 'It was interrupted; ask again: erased twice ends the same.' });
      throw error;
    }
  };
}

import { z } from 'zod';
import { erasureKinds } from '#core/settle/tombstone.ts';
import { type EraseDependencies, type ErasureReceipt, erase } from './erase.ts';

const payloadSchema = z.object({
  time: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  subject: z.object({ kind: z.enum(erasureKinds), value: z.string().min(1) }),
});

/** Whom to erase in, receipt out. The receipt does not name the subject. */
export const createEraseHandler =
  (deps: EraseDependencies) =>
  (payload: unknown): Promise<ErasureReceipt> =>
    erase(deps, payloadSchema.parse(payload));

import { z } from 'zod';
import type { QueueRecord } from '#core/enrich/read-message.ts';

const queueEvent = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      attributes: z.object({ SentTimestamp: z.string().regex(/^\d+$/) }),
    }),
  ),
});

/** @throws {z.ZodError} for what is no SQS event: nothing of ours sends one, and the queue keeps it */
export function recordsOf(event: unknown): QueueRecord[] {
  return queueEvent.parse(event).Records.map(({ messageId, body, attributes }) => ({
    messageId,
    body,
    sentAt: Number(attributes.SentTimestamp),
  }));
}

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

/** @throws {z.ZodError} if this is not an SQS event */
export function parseQueueEvent(event: unknown): QueueRecord[] {
  return queueEvent.parse(event).Records.map(({ messageId, body, attributes }) => ({
    messageId,
    body,
    sentAt: Number(attributes.SentTimestamp),
  }));
}

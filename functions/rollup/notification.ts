import { z } from 'zod';

const notificationSchema = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
    }),
  ),
});
/** S3 sends one when notifications are configured. */
const testEventSchema = z.object({ Event: z.literal('s3:TestEvent') });

export interface Created {
  bucket: string;
  key: string;
}

/** A message on the files queue that is no S3 notification; it goes the way of the dead-letter queue. */
export class NotANotification extends Error {
  override readonly name = 'NotANotification';
}

/**
 * Objects that the message says were created; none for S3's test event and for other events.
 * @throws {NotANotification} with the beginning of the body
 */
export function parseNotification(body: string): Created[] {
  try {
    const message: unknown = JSON.parse(body);
    if (testEventSchema.safeParse(message).success) return [];
    return notificationSchema
      .parse(message)
      .Records.filter(({ eventName }) => /^(s3:)?ObjectCreated:/.test(eventName))
      .map(({ s3 }) => ({ bucket: s3.bucket.name, key: decodeKey(s3.object.key) }));
  } catch (cause) {
    throw new NotANotification(`body is no S3 notification: ${body.slice(0, 200)}`, { cause });
  }
}

/** Keys come URL-encoded, a space as a plus sign. */
function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

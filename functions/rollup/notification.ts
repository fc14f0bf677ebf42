import { z } from 'zod';

const notificationSchema = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
    }),
  ),
});
/** S3 sends it when notifications are configured. */
const testEventSchema = z.object({ Event: z.literal('s3:TestEvent') });

export interface Created {
  bucket: string;
  key: string;
}

/** Thrown for a message that is not an S3 notification; SQS moves it to the dead-letter queue. */
export class NotANotification extends Error {
  override readonly name = 'NotANotification';
}

/**
 * Returns the objects that the message reports as created; none for S3's test event and other events.
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
    throw new NotANotification(`body is not an S3 notification: ${body.slice(0, 200)}`, { cause });
  }
}

/** S3 encodes keys for URLs, with a plus sign for a space. */
function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

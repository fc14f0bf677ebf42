import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { StoreUnavailable } from '../errors.ts';

/** Messages in one SendMessageBatch. */
const batchSize = 10;

/** Announces raw files to rollup as S3 does. */
export function createFileAnnouncer({
  client,
  queueUrl,
  bucket,
}: {
  client: SQSClient;
  queueUrl: string;
  bucket: string;
}) {
  return async (keys: readonly string[]): Promise<void> => {
    for (let from = 0; from < keys.length; from += batchSize) {
      const Entries = keys.slice(from, from + batchSize).map((key, at) => ({
        Id: String(at),
        MessageBody: JSON.stringify({
          Records: [
            {
              eventSource: 'aws:s3',
              eventName: 'ObjectCreated:Put',
              s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key).replaceAll('%2F', '/') } },
            },
          ],
        }),
      }));
      const { Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      const [first] = Failed ?? [];
      if (first) throw new StoreUnavailable(`${queueUrl} refused a file: ${first.Message ?? first.Code ?? ''}`);
    }
  };
}

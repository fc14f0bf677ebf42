import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** SQS limits of one send: ten messages, and at least 256 KB in every region. */
const batchMessages = 10;
const batchBytes = 250_000;

/** Groups messages into batches that fit into one send, in order. */
export function sendBatches<M extends { body: string }>(messages: readonly M[]): M[][] {
  const batches: M[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    const open = batches.at(-1);
    if (open && open.length < batchMessages && bytes + size <= batchBytes) {
      open.push(message);
      bytes += size;
    } else {
      batches.push([message]);
      bytes = size;
    }
  }
  return batches;
}

/** Sends a batch and returns the messages that the queue accepted. */
export async function sendBatch<M extends { body: string }>(
  client: SQSClient,
  queueUrl: string,
  batch: readonly M[],
): Promise<M[]> {
  const { Successful } = await client.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: batch.map(({ body }, index) => ({ Id: String(index), MessageBody: body })),
    }),
  );
  const accepted = new Set((Successful ?? []).map(({ Id }) => Id));
  return batch.filter((_, index) => accepted.has(String(index)));
}

import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { sendBatch, sendBatches } from '#cli/queue-batches.ts';

export interface Move {
  /** Messages in the queue at the start. */
  waiting: number;
  moved: number;
}

/**
 * Moves the messages of a dead-letter queue back. Deletes a message after it is sent, so a crash repeats at most ten and
 * loses none. Moves only as many as were waiting at the start, so a message that fails again is not moved in circles.
 */
export async function moveMessages(
  client: SQSClient,
  from: string,
  to: string,
  onMoved: (moved: number, waiting: number) => void,
): Promise<Move> {
  const { waiting } = await queueDepth(client, from);
  let moved = 0;
  while (moved < waiting) {
    const messages = await receive(client, from);
    if (messages.length === 0) break;
    let accepted = 0;
    for (const batch of sendBatches(messages)) {
      const sent = await sendBatch(client, to, batch);
      if (sent.length > 0) await remove(client, from, sent);
      accepted += sent.length;
    }
    if (accepted === 0) break;
    moved += accepted;
    onMoved(moved, waiting);
  }
  return { waiting, moved };
}

/** Reads the approximate number of messages in a queue. */
export async function queueDepth(client: SQSClient, queueUrl: string): Promise<{ waiting: number; inFlight: number }> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    waiting: Number(Attributes?.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}

interface Received {
  body: string;
  receiptHandle: string;
}

async function receive(client: SQSClient, queueUrl: string): Promise<Received[]> {
  const { Messages } = await client.send(
    // A minute is enough to send and delete ten messages; after a crash they reappear.
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 2,
      VisibilityTimeout: 60,
    }),
  );
  return (Messages ?? []).flatMap(toReceived);
}

function toReceived({ Body, ReceiptHandle }: Message): Received[] {
  return Body !== undefined && ReceiptHandle !== undefined ? [{ body: Body, receiptHandle: ReceiptHandle }] : [];
}

function remove(client: SQSClient, queueUrl: string, messages: readonly Received[]) {
  return client.send(
    new DeleteMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle })),
    }),
  );
}

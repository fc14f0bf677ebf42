import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { flag, optional, text } from '#cli/parameters.ts';
import { sendBatch, sendBatches } from '#cli/queue-batches.ts';
import { openFailedFiles } from '#cli/redrive/failed-bucket.ts';
import { type FailedEvent, redriveFailed } from '#cli/redrive/failed-events.ts';
import { moveMessages } from '#cli/redrive/move-messages.ts';
import { findStack, type Stack } from '#cli/stack.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';

export const command = defineCommand({
  summary: 'Move dead-lettered messages back, queue undelivered alerts, or send failed events again',
  details: `Fix the cause first: a message that fails again comes back. Each message is sent before it is deleted, so a crash repeats at
most ten, and repeated events and files are counted once.`,
  options: {
    failed: flag('send the originals of events with the outcome failed'),
    reason: optional(text('<reason>'), 'with --failed: only events with this reason, such as invalid.address'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const queue = new SQSClient(stack.clientOptions('sqs'));
    const left = values.failed
      ? await redriveEvents(stack, queue, values.reason, terminal)
      : [await redriveQueues(stack, queue, terminal), await redriveAlerts(stack, terminal)].includes(true);
    return left ? 1 : 0;
  },
});

async function redriveEvents(
  stack: Stack,
  queue: SQSClient,
  reason: string | undefined,
  terminal: Terminal,
): Promise<boolean> {
  async function send(events: readonly FailedEvent[]): Promise<FailedEvent[]> {
    const taken: FailedEvent[] = [];
    for (const batch of sendBatches(events))
      taken.push(...(await sendBatch(queue, stack.outputs.ClickQueueUrl, batch)));
    return taken;
  }
  const bucket = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  const { sent, reasons, kept, unreadable } = await redriveFailed({
    files: openFailedFiles(bucket, stack.outputs.LakeBucket),
    send,
    reason,
  });
  terminal.print(`failed: ${sent} events sent to the queue, ${kept} kept`);
  for (const [name, count] of reasons) terminal.print(`  ${name}  ${count}`);
  for (const { key, error } of unreadable) terminal.note(`cannot read ${key}: ${String(error)}`);
  return unreadable.length > 0;
}

/** Moves both dead-letter queues. Returns whether messages are left. */
async function redriveQueues(stack: Stack, queue: SQSClient, terminal: Terminal): Promise<boolean> {
  const { ClickDeadLetterQueueUrl, ClickQueueUrl, FilesDeadLetterQueueUrl, FilesQueueUrl } = stack.outputs;
  const moves = [
    { name: 'clicks', from: ClickDeadLetterQueueUrl, to: ClickQueueUrl },
    { name: 'files', from: FilesDeadLetterQueueUrl, to: FilesQueueUrl },
  ];
  let left = false;
  for (const { name, from, to } of moves) {
    const { waiting, moved } = await moveMessages(queue, from, to, (done, all) =>
      terminal.progress(`${name}: ${done} of ${all}`),
    );
    terminal.print(`${name}: ${moved} of ${waiting} messages moved back from the dead-letter queue`);
    left ||= moved < waiting;
  }
  return left;
}

/** Queues messages to channels again that were given up. Returns whether some are left. */
async function redriveAlerts(stack: Stack, terminal: Terminal): Promise<boolean> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const outbox = createOutgoingMails({ client, table: stack.outputs.CatalogTable });
  const { waiting, moved } = await outbox.revive(terminal.now());
  terminal.print(`alerts: ${moved} of ${waiting} messages to channels queued again; the next alert job sends them`);
  return moved < waiting;
}

import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { defineCommand } from '#cli/command.ts';
import { flag, instant, optional } from '#cli/parameters.ts';
import { sendBatch } from '#cli/queue-batches.ts';
import { recoverClicks } from '#cli/recover/recover-clicks.ts';
import { createRecoveredEvents } from '#stores/cache/recovered-events.ts';
import { readUnsent } from '#cli/recover/unsent-clicks.ts';
import { findStack } from '#cli/stack.ts';

/** Retention of these log groups. */
const logDays = 7;

export const command = defineCommand({
  summary: 'Send the clicks that the queue did not accept, from the log',
  details: `The edge logs a click that SQS did not accept as click.unsent, with its message. This command sends those messages. The event
id stays the same, so a click that did reach the queue counts once. A second run does not send a click again.`,
  options: {
    since: optional(instant, 'time of the first log line (default: 7 days ago)'),
    'dry-run': flag('count the clicks without sending them'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const logs = new CloudWatchLogsClient(stack.clientOptions('logs'));
    const { RedirectLogGroup, CollectLogGroup, CacheTable, ClickQueueUrl } = stack.outputs;
    const now = terminal.now();
    const from = values.since ?? now - logDays * 86_400_000;
    const { clicks, unreadable } = await readUnsent(logs, [RedirectLogGroup, CollectLogGroup], from, now);
    if (unreadable.length > 0)
      terminal.note(`${unreadable.length} click.unsent lines are truncated and cannot be sent; find them in the log`);
    if (values['dry-run']) {
      terminal.print(`${clicks.size} clicks in the log; none sent (dry run)`);
      return 0;
    }
    const queue = new SQSClient(stack.clientOptions('sqs'));
    const dynamodb = new DynamoDBClient(stack.clientOptions('dynamodb'));
    const recovery = await recoverClicks([...clicks.values()], {
      recovered: createRecoveredEvents({ client: dynamodb, table: CacheTable }),
      send: (batch) => sendBatch(queue, ClickQueueUrl, batch),
      now: terminal.now,
      onSent: (sent) => terminal.progress(`${sent} sent`),
    });
    const { found, sent, before, refused } = recovery;
    terminal.print(
      `${found} clicks in the log: ${sent} sent now, ${before} sent before, ${refused} refused by the queue`,
    );
    return refused > 0 || unreadable.length > 0 ? 1 : 0;
  },
});

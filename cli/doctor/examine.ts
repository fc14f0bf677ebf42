import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { pickNumbers, readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import type { HourNumbers } from '#core/ledger/report.ts';
import { entityKeys } from '#schemas/counters.ts';
import { createRollupReader, type RollupReader } from '#stores/counters/rollups.ts';
import { ask } from '#cli/ask.ts';
import { createRecoveredEvents } from '#cli/recover/recovered-events.ts';
import { readUnsent } from '#cli/recover/unsent-clicks.ts';
import { queueDepth } from '#cli/redrive/move-messages.ts';
import type { Stack } from '#cli/stack.ts';
import {
  type Finding,
  evaluateClock,
  evaluateDeadLetters,
  evaluateLost,
  evaluateQueue,
  evaluateReceived,
  evaluateUnsent,
} from './findings.ts';
import { examineGeography } from './examine-geography.ts';

type Check = () => Promise<Finding[]>;

/** Looks at every part of a stack, all at once; never throws. Findings come in the order of the flow. */
export async function examine(stack: Stack, now: () => number): Promise<Finding[]> {
  const checks: Readonly<Record<string, Check>> = {
    edge: () => examineEdge(stack, now),
    tables: () => examineTables(stack),
    lake: () => examineBucket(stack),
    queues: () => examineQueues(stack),
    'unsent clicks': () => examineUnsent(stack, now),
    'received counted': () => examineReceived(stack, now),
    geography: () => examineGeography(stack),
  };
  const found = await Promise.all(
    Object.entries(checks).map(([name, check]) => check().catch((error: unknown) => [findingOf(name, error)])),
  );
  return found.flat();
}

/** Both the answer of the edge and its clock. */
async function examineEdge(stack: Stack, now: () => number): Promise<Finding[]> {
  const { status, headers } = await ask(`${stack.url}/robots.txt`);
  const edge: Finding =
    status === 200
      ? { check: 'edge', state: 'fine', found: `${stack.url} answers` }
      : {
          check: 'edge',
          state: 'broken',
          found: `${stack.url}/robots.txt answers ${status}`,
          advice: 'functions/redirect does not run: see its log',
        };
  const clock = Date.parse(headers['date'] ?? '');
  return Number.isNaN(clock) ? [edge] : [edge, evaluateClock(now() - clock)];
}

async function examineTables(stack: Stack): Promise<Finding[]> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const { CatalogTable, RollupsTable, CacheTable } = stack.outputs;
  const statuses = await Promise.all(
    [CatalogTable, RollupsTable, CacheTable].map(async (TableName) => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      return `${TableName} ${Table?.TableStatus ?? 'unknown'}`;
    }),
  );
  const idle = statuses.filter((status) => !status.endsWith(' ACTIVE'));
  return [
    idle.length === 0
      ? { check: 'tables', state: 'fine', found: 'catalog, rollups and cache are active' }
      : { check: 'tables', state: 'broken', found: idle.join(', '), advice: 'wait, or look at them in the console' },
  ];
}

async function examineBucket(stack: Stack): Promise<Finding[]> {
  const client = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  await client.send(new HeadBucketCommand({ Bucket: stack.outputs.LakeBucket }));
  return [{ check: 'lake', state: 'fine', found: `${stack.outputs.LakeBucket} is there` }];
}

async function examineQueues(stack: Stack): Promise<Finding[]> {
  const client = new SQSClient(stack.clientOptions('sqs'));
  const { ClickQueueUrl, ClickDeadLetterQueueUrl, FilesQueueUrl, FilesDeadLetterQueueUrl } = stack.outputs;
  const queues = [
    { name: 'clicks', url: ClickQueueUrl, deadLetters: ClickDeadLetterQueueUrl },
    { name: 'files', url: FilesQueueUrl, deadLetters: FilesDeadLetterQueueUrl },
  ];
  const findings = queues.map(async ({ name, url, deadLetters }) => {
    const [depth, dead] = await Promise.all([queueDepth(client, url), queueDepth(client, deadLetters)]);
    return [
      evaluateQueue(name, depth.waiting, depth.inFlight),
      evaluateDeadLetters(name, dead.waiting + dead.inFlight),
    ];
  });
  return (await Promise.all(findings)).flat();
}

const hour = 3_600_000;

const day = 24 * hour;

async function examineUnsent(stack: Stack, now: () => number): Promise<Finding[]> {
  const client = new CloudWatchLogsClient(stack.clientOptions('logs'));
  const groups = [stack.outputs.RedirectLogGroup, stack.outputs.CollectLogGroup];
  const { clicks, unreadable } = await readUnsent(client, groups, now() - 7 * day, now());
  const dynamodb = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const recovered = createRecoveredEvents({ client: dynamodb, table: stack.outputs.CacheTable });
  const known = await recovered.known([...clicks.keys()]);
  return [evaluateUnsent(clicks.size - known.size, unreadable.length)];
}

async function examineReceived(stack: Stack, now: () => number): Promise<Finding[]> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const reader = createRollupReader({ client, table: stack.outputs.RollupsTable, now });
  const through = await reader.receivedThrough();
  const received = evaluateReceived(through, now());
  return through === undefined ? [received] : [received, ...(await examineLost(reader, through, now()))];
}

const lostHours = 24;

/** Lost events of the closed hours of the last day, by the stack's own counters. */
async function examineLost(reader: RollupReader, through: number, now: number): Promise<Finding[]> {
  function date(at: number): string {
    return new Date(at).toISOString().slice(0, 10);
  }
  const items = await reader.hours(entityKeys.stack, date(now - day), date(now));
  // An hour is closed when receipts have passed its end, with a window to spare for late lines.
  const closed = items.filter(({ hour: start }) => {
    const from = Date.parse(`${start.slice(0, 13)}:00:00Z`);
    return from >= now - (lostHours + 1) * hour && from + hour + 15 * 60_000 <= through;
  });
  return [
    evaluateLost(
      closed.reduce((sum, item) => sum + lostOf(item), 0),
      lostHours,
    ),
  ];
}

function lostOf(item: HourNumbers): number {
  return item.received - sumOutcomes(readOutcomes(pickNumbers(item)));
}

/** A check that throws is itself the finding. */
function findingOf(check: string, error: unknown): Finding {
  return {
    check,
    state: 'broken',
    found: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    advice: 'it cannot be reached with the credentials of this shell; see whether the stack runs',
  };
}

import { dayLength, hourLength } from '#core/time.ts';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import { addRefused } from '#core/ledger/refused.ts';
import { compareHour } from '#core/ledger/report.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import { entityKeys } from '#schemas/counters.ts';
import { lookupFailedRule } from '#schemas/log-lines.ts';
import { createRollupReader, type RollupReader } from '#stores/counters/rollup-reader.ts';
import { sendRequest } from '#cli/http-request.ts';
import { createRecoveredEvents } from '#stores/cache/recovered-events.ts';
import { readUnsent } from '#cli/recover/unsent-clicks.ts';
import { queueDepth } from '#cli/redrive/move-messages.ts';
import type { Stack } from '#cli/stack.ts';
import {
  type Finding,
  evaluateCanary,
  evaluateClock,
  evaluateDeadLetters,
  evaluateJobFailures,
  evaluateLookups,
  evaluateLost,
  evaluateSurplus,
  evaluateQueue,
  evaluateReceived,
  evaluateRefused,
  evaluateSignIn,
  evaluateUnsent,
} from './findings.ts';
import { onlyOnAws } from './aws-findings.ts';
import { examineGeography } from './examine-geography.ts';

type Check = () => Promise<Finding[]>;

/** Checks every part of a stack concurrently, and returns the findings in the order of the pipeline. Never throws. */
export async function examine(stack: Stack, now: () => number): Promise<Finding[]> {
  const checks: Readonly<Record<string, Check>> = {
    edge: () => examineEdge(stack, now),
    tables: () => examineTables(stack),
    lake: () => examineBucket(stack),
    queues: () => examineQueues(stack),
    'unsent clicks': () => examineUnsent(stack, now),
    'received counted': () => examineReceived(stack, now),
    geography: () => examineGeography(stack),
    'sign-in': () => examineSignIn(stack),
    canary: () => examineCanary(stack, now),
    ...(await readAwsChecks(stack)),
  };
  const found = await Promise.all(
    Object.entries(checks).map(([name, check]) => check().catch((error: unknown) => [toFinding(name, error)])),
  );
  return found.flat();
}

/** Loads the SDK clients here because the local stack doesn't need them. */
async function readAwsChecks(stack: Stack): Promise<Record<string, Check>> {
  if (stack.local) return { aws: () => Promise.resolve([...onlyOnAws]) };
  const { createAwsChecks } = await import('./examine-aws.ts');
  return createAwsChecks(stack);
}

async function examineEdge(stack: Stack, now: () => number): Promise<Finding[]> {
  const { status, headers } = await sendRequest(`${stack.url}/robots.txt`);
  const edge: Finding =
    status === 200
      ? { check: 'edge', state: 'ok', found: `${stack.url} responds` }
      : {
          check: 'edge',
          state: 'error',
          found: `${stack.url}/robots.txt returned ${status}`,
          advice: 'functions/redirect is not running; check its log',
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
      ? { check: 'tables', state: 'ok', found: 'catalog, rollups and cache are active' }
      : { check: 'tables', state: 'error', found: idle.join(', '), advice: 'wait, or check them in the AWS console' },
  ];
}

async function examineBucket(stack: Stack): Promise<Finding[]> {
  const client = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  await client.send(new HeadBucketCommand({ Bucket: stack.outputs.LakeBucket }));
  return [{ check: 'lake', state: 'ok', found: `${stack.outputs.LakeBucket} exists` }];
}

async function examineQueues(stack: Stack): Promise<Finding[]> {
  const client = new SQSClient(stack.clientOptions('sqs'));
  const { ClickQueueUrl, ClickDeadLetterQueueUrl, FilesQueueUrl, FilesDeadLetterQueueUrl, JobFailuresQueueUrl } =
    stack.outputs;
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
  const failed = await queueDepth(client, JobFailuresQueueUrl);
  return [...(await Promise.all(findings)).flat(), evaluateJobFailures(failed.waiting + failed.inFlight)];
}

async function examineUnsent(stack: Stack, now: () => number): Promise<Finding[]> {
  const client = new CloudWatchLogsClient(stack.clientOptions('logs'));
  const groups = [stack.outputs.RedirectLogGroup, stack.outputs.CollectLogGroup];
  const { clicks, unreadable } = await readUnsent(client, groups, now() - 7 * dayLength, now());
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

/** Compares received and outcomes in the closed hours of the last day. */
async function examineLost(reader: RollupReader, through: number, now: number): Promise<Finding[]> {
  function date(at: number): string {
    return new Date(at).toISOString().slice(0, 10);
  }
  const items = await reader.hours(entityKeys.stack, date(now - dayLength), date(now));
  // Late log lines may arrive for one more window of 15 minutes.
  const closed = items.filter(({ hour: start }) => {
    const from = Date.parse(`${start.slice(0, 13)}:00:00Z`);
    return from >= now - (lostHours + 1) * hourLength && from + hourLength + 15 * 60_000 <= through;
  });
  const settledThrough = await reader.settledThrough();
  const compared = closed.map((item) => ({ ...item, ...compareHour(item, settledThrough) }));
  const surplus = compared.filter((item) => item.surplus > 0);
  const refused = addRefused(items.map((item) => item.refused));
  return [
    evaluateLost(
      compared.reduce((sum, { lost }) => sum + lost, 0),
      lostHours,
    ),
    evaluateSurplus({
      waiting: surplus.filter(({ final }) => final === undefined).map(toHourSurplus),
      settled: surplus.filter(({ final }) => final !== undefined).map(toHourSurplus),
    }),
    evaluateLookups(refused[lookupFailedRule] ?? 0, lostHours),
    evaluateRefused(refused, lostHours),
  ];
}

async function examineSignIn({ outputs }: Stack): Promise<Finding[]> {
  const { status } = await sendRequest(`${outputs.IdentityIssuer}/.well-known/openid-configuration`);
  return [evaluateSignIn(outputs.IdentityIssuer, status)];
}

/** Looks for clicks of the canary in this hour and the last: they need the schedule, the edge and every queue. */
async function examineCanary(stack: Stack, now: () => number): Promise<Finding[]> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const reader = createRollupReader({ client, table: stack.outputs.RollupsTable, now });
  const since = new Date(now() - hourLength).toISOString();
  const hours = await reader.hours(
    entityKeys.link(canaryCode),
    since.slice(0, 10),
    new Date(now()).toISOString().slice(0, 10),
  );
  const recent = hours.filter(({ hour }) => hour >= since.slice(0, 13));
  return [evaluateCanary(recent.reduce((sum, { hot }) => sum + sumOutcomes(readOutcomes(hot)), 0))];
}

function toHourSurplus({ hour: name, surplus }: { hour: string; surplus: number }) {
  return { hour: name.slice(0, 13), surplus };
}

function toFinding(check: string, error: unknown): Finding {
  return {
    check,
    state: 'error',
    found: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    advice: 'check that the stack runs, and the credentials of your shell',
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { LocalStack } from '../../local/stack.ts';
import { entityKeys } from '../../schemas/counters.ts';
import { hourKey } from '../../stores/counters/counter-items.ts';
import { createTable } from '../../stores/dynamodb/table.ts';
import type { ClientReport, Order } from './client.ts';
import { runClient } from './run-client.ts';

const lookEveryMs = 100;
const drainDeadlineMs = 120_000;

/** The clicks of one order, sent and counted. */
export interface ClickRun {
  report: ClientReport;
  /** Milliseconds since the epoch: before the first click, after the last response, and when all were counted. */
  started: number;
  clicked: number;
  counted: number;
  /** Milliseconds from each response to its count, ascending. */
  delays: number[];
}

/**
 * Sends clicks and waits until they are counted. The k-th response is paired with the k-th counted click: clicks out of order
 * matter less than the 100 ms between two reads of the counter.
 */
export async function runClicks(stack: LocalStack, order: Omit<Order, 'port'>): Promise<ClickRun> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  async function count(): Promise<number> {
    return outcomesOf(await readNumbers(client, stack, entityKeys.stack, hourKey));
  }
  const before = await count();
  const looks: Look[] = [];
  let finished = false;
  async function watch(): Promise<void> {
    while (!finished) {
      looks.push({ counted: (await count()) - before, at: Date.now() });
      await delay(lookEveryMs);
    }
  }
  const watching = watch();
  const started = Date.now();
  const report = await runClient({ ...order, port: Number(new URL(stack.url).port) });
  const clicked = Date.now();
  const clicks = order.paths.length;
  while ((looks.at(-1)?.counted ?? 0) < clicks && Date.now() < clicked + drainDeadlineMs) await delay(lookEveryMs);
  finished = true;
  await watching;
  client.destroy();
  const counted = looks.find((look) => look.counted >= clicks)?.at ?? Date.now();
  return { report, started, clicked, counted, delays: toDelays(report.answeredAt, looks) };
}

interface Look {
  at: number;
  counted: number;
}

/** Returns, per click, the time from its response to the first read that counted it. */
function toDelays(answeredAt: readonly number[], looks: readonly Look[]): number[] {
  let look = 0;
  return answeredAt
    .map((answered, index) => {
      while (look < looks.length - 1 && (looks[look]?.counted ?? 0) < index + 1) look += 1;
      return Math.max(0, (looks[look]?.at ?? Number.NaN) - answered);
    })
    .sort((left, right) => left - right);
}

/** Sums all outcomes: every click ends as one of them. */
export function outcomesOf(totals: Readonly<Record<string, number>>): number {
  return Object.entries(totals)
    .filter(([name]) => name === 'views' || name === 'clicks' || name === 'customs' || name.startsWith('x.'))
    .reduce((sum, [, value]) => sum + value, 0);
}

/** Returns the sums of all numbers in the counters of an entity. */
export async function readNumbers(
  client: DynamoDBClient,
  stack: LocalStack,
  entity: string,
  keyOf: typeof hourKey,
): Promise<Record<string, number>> {
  const items = await createTable({ client, table: stack.outputs.RollupsTable }).query({
    pk: entity,
    prefix: keyOf(''),
  });
  const totals: Record<string, number> = {};
  for (const item of items)
    for (const [name, value] of Object.entries(unmarshall(item)))
      if (typeof value === 'number' && name !== 'expires') totals[name] = (totals[name] ?? 0) + value;
  return totals;
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { command } from '#cli/commands/erase.ts';
import { readOutcomes } from '#core/ledger/outcomes.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { demoPages } from '#local/demo/demo-pages.ts';
import { addDemoMonth } from '#local/demo/demo-month.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { entityKeys } from '#schemas/counters.ts';
import { createCampaigns } from '#stores/catalog/campaigns.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { temporaryDirectory } from './stack-facts.ts';

/** The demo of `npm start`, of one day instead of a month. */

const { directory, remove } = temporaryDirectory();
const today = new Date().toISOString().slice(0, 10);
let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ dataDirectory: directory, port: 0, schedules: false });
});

afterAll(async () => {
  await stack.stop();
  remove();
});

async function addDemo(signal: AbortSignal = new AbortController().signal): Promise<string[]> {
  const lines: string[] = [];
  await addDemoMonth({ stack, dataDirectory: directory, days: 1, signal, log: (line) => lines.push(line) });
  return lines;
}

async function readNumbers(page: string) {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const reader = createRollupReader({ client, table: stack.outputs.RollupsTable, now: Date.now });
  const hours = await reader.hours(entityKeys.page(page), addDays(today, -2), today);
  client.destroy();
  const sums = { received: 0, outcomes: 0, counted: 0 };
  for (const hour of hours) {
    const outcomes = readOutcomes(hour.final ?? {});
    sums.received += hour.received;
    sums.counted += outcomes.counted;
    sums.outcomes += Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  }
  return sums;
}

async function listCampaigns(page: string) {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const campaigns = await createCampaigns({ client, table: stack.outputs.CatalogTable }).list(page);
  client.destroy();
  return campaigns.map(({ name, label, public: isPublic }) => ({ name, label, isPublic }));
}

it('is complete, is not made twice, and can be removed', async () => {
  const stopped = AbortSignal.abort();
  expect(await addDemo(stopped)).toHaveLength(1);
  expect(await addDemo()).toEqual([
    expect.stringContaining('six pages get traffic'),
    expect.stringMatching(/[\d,]+ events are counted/),
    expect.stringContaining('have settled'),
    expect.stringContaining('complete'),
  ]);
  const numbers = await readNumbers('/demo-bakery');
  expect(numbers.counted).toBeGreaterThan(100);
  expect(numbers.received).toBe(numbers.outcomes);
  expect(await addDemo()).toEqual([]);
  expect(await listCampaigns('/demo-plants')).toEqual([{ name: 'Winter sale', label: 'winter', isPublic: true }]);

  const lines: string[] = [];
  const code = await command.run('erase', ['--demo'], {
    stdin: process.stdin,
    print: (line) => lines.push(line),
    note: () => undefined,
    progress: () => undefined,
    environment: { HOPCOUNT_DATA: directory },
    now: Date.now,
    catchInterrupt: () => new AbortController().signal,
  });
  expect(code, lines.join('\n')).toBe(0);
  expect(lines).toHaveLength(demoPages.length);
  expect(await stack.catalog.getPages(demoPages.map((page) => page.path))).toEqual([]);
  expect(await stack.catalog.getLinks(demoPages.flatMap(({ links }) => links.map(({ code: each }) => each)))).toEqual(
    [],
  );
  expect(await listCampaigns('/demo-plants')).toEqual([]);
  expect(await readNumbers('/demo-bakery')).toEqual({ received: 0, outcomes: 0, counted: 0 });
}, 300_000);

import { readFileSync } from 'node:fs';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lakeNow, type LakeWorld, startLakeWorld } from './lake-world.ts';

let world: LakeWorld;

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const requestSchema = z.looseObject({
  TableName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
});

/** A client to which one table does not answer. */
const without = (table: string): DynamoDBClient => {
  const client = new DynamoDBClient({ endpoint: world.settled.db.endpoint, region: 'us-east-1', credentials });
  client.middlewareStack.add(
    (next) => async (args) => {
      const { TableName, RequestItems } = requestSchema.parse(args.input);
      if (TableName === table || (RequestItems && table in RequestItems)) throw new Error(`${table} is switched off`);
      return next(args);
    },
    { step: 'initialize' },
  );
  return client;
};

const noAthena = () =>
  new AthenaClient({ endpoint: 'http://127.0.0.1:9', region: 'us-east-1', credentials, maxAttempts: 1 });

type App = LakeWorld['app'];
type Clock = () => number;

const faults: Readonly<Record<string, (now: Clock) => App>> = {
  'counters fail': (now) => world.again({ now, client: without(world.tables.rollups) }),
  'lake fails': (now) => world.again({ now, clients: { athena: noAthena() } }),
  'both fail': (now) => world.again({ now, client: without(world.tables.rollups), clients: { athena: noAthena() } }),
};
/** Later than the shared cache answers by itself, what was kept while another store failed included. */
const laterFor: Readonly<Record<string, number>> = {
  'counters fail': 600_000,
  'lake fails': 1_200_000,
  'both fail': 1_800_000,
};
const twoDaysLater = (): number => lakeNow + 2 * 86_400_000;

const range = 'from=2026-11-22&to=2026-11-22';
const answerSchema = z.looseObject({
  errors: z.array(z.object({ part: z.string(), message: z.string() })).default([]),
  sources: z.record(z.string(), z.object({ stale: z.boolean() })).default({}),
});
type Answer = z.infer<typeof answerSchema>;

const ask = async (app: App, path: string, options: object = {}): Promise<{ status: number; answer: Answer }> => {
  const answer = await world.ask(path, { ...options, app });
  return { status: answer.status, answer: answerSchema.parse(await answer.json()) };
};

const stateOf = (status: number, answer: Answer, part: string): string => {
  if (status !== 200 && status !== 201) return String(status);
  const named = answer.errors.some((error) => error.part === part);
  if (answer.sources[part]) return answer.sources[part].stale ? 'stale' : 'shown';
  return named ? 'missing' : 'shown';
};

const preview = { method: 'post', body: { field: 'bot', value: 'Crawler', outcome: 'counted', preview: true } };

/** How each panel of the document is asked for. */
const questions: Readonly<Record<string, { path: string; options?: object }>> = {
  dashboard: { path: `pages/ada/dashboard?${range}&compare=previous` },
  'dashboard with a filter': { path: `pages/ada/dashboard?${range}&country=AT` },
  agency: { path: 'agencies/north/dashboard?from=2026-11-20&to=2026-11-22' },
  stats: { path: `pages/ada/stats?${range}` },
  'stats with a filter': { path: `pages/ada/stats?${range}&country=AT` },
  ledger: { path: `pages/ada/ledger?${range}` },
  'why not counted': { path: `pages/ada/ledger/examples?${range}&outcome=bot` },
  'reclassification preview': { path: 'pages/ada/reclassify', options: preview },
  'real time': { path: 'pages/ada/realtime' },
  'links, pages, settings, shares, keys': { path: 'links?page=/ada' },
};
/** Parts that are named otherwise than their panel. */
const partOf: Readonly<Record<string, string>> = { 'why not counted': 'examples' };

const document = readFileSync(new URL('../../docs/degradation.md', import.meta.url), 'utf8');
const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const [head = [], , ...rows] = document
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map(cells);

beforeAll(async () => {
  world = await startLakeWorld();
  // Asked once while all is well: what may be shown later.
  for (const { path, options } of Object.values(questions)) await ask(world.app, path, options);
});
afterAll(() => world.stop());

describe.each(Object.keys(faults))('while %s', (fault) => {
  const column = head.indexOf(fault);
  let app: App;
  beforeAll(() => {
    const broken = faults[fault];
    if (!broken) throw new Error(`the document has no column "${fault}"`);
    app = broken(() => lakeNow + (laterFor[fault] ?? 0));
  });

  it.each(rows.map((row) => [row[0] ?? '', row[column] ?? '']))('%s is %s', async (panel, expected) => {
    const [name = '', part] = panel.split(': ');
    const question = questions[name];
    if (!question) throw new Error(`the test does not know the panel "${name}"`);
    const { status, answer } = await ask(app, question.path, question.options);
    expect(stateOf(status, answer, part ?? partOf[name] ?? name)).toBe(expected);
  });
});

it('the document names every panel that is asked for here', () => {
  const named = new Set(rows.map((row) => row[0]?.split(': ')[0]));
  expect(named).toEqual(new Set(Object.keys(questions)));
});

it.each(['counters fail', 'both fail'])('after 24 hours a part is missing while %s', async (fault) => {
  const app = faults[fault]?.(twoDaysLater) ?? world.app;
  for (const { path, part } of [
    { path: questions['dashboard']?.path ?? '', part: 'current' },
    { path: questions['agency']?.path ?? '', part: 'pages' },
  ]) {
    const { status, answer } = await ask(app, path);
    expect([status, stateOf(status, answer, part)]).toEqual([200, 'missing']);
  }
});

it('nobody is let in while the catalog fails', async () => {
  const app = world.again({ client: without('api-catalog') });
  for (const { path, options } of Object.values(questions)) expect((await ask(app, path, options)).status).toBe(503);
});

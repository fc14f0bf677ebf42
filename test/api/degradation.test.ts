import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createPulls } from '#stores/catalog/pulls.ts';
import {
  faultNames,
  panelAnswer,
  type PanelAnswer,
  panelRows,
  type Question,
  questionsAbout,
  stateOf,
} from './degradation-table.ts';
import { lakeNow, type LakeWorld, startLakeWorld } from './lake-world.ts';

/** Checks the table in docs/degradation.md against the API alone; outages.test.ts checks it against the running stack. */

let world: LakeWorld;

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const requestSchema = z.looseObject({
  TableName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
});

/** A client for which one table never responds. */
function without(table: string): DynamoDBClient {
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
}

function noAthena() {
  return new AthenaClient({ endpoint: 'http://127.0.0.1:9', region: 'us-east-1', credentials, maxAttempts: 1 });
}

type App = LakeWorld['app'];
type Clock = () => number;

const faults: Readonly<Record<string, (now: Clock) => App>> = {
  'counters fail': (now) => world.again({ now, client: without(world.tables.rollups) }),
  'lake fails': (now) => world.again({ now, clients: { athena: noAthena() } }),
  'both fail': (now) => world.again({ now, client: without(world.tables.rollups), clients: { athena: noAthena() } }),
  'cache fails': (now) => world.again({ now, client: without(world.tables.cache) }),
  'catalog fails': (now) => world.again({ now, client: without('api-catalog') }),
};
/** After the shared cache has expired, including responses cached while another store failed. */
const laterFor: Readonly<Record<string, number>> = {
  'counters fail': 600_000,
  'lake fails': 1_200_000,
  'both fail': 1_800_000,
};
function twoDaysLater(): number {
  return lakeNow + 2 * 86_400_000;
}

const questions = questionsAbout({
  page: 'ada',
  agency: 'north',
  country: 'AT',
  from: '2026-11-22',
  to: '2026-11-22',
});

function questionOf(panel: string): Question {
  const question = questions[panel];
  if (!question) throw new Error(`nobody knows how to ask for the panel "${panel}"`);
  return question;
}
async function ask(app: App, panel: string): Promise<PanelAnswer> {
  const { path, ...options } = questionOf(panel);
  return panelAnswer(await world.ask(path, { ...options, app }));
}

beforeAll(async () => {
  world = await startLakeWorld();
  // Fills the cache while everything works.
  for (const panel of Object.keys(questions)) await ask(world.app, panel);
});
afterAll(() => world.stop());

describe.each(Object.keys(faults))('while %s', (fault) => {
  let app: App;
  beforeAll(() => {
    const broken = faults[fault];
    if (!broken) throw new Error(`the document has no column "${fault}"`);
    app = broken(() => lakeNow + (laterFor[fault] ?? 0));
  });

  it.each(panelRows.map((row) => [row.name, row.states[fault] ?? '', row] as const))(
    '%s is %s',
    async (_name, expected, row) => {
      const answer = await ask(app, row.panel);
      expect(stateOf(answer, row)).toBe(expected);
      if (expected === '503') expect(Number(answer.retryAfter)).toBeGreaterThan(0);
    },
  );
});

it('the document lists every fault and panel tested here', () => {
  expect(new Set(faultNames)).toEqual(new Set(Object.keys(faults)));
  expect(new Set(panelRows.map(({ panel }) => panel))).toEqual(new Set(Object.keys(questions)));
});

it.each(['counters fail', 'both fail'])('after 24 hours a part is missing while %s', async (fault) => {
  const app = faults[fault]?.(twoDaysLater) ?? world.app;
  for (const name of ['dashboard: current', 'agency: pages']) {
    const row = panelRows.find((each) => each.name === name);
    if (!row) throw new Error(`the document has no row "${name}"`);
    expect(stateOf(await ask(app, row.panel), row)).toBe('missing');
  }
});

it('while the bucket fails, imports and pulls are created and listed; an import does not start, and no report is shown', async () => {
  const s3 = new S3Client({ endpoint: 'http://127.0.0.1:9', region: 'us-east-1', credentials, maxAttempts: 1 });
  const app = world.again({ clients: { s3 } });
  const [created, pulled] = [questionOf('a new import of history'), questionOf('a new pull')];
  const [job, pull] = [
    await world.ask(created.path, { ...created, app }),
    await world.ask(pulled.path, { ...pulled, app }),
  ];
  expect([job.status, pull.status]).toEqual([201, 202]);
  const [history, pulls] = [`imports/history/${await idOf(job)}`, `imports/pulls/${await idOf(pull)}`];
  for (const path of [history, pulls]) expect((await world.ask(path, { app })).status).toBe(200);
  const start = await panelAnswer(await world.ask(`${history}/start`, { method: 'POST', body: {}, app }));
  expect(start.status).toBe(503);
  expect(Number(start.retryAfter)).toBeGreaterThan(0);
  const stored = createPulls({ client: world.settled.db.client, table: 'api-catalog', now: () => lakeNow });
  const read = await stored.get(pulls.slice('imports/pulls/'.length));
  if (read !== undefined) await stored.change(read, { state: 'previewed' });
  expect((await world.ask(pulls, { app })).status).toBe(503);
});

async function idOf(response: Response): Promise<string> {
  return z.looseObject({ id: z.string() }).parse(await response.json()).id;
}

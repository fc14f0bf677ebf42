import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type ServiceChanges, type ServiceMode, faultServices } from '#local/fault-injection/service-faults.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import {
  announcedIds,
  click,
  countReceived,
  hotNumbers,
  linkEntity,
  rawRows,
  temporaryDirectory,
} from '#test/pipeline/stack-facts.ts';
import {
  faultNames,
  panelAnswer,
  type PanelAnswer,
  type PanelRow,
  panelRows,
  questionsAbout,
  stateOf,
} from './degradation-table.ts';

/** Checks the table in docs/degradation.md against the running stack, with services switched off under traffic. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let token = '';
let clicked = 0;

const dayMs = 86_400_000;
function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
const yesterday = dateOf(Date.now() - dayMs);
const questions = questionsAbout({
  page: 'demo',
  agency: 'engines',
  country: 'US',
  from: yesterday,
  to: dateOf(Date.now()),
});

/** Services that fail in each column of the table. */
const faults: Readonly<Record<string, readonly (typeof faultServices)[number][]>> = {
  'counters fail': ['rollups'],
  'lake fails': ['athena'],
  'both fail': ['rollups', 'athena'],
  'cache fails': ['cache'],
  'catalog fails': ['catalog'],
};

/** Switches services like the status page. */
async function switchTo(changes: ServiceChanges): Promise<unknown> {
  const answer = await fetch(`${stack.url}/_local/outages`, { method: 'POST', body: JSON.stringify(changes) });
  expect(answer.status).toBe(200);
  return answer.json();
}
function allOf(services: readonly (typeof faultServices)[number][], mode: ServiceMode): ServiceChanges {
  return Object.fromEntries(services.map((service) => [service, mode]));
}

/** Requests current data, like a reload. */
async function ask(panel: string): Promise<PanelAnswer> {
  const question = questions[panel];
  if (!question) throw new Error(`nobody knows how to ask for the panel "${panel}"`);
  const { path, method = 'GET', body, headers = {} } = question;
  const answer = await fetch(`${stack.url}/api/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'cache-control': 'no-cache',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return panelAnswer(answer);
}

async function askAll(): Promise<ReadonlyMap<string, PanelAnswer>> {
  const answers = new Map<string, PanelAnswer>();
  for (const panel of Object.keys(questions)) answers.set(panel, await ask(panel));
  return answers;
}

function answerTo(answers: ReadonlyMap<string, PanelAnswer>, { panel }: PanelRow): PanelAnswer {
  const answer = answers.get(panel);
  if (!answer) throw new Error(`the panel "${panel}" was not asked for`);
  return answer;
}

/** Returns the table's column as the stack shows it. */
function statesOf(answers: ReadonlyMap<string, PanelAnswer>): Record<string, string> {
  return Object.fromEntries(panelRows.map((row) => [row.name, stateOf(answerTo(answers, row), row)]));
}

function documented(fault: string): Record<string, string> {
  return Object.fromEntries(panelRows.map(({ name, states }) => [name, states[fault] ?? '']));
}

/** Waits until the pipeline has counted every click. An invocation may still fail after its service recovers. */
function countAll(): Promise<void> {
  return vi.waitFor(
    async () => {
      await stack.retryFailed();
      expect((await stack.idle(2_000)).idle).toBe(true);
    },
    { timeout: 120_000 },
  );
}

async function clickOnce(): Promise<void> {
  expect((await click(`${stack.url}/duckdb`)).status).toBe(302);
  clicked += 1;
}

const balanceSchema = z.looseObject({ received: z.number(), lost: z.number() });

async function replayYesterday(headers: Record<string, string>): Promise<void> {
  const time = { 'x-replay-ip': '8.8.8.8', 'x-replay-time': `${yesterday}T12:00:00Z` };
  expect((await click(`${stack.url}/duckdb`, { headers: { ...time, ...headers } })).status).toBe(302);
}

beforeAll(async () => {
  stack = await startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    allowReplay: true,
    batchWindowSeconds: 0.3,
    // A failed message is retried once during each outage and once after it.
    retries: 'by-hand',
    // One environment each, so that there is one cache.
    maximumWorkers: 1,
  });
  const page = await stack.catalog.getPage('/demo');
  if (!page) throw new Error('the demo page is missing');
  await stack.catalog.putPage({ ...page, agency: 'engines' });
  await replayYesterday({});
  await replayYesterday({ 'user-agent': 'Googlebot/2.1' });
  expect((await stack.idle()).idle).toBe(true);
  await stack.invoke(stack.outputs.SettleFunction, { time: new Date().toISOString() });
  const signedIn = await (await fetch(`${stack.url}/_local/token?as=admin`)).json();
  ({ token } = z.object({ token: z.string() }).parse(signedIn));
  await clickOnce();
  expect((await stack.idle()).idle).toBe(true);
});
afterAll(async () => {
  await stack.stop();
  remove();
});

it('the document lists every fault tested here', () => {
  expect(new Set(faultNames)).toEqual(new Set(Object.keys(faults)));
});

it('can be switched only from this machine’s own page', async () => {
  function post(body: string, headers: Record<string, string>) {
    return fetch(`${stack.url}/_local/outages`, { method: 'POST', body, headers, redirect: 'manual' });
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await post('cache=failing', { ...form, origin: 'https://evil.example' })).status).toBe(403);
  expect((await post('moon=failing', form)).status).toBe(400);
  expect(Object.values(stack.serviceFaults.modes())).toEqual(faultServices.map(() => 'working'));
  expect((await post('cache=failing', form)).headers.get('location')).toBe('/_local/#outages');
  const page = await (await fetch(`${stack.url}/_local/`)).text();
  expect(page).toContain('name="cache" value="failing" aria-pressed="true"');
  expect(await switchTo({ cache: 'working' })).toMatchObject({ cache: 'working' });
});

it('shows every panel while everything works', async () => {
  const states = statesOf(await askAll());
  expect(new Set(Object.values(states))).toEqual(new Set(['shown']));
});

const cases = (['failing', 'hanging'] as const).flatMap((mode) =>
  Object.entries(faults).map(([fault, services]) => ({ fault, services, mode })),
);

describe.each([...cases, { fault: 'both fail', services: ['rollups', 'athena'], mode: 'throttled' } as const])(
  'while $fault, $mode',
  ({ fault, services, mode }) => {
    it('each panel is as documented, redirects continue, and everything recovers', async () => {
      const since = new Date().toISOString();
      await switchTo(allOf(services, mode));
      await clickOnce();
      const answers = await askAll();
      await stack.retryFailed();
      await clickOnce();
      expect(statesOf(answers)).toEqual(documented(fault));
      for (const row of panelRows) {
        const { status, retryAfter, body } = answerTo(answers, row);
        const source = body.sources[row.part];
        if (status === 503) expect(Number(retryAfter), row.name).toBeGreaterThan(0);
        // A stale part states when it was read, in its source and in its error text.
        if (source?.stale) {
          expect(source.asOf < since, row.name).toBe(true);
          expect(body.errors.find(({ part }) => part === row.part)?.message, row.name).toContain(source.asOf);
        }
      }

      await switchTo(allOf(services, 'working'));
      await countAll();
      await vi.waitFor(
        async () => expect(new Set(Object.values(statesOf(await askAll())))).toEqual(new Set(['shown'])),
        { timeout: 120_000, interval: 500 },
      );
    });
  },
);

it('a link that is not cached gets a retry page while the catalog fails', async () => {
  for (const mode of ['failing', 'hanging'] as const) {
    await switchTo({ catalog: mode });
    const answer = await click(`${stack.url}/parquet`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    await clickOnce();
    await switchTo({ catalog: 'working' });
  }
  await vi.waitFor(async () => expect((await click(`${stack.url}/parquet`)).status).toBe(302), { timeout: 60_000 });
});

it('each click during these outages is counted once, and none is lost', async () => {
  await countAll();
  expect((await stack.idle()).deadLetters).toBe(0);
  const today = await hotNumbers(stack, await linkEntity(stack, 'duckdb'));
  // Includes yesterday's replayed click.
  expect(today['clicks']).toBe(clicked + 1);

  await countReceived(stack);
  const announced = await announcedIds(stack);
  expect(new Set((await rawRows(stack)).map(({ event_id }) => String(event_id)))).toEqual(new Set(announced));
  const { body } = await ask('ledger');
  expect(balanceSchema.parse(body)).toMatchObject({ received: announced.length, lost: 0 });
});

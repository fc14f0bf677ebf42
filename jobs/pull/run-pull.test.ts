import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginImport, newImport } from '#core/history/new-import.ts';
import { newPull } from '#core/history/pulls/new-pull.ts';
import { mostAttempts } from '#core/history/pulls/outcome.ts';
import { sealToken } from '#core/history/pulls/token.ts';
import type { ImportJob } from '#schemas/history/history-job.ts';
import { type PullJob, pullLimits, type PullReport, type PullRequest } from '#schemas/history/pull.ts';
import { pageSchema } from '#schemas/catalog.ts';
import { pullFolder, pullReportKey, uploadKey } from '#schemas/lake-keys.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createHistoryImports } from '#stores/catalog/history-imports.ts';
import { createPulls, type Pulls } from '#stores/catalog/pulls.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { type ApiAnswer, bitlyApi, dubApi, plausibleApi, shlinkApi, type ToolApi } from '#test/pulls/tool-apis.ts';
import type { PullDeps } from './deps.ts';
import { runPull } from './run-pull.ts';

const startedAt = Date.parse('2026-11-22T09:00:00Z');
const secret = 'the secret of the stack';

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

/** A page of its own, an API, and what happens between them. */
interface World {
  page: string;
  deps: PullDeps;
  pulls: Pulls;
  files: Map<string, Uint8Array>;
  imports: Map<string, ImportJob>;
  started: string[];
  continued: string[];
  asked: number;
  clock: { now: number };
  /** Called before and after each effect; throws to interrupt the run. */
  interrupt: (moment: 'before' | 'after') => void;
  answer: (count: number, said: ApiAnswer) => ApiAnswer;
}

let pages = 0;

async function createWorld(api: ToolApi): Promise<World> {
  const page = `/p${pages++}`;
  const clock = { now: startedAt };
  const options = { client: db.client, table: db.tables.catalog, now: () => clock.now };
  const catalog = createCatalogAdmin(options);
  const at = new Date(startedAt).toISOString();
  await catalog.createPage(pageSchema.parse({ path: page, title: 'Ada', createdAt: at, updatedAt: at }));
  const files = new Map<string, Uint8Array>();
  const imports = new Map<string, ImportJob>();
  const pulls = createPulls(options);
  const history = createHistoryImports(options);
  async function effect<T>(work: () => Promise<T>): Promise<T> {
    world.interrupt('before');
    const result = await work();
    world.interrupt('after');
    return result;
  }
  const world: World = {
    page,
    pulls,
    files,
    imports,
    started: [],
    continued: [],
    asked: 0,
    clock,
    interrupt: () => {},
    answer: (_, said) => said,
    deps: {
      pulls: {
        ...pulls,
        change: (...change) => effect(() => pulls.change(...change)),
        deleteToken: (id) => effect(() => pulls.deleteToken(id)),
      },
      catalog: { ...catalog, importLinks: (...links) => effect(() => catalog.importLinks(...links)) },
      files: {
        get: async (key) => files.get(key),
        put: (key, bytes) => effect(async () => void files.set(key, bytes)),
        list: async (prefix) => [...files.keys()].filter((key) => key.startsWith(prefix)),
        delete: (keys) =>
          effect(async () => {
            for (const key of keys) files.delete(key);
          }),
      },
      imports: {
        get: history.get,
        create: (job) => effect(() => history.create(job)),
        begin: (job, change) =>
          effect(async () => {
            const begun = await history.begin(job, change);
            if (begun.kind === 'begun') imports.set(job.id, begun.job);
            return begun;
          }),
      },
      ask: ({ method, url, content = '' }, authorize, token) =>
        effect(async () => {
          world.asked += 1;
          const said = api({ method, url: new URL(url), headers: authorize(token), body: content });
          const { status, headers = {}, body } = world.answer(world.asked, said);
          const retryAfter = headers['retry-after'] ?? null;
          return { kind: 'status', status, retryAfter, body: Buffer.from(JSON.stringify(body)) };
        }),
      secret: async () => secret,
      startImport: (id) => effect(async () => void world.started.push(id)),
      continueLater: (id) => effect(async () => void world.continued.push(id)),
      sleep: async (milliseconds) => void (clock.now += milliseconds),
      now: () => clock.now,
      random: (bytes) => new Uint8Array(bytes),
      mainDomain: 'go.example',
      domains: [],
      ownHosts: ['go.example'],
      ignoreCase: false,
    },
  };
  return world;
}

let ids = 0;

async function begin({ page, pulls }: World, request: PullRequest, dryRun = false): Promise<string> {
  const pull = newPull({ page, request, dryRun, now: startedAt, random: (bytes) => numbered(bytes, ++ids) });
  const { id } = pull;
  expect(await pulls.create(pull)).toBe(true);
  await pulls.putToken(id, sealToken('secret', id, { secret, iv: new Uint8Array(12).fill(ids) }));
  return id;
}

/** Runs until the pull needs someone, or has ended, as Lambda and the clock do. */
async function finish(world: World, id: string): Promise<PullJob> {
  for (let run = 0; run < 200; run++) {
    const deadline = world.clock.now + 780_000;
    await runPull(world.deps, id, deadline).catch((error: unknown) => {
      if (!(error instanceof Error && error.message === 'interrupted')) throw error;
    });
    const pull = await world.pulls.get(id);
    if (pull === undefined || !['running', 'waiting'].includes(pull.state)) break;
    if (pull.wakeAt !== null) world.clock.now = Math.max(world.clock.now, pull.wakeAt);
  }
  const pull = await world.pulls.get(id);
  if (pull === undefined) throw new Error('the pull is gone');
  return pull;
}

async function linksOf({ page, deps }: World) {
  const catalog = createCatalogAdmin({ client: db.client, table: db.tables.catalog });
  const { rows } = await catalog.listLinksOfPage(page, { limit: 500 });
  expect(deps.mainDomain).toBe('go.example');
  return rows.map(({ code, aliases, url, createdAt, tags }) => ({ code, aliases, url, createdAt, tags }));
}

function historyOf({ files }: World, { importId }: PullJob): string {
  return gunzipSync(files.get(uploadKey(importId)) ?? Buffer.alloc(0)).toString('utf8');
}

function reportOf({ files }: World, id: string): PullReport {
  return JSON.parse(Buffer.from(files.get(pullReportKey(id)) ?? []).toString('utf8'));
}

/** The same links in each test; their codes begin with the number of the page, which is the world's. */
function bitly(prefix: string, count: number): ToolApi {
  const links = Array.from({ length: count }, (_, at) => ({
    id: `bit.ly/${prefix}l${at}`,
    longUrl: at === 2 ? 'not a url' : `https://shop.example/${at}`,
    customBitlinks: at === 0 ? [`https://bit.ly/${prefix}custom`] : [],
    tags: ['Print'],
    days: { '2026-11-01': at + 1, '2026-11-02': 1 },
  }));
  return bitlyApi({ groups: { Bone: links.slice(0, 3), Btwo: links.slice(3) } }, 'secret');
}

const bitlyRequest: PullRequest = { tool: 'bitly', history: true };

describe('a pull', () => {
  it('imports links with their age, then hands the history over to an import', async () => {
    const world = await createWorld(bitly('a', 5));
    const id = await begin(world, bitlyRequest);
    const pull = await finish(world, id);
    expect(pull).toMatchObject({
      state: 'done',
      isImported: true,
      imported: { counts: { rows: 5, accepted: 4, repeated: 0, refused: 1 } },
      progress: { links: 5, rows: 10, range: { first: '2026-11-01', last: '2026-11-02', count: 20 } },
    });
    expect(await linksOf(world)).toEqual(
      [0, 1, 3, 4].map((at) => ({
        code: `al${at}`,
        aliases: at === 0 ? ['acustom'] : [],
        url: `https://shop.example/${at}`,
        createdAt: '2023-01-05T09:30:00.000Z',
        tags: ['print'],
      })),
    );
    expect(reportOf(world, id).refused).toEqual([
      { link: 'https://bit.ly/al2', message: expect.stringContaining('`url`') },
    ]);
    expect(world.imports.get(pull.importId)).toMatchObject({
      state: 'running',
      format: 'bitly-api',
      file: { bytes: world.files.get(uploadKey(pull.importId))?.length },
    });
    expect(world.started).toEqual([pull.importId]);
    expect(historyOf(world, pull).split('\n').slice(0, 2)).toEqual([
      '{"kind":"bitly-days","link":"bit.ly/al0","value":{"date":"2026-11-02T00:00:00+0000","clicks":1}}',
      '{"kind":"bitly-days","link":"bit.ly/al0","value":{"date":"2026-11-01T00:00:00+0000","clicks":1}}',
    ]);
    expect(await world.pulls.token(id)).toBeUndefined();
    expect([...world.files.keys()].filter((key) => key.startsWith(pullFolder(id)))).toEqual([]);
  });

  it('has the same result if it is interrupted before or after anything that it does', async () => {
    const plain = await createWorld(bitly('b', 5));
    const expected = await finish(plain, await begin(plain, bitlyRequest));
    const effects = await countEffects('c');
    expect(effects).toBeGreaterThan(30);
    for (let at = 1; at <= effects; at++) {
      const prefix = `d${at}x`;
      const world = await createWorld(bitly(prefix, 5));
      let count = 0;
      world.interrupt = () => {
        if (++count === at) throw new Error('interrupted');
      };
      const id = await begin(world, bitlyRequest);
      const pull = await finish(world, id);
      const message = `interrupted at ${at}`;
      expect(pull.state, message).toBe('done');
      expect(pull.imported, message).toEqual(expected.imported);
      const { links, rows, range, notes, answers } = expected.progress;
      expect(pull.progress, message).toMatchObject({ links, rows, range, notes, answers });
      expect(historyOf(world, pull), message).toBe(
        historyOf(plain, expected).replaceAll('bit.ly/b', `bit.ly/${prefix}`),
      );
      expect(await linksOf(world), message).toHaveLength(4);
      expect(reportOf(world, id).refused, message).toHaveLength(1);
      expect(world.imports.size, message).toBe(1);
    }
  }, 120_000);

  it('waits with its history until another import of the page has ended', async () => {
    const world = await createWorld(bitly('w', 1));
    const history = createHistoryImports({ client: db.client, table: db.tables.catalog, now: () => world.clock.now });
    const file = { name: 'log.csv', bytes: 1 };
    const options = { format: 'auto', zone: null, until: null, dryRun: false, now: startedAt } as const;
    const other = newImport({ id: 'other', page: world.page, file, ...options });
    await history.create(other);
    const begun = await history.begin(other, beginImport(other));
    const id = await begin(world, bitlyRequest);
    expect(await runPull(world.deps, id, Number.POSITIVE_INFINITY)).toBe('stopped');
    expect(await world.pulls.get(id)).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining('The import of `log.csv` (other) is running'),
      wakeAt: world.clock.now + 5 * 60_000,
    });
    expect(world.started).toEqual([]);
    if (begun.kind === 'begun') await history.change(begun.job, { state: 'done' });
    expect(await finish(world, id)).toMatchObject({ state: 'done', reason: null, isImported: true });
    expect(world.started).toHaveLength(1);
    expect(world.imports.size).toBe(1);
  });

  it('previews without writing a link, and imports what it has read without asking again', async () => {
    const world = await createWorld(bitly('e', 5));
    const id = await begin(world, bitlyRequest, true);
    const preview = await finish(world, id);
    expect(preview).toMatchObject({
      state: 'previewed',
      imported: { counts: { rows: 5, accepted: 4, refused: 1 } },
      progress: { rows: 10 },
    });
    expect(reportOf(world, id).refused).toHaveLength(1);
    expect(await linksOf(world)).toEqual([]);
    expect(world.imports.size).toBe(0);
    expect(await world.pulls.token(id)).toBeUndefined();
    const { asked } = world;
    const imported = { parts: 0, counts: { rows: 0, accepted: 0, repeated: 0, refused: 0 } };
    await world.pulls.change(preview, { state: 'running', dryRun: false, imported });
    expect(await finish(world, id)).toMatchObject({ state: 'done', imported: { counts: { accepted: 4, refused: 1 } } });
    expect(await linksOf(world)).toHaveLength(4);
    expect(world.asked).toBe(asked);
  });

  it('finds links repeated that another pull has brought, and leaves those of others alone', async () => {
    const world = await createWorld(bitly('f', 5));
    await finish(world, await begin(world, bitlyRequest));
    expect(await finish(world, await begin(world, bitlyRequest))).toMatchObject({
      imported: { counts: { rows: 5, accepted: 0, repeated: 4, refused: 1 } },
    });
    const other = await createWorld(bitly('f', 5));
    const id = await begin(other, bitlyRequest);
    expect(await finish(other, id)).toMatchObject({ imported: { counts: { accepted: 0, repeated: 0, refused: 5 } } });
    expect(reportOf(other, id).refused[0]?.message).toBe('The code `fl0` is taken by another link.');
    expect(await linksOf(other)).toEqual([]);
  });

  it('sleeps through short waits, and ends for longer ones', async () => {
    const world = await createWorld(bitly('g', 1));
    world.answer = (count, said) => (count === 2 ? tooMany('30') : count === 4 ? tooMany('900') : said);
    const id = await begin(world, bitlyRequest);
    expect(await runPull(world.deps, id, startedAt + 780_000)).toBe('stopped');
    const waiting = await world.pulls.get(id);
    expect(waiting).toMatchObject({ state: 'waiting', reason: expect.stringContaining('limits the rate of requests') });
    expect(world.asked).toBe(4);
    // The clock is early: nothing happens.
    expect(await runPull(world.deps, id, startedAt + 780_000)).toBe('stopped');
    expect(world.asked).toBe(4);
    expect(await finish(world, id)).toMatchObject({ state: 'done' });
  });

  it('goes on in another run when its time is over', async () => {
    const world = await createWorld(bitly('h', 3));
    const id = await begin(world, bitlyRequest);
    let outcome = await runPull(world.deps, id, world.clock.now + 1);
    expect(outcome).toBe('continue');
    for (let run = 0; outcome === 'continue' && run < 100; run++)
      outcome = await runPull(world.deps, id, world.clock.now + 1);
    expect(outcome).toBe('done');
    expect(world.continued.length).toBeGreaterThan(5);
    expect(await world.pulls.get(id)).toMatchObject({ progress: { links: 3, rows: 6 } });
  });

  it('counts nothing twice when two runs work on it at once', async () => {
    const world = await createWorld(bitly('i', 5));
    const id = await begin(world, bitlyRequest);
    const deadline = world.clock.now + 780_000;
    const outcomes = await Promise.all([runPull(world.deps, id, deadline), runPull(world.deps, id, deadline)]);
    expect(outcomes).toContain('stopped');
    expect(await finish(world, id)).toMatchObject({
      state: 'done',
      progress: { links: 5, rows: 10 },
      imported: { counts: { rows: 5, accepted: 4, refused: 1 } },
    });
    expect(await linksOf(world)).toHaveLength(4);
  });

  it('pauses when the token is revoked midway, forgets it, and goes on with another one', async () => {
    const world = await createWorld(bitly('j', 5));
    world.answer = (count, said) => (count >= 7 ? { status: 401, body: { message: 'INVALID_ACCESS_TOKEN' } } : said);
    const id = await begin(world, bitlyRequest);
    const paused = await finish(world, id);
    expect(paused).toMatchObject({
      state: 'paused',
      reason: expect.stringMatching(/`token` must be a token of a user .+; the one given was refused \(HTTP 401\)/),
    });
    expect(await world.pulls.token(id)).toBeUndefined();
    // The links work already.
    expect(await linksOf(world)).toHaveLength(4);
    world.answer = (_, said) => said;
    await world.pulls.putToken(id, sealToken('secret', id, { secret, iv: new Uint8Array(12) }));
    await world.pulls.change(paused, { state: 'running', reason: null });
    const pull = await finish(world, id);
    expect(pull).toMatchObject({ state: 'done', progress: { links: 5, rows: 10 } });
    expect(historyOf(world, pull).trim().split('\n')).toHaveLength(10);
  });

  it('shows no token that the tool repeats in its answer', async () => {
    const world = await createWorld(bitly('t', 5));
    world.answer = () => ({ status: 400, body: { message: 'secret' } });
    const paused = await finish(world, await begin(world, bitlyRequest));
    expect(paused).toMatchObject({ state: 'paused', reason: 'the groups: returned HTTP 400 ([token])' });
  });

  it('fails at once when its server has never answered, forgets the token, and is not started again', async () => {
    const world = await createWorld(shlinkApi({ links: [], orphans: 0 }, 'secret'));
    world.answer = () => ({ status: 404, body: 'secret' });
    const id = await begin(world, { tool: 'shlink', server: 'https://s.example', history: true });
    expect(await runPull(world.deps, id, startedAt + 780_000)).toBe('stopped');
    const failed = await world.pulls.get(id);
    expect(failed).toMatchObject({ state: 'failed', reason: expect.stringMatching(/^`server` must be/), wakeAt: null });
    expect(await world.pulls.token(id)).toBeUndefined();
    expect(await runPull(world.deps, id, startedAt + 780_000)).toBe('stopped');
    expect(world.asked).toBe(1);
    expect(await world.pulls.active()).not.toContain(id);
  });

  it('pauses after a bounded number of attempts, and may go on', async () => {
    const world = await createWorld(bitly('k', 1));
    world.answer = () => ({ status: 500, body: '' });
    const id = await begin(world, bitlyRequest);
    const paused = await finish(world, id);
    expect(paused).toMatchObject({ state: 'paused', reason: `the groups: returned HTTP 500, ${mostAttempts} times` });
    expect(world.asked).toBe(mostAttempts);
    world.answer = (_, said) => said;
    await world.pulls.change(paused, { state: 'running', reason: null });
    expect(await finish(world, id)).toMatchObject({ state: 'done' });
  });

  it.each([
    ['a day later', async ({ clock }: World) => void (clock.now += pullLimits.tokenHours * 3_600_000 + 1), /24 hours/],
    [
      'with the token of another pull',
      async (world: World, id: string) => {
        await world.pulls.putToken(id, sealToken('secret', 'another', { secret, iv: new Uint8Array(12) }));
      },
      /cannot be decrypted/,
    ],
    [
      'after the secret was replaced',
      async (world: World) => void (world.deps.secret = async () => 'new'),
      /cannot be decrypted/,
    ],
  ])('asks nothing %s', async (_, change, reason) => {
    const world = await createWorld(bitly('l', 1));
    const id = await begin(world, bitlyRequest);
    await change(world, id);
    expect(await finish(world, id)).toMatchObject({ state: 'paused', reason: expect.stringMatching(reason) });
    expect(world.asked).toBe(0);
    expect(await world.pulls.token(id)).toBeUndefined();
  });

  it('ends without links or history', async () => {
    const world = await createWorld(bitly('m', 0));
    const pull = await finish(world, await begin(world, bitlyRequest));
    expect(pull).toMatchObject({ state: 'done', isImported: false });
    expect(world.imports.size).toBe(0);
  });

  it('ends when it is deleted meanwhile', async () => {
    const world = await createWorld(bitly('n', 5));
    const id = await begin(world, bitlyRequest);
    world.answer = (count, said) => {
      if (count === 3) void world.pulls.delete(id);
      return said;
    };
    const outcome = await runPull(world.deps, id, world.clock.now + 780_000);
    expect(outcome).toBe('stopped');
    expect(await world.pulls.get(id)).toBeUndefined();
  });

  it.each<[PullRequest['tool'], PullRequest, ToolApi, number, RegExp]>([
    [
      'shlink',
      { tool: 'shlink', server: 'https://s.example', history: true },
      shlinkApi(
        {
          links: [
            {
              shortCode: 'oabc',
              longUrl: 'https://shop.example/a',
              tags: ['games', 'tech'],
              visits: [
                { date: '2026-11-01T05:05:03+04:00', referer: 'https://t.co', userAgent: 'Firefox', country: 'US' },
              ],
            },
          ],
          orphans: 2,
        },
        'secret',
      ),
      1,
      /^\{"kind":"shlink-visits","link":"s.example\/oabc","value":\{"date":"2026-11-01T05:05:03\+04:00"/,
    ],
    [
      'dub',
      { tool: 'dub', history: true },
      dubApi(
        {
          links: [
            {
              id: 'link_1',
              key: 'odub',
              url: 'https://shop.example/d',
              createdAt: '2026-10-01T00:00:00.000Z',
              clicks: [{ id: 'c1', timestamp: '2026-11-01T05:05:03.000Z', country: 'AT' }],
            },
          ],
          hasEvents: true,
        },
        'secret',
      ),
      1,
      /^\{"kind":"dub-events","value":\{"timestamp":"2026-11-01T05:05:03.000Z","click":\{"id":"c1","country":"AT"/,
    ],
    [
      'plausible',
      { tool: 'plausible', server: 'https://plausible.example', site: 'shop.example' },
      plausibleApi({ site: 'shop.example', views: [{ date: '2026-11-01', page: '/' }] }, 'secret'),
      0,
      /^\{"kind":"plausible-days","value":\{"table":"days","date":"2026-11-01","value":null,"pageviews":1/,
    ],
  ])('%s', async (tool, request, api, links, line) => {
    const world = await createWorld(api);
    const pull = await finish(world, await begin(world, request));
    expect(pull).toMatchObject({ state: 'done', imported: { counts: { accepted: links, refused: 0 } } });
    expect(world.imports.get(pull.importId)?.format).toBe(`${tool}-api`);
    expect(historyOf(world, pull)).toMatch(line);
    expect(await linksOf(world)).toHaveLength(links);
  });
});

async function countEffects(prefix: string): Promise<number> {
  const world = await createWorld(bitly(prefix, 5));
  let count = 0;
  world.interrupt = () => void count++;
  await finish(world, await begin(world, bitlyRequest));
  return count;
}

function tooMany(seconds: string): ApiAnswer {
  return { status: 429, headers: { 'retry-after': seconds }, body: {} };
}

/** Bytes that no other call has. */
function numbered(bytes: number, number: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (number >> (at * 5)) & 31);
}

import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '#functions/api/create-app.ts';
import { createHistoryUploads } from '#functions/api/jobs/history-uploads.ts';
import { ownerLimits } from '#functions/api/limits.ts';
import { problemSchema } from '#schemas/api.ts';
import { historyImportSchema, historyImportsSchema } from '#schemas/history/history-api.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';
import { createHistoryImports } from '#stores/catalog/history-imports.ts';
import { now, startWorld, type World } from './world.ts';

let world: World;
let app: World['app'];
const sizes = new Map<string, number>();
let started: string[] = [];
const s3 = new S3Client({
  region: 'eu-central-1',
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  forcePathStyle: true,
});

beforeAll(async () => {
  world = await startWorld();
  const uploads = createHistoryUploads({ client: s3, bucket: 'lake', now: () => now });
  app = appWith(async () => true);
  function appWith(importRate: () => Promise<boolean>) {
    return createApp({
      ...world.deps,
      rate: async () => true,
      importRate,
      runner: { ...world.deps.runner, startImport: async (id) => void started.push(id) },
      // Signing sends no request; the bucket is in memory.
      uploads: {
        sign: uploads.sign,
        size: async (id) => sizes.get(id),
        report: async () => undefined,
        pullReport: async () => undefined,
      },
    });
  }
});
afterAll(() => world.stop());
beforeEach(() => {
  started = [];
});

const file = { page: '/ada', fileName: 'visits.csv', bytes: 1234 };

async function ask(as: string, path: string, method = 'get', body?: unknown) {
  return world.ask(as, `imports/history${path}`, { method, body, app });
}
async function create(as = 'ada', body: object = file) {
  const answer = await ask(as, '', 'post', body);
  return { status: answer.status, view: historyImportSchema.parse(await answer.json()) };
}

describe('an import of history', () => {
  it('gives an address for one object of one size', async () => {
    const { status, view } = await create();
    expect(status).toBe(201);
    expect(view).toMatchObject({ state: 'waiting', page: '/ada', fileName: 'visits.csv', bytes: 1234 });
    const url = new URL(view.upload?.url ?? '');
    expect(url.pathname).toBe(`/lake/imports/${view.id}/upload`);
    expect(url.searchParams.get('X-Amz-SignedHeaders')?.split(';')).toEqual(['content-length', 'host']);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('21600');
    expect(historyImportSchema.parse(await (await ask('ada', `/${view.id}`)).json()).upload).toBeNull();
  });

  it('starts when its file is there, with its size, once', async () => {
    const { view } = await create();
    const path = `/${view.id}/start`;
    expect((await ask('ada', path, 'post', {})).status).toBe(409);
    sizes.set(view.id, 1235);
    const wrong = problemSchema.parse(await (await ask('ada', path, 'post', {})).json());
    expect(wrong.detail).toContain('has 1235 bytes, and the import was created for 1234');
    expect(started).toEqual([]);
    sizes.set(view.id, 1234);
    const answer = await ask('ada', path, 'post', { dryRun: true });
    expect(answer.status).toBe(202);
    expect(historyImportSchema.parse(await answer.json())).toMatchObject({ state: 'running', dryRun: true });
    expect(started).toEqual([view.id]);
    expect((await ask('ada', path, 'post', {})).status).toBe(409);
    await finish(view.id);
  });

  it('is imported after its dry run, and not again when it is done', async () => {
    const { view } = await create();
    sizes.set(view.id, 1234);
    await ask('ada', `/${view.id}/start`, 'post', { dryRun: true });
    await finish(view.id);
    expect((await ask('ada', `/${view.id}/start`, 'post', {})).status).toBe(202);
    await finish(view.id);
    expect((await ask('ada', `/${view.id}/start`, 'post', {})).status).toBe(409);
  });

  it('that has stopped is interrupted, and goes on when it is started again', async () => {
    const { view } = await create();
    sizes.set(view.id, 1234);
    await ask('ada', `/${view.id}/start`, 'post', {});
    const job = await world.deps.imports.get(view.id);
    const later = createApp({
      ...world.deps,
      rate: async () => true,
      runner: { ...world.deps.runner, startImport: async (id) => void started.push(id) },
      now: () => now + 21 * 60_000,
    });
    const seen = await world.ask('ada', `imports/history/${view.id}`, { app: later });
    expect(historyImportSchema.parse(await seen.json())).toMatchObject({ state: 'interrupted' });
    const again = await world.ask('ada', `imports/history/${view.id}/start`, { method: 'post', body: {}, app: later });
    expect(again.status).toBe(202);
    expect(started).toEqual([view.id, view.id]);
    expect((await world.deps.imports.get(view.id))?.attempt).toBe(job?.attempt);
    await finish(view.id);
  });

  it('waits until another one of its page has ended, as does an undo', async () => {
    const [first, second, third] = [(await create()).view, (await create()).view, (await create()).view];
    for (const { id } of [first, second, third]) sizes.set(id, 1234);
    expect((await ask('ada', `/${first.id}/start`, 'post', {})).status).toBe(202);
    const refused = [await ask('ada', `/${second.id}/start`, 'post', {}), await ask('ada', `/${second.id}`, 'delete')];
    for (const answer of refused) {
      expect(answer.status).toBe(409);
      expect(problemSchema.parse(await answer.json()).detail).toBe(
        `The import of \`visits.csv\` (${first.id}) is running, and a page has one at a time. Wait until it has ended, or undo it.`,
      );
    }
    expect(started).toEqual([first.id]);
    expect((await ask('ada', `/${first.id}`, 'delete')).status).toBe(202);
    const undoing = problemSchema.parse(await (await ask('ada', `/${second.id}/start`, 'post', {})).json());
    expect(undoing.detail).toContain(`(${first.id}) is being undone`);
    await finish(first.id);
    const both = await Promise.all([second, third].map(({ id }) => ask('ada', `/${id}/start`, 'post', {})));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
    for (const { id } of [second, third]) await finish(id);
  });

  it('that was interrupted fails with a reason when another one of its page starts', async () => {
    const [first, second] = [(await create()).view, (await create()).view];
    for (const { id } of [first, second]) sizes.set(id, 1234);
    await ask('ada', `/${first.id}/start`, 'post', {});
    const before = await world.deps.imports.get(first.id);
    const imports = createHistoryImports({
      client: world.db.client,
      table: world.db.tables.catalog,
      now: () => now + 21 * 60_000,
    });
    const job = await imports.get(second.id);
    expect(job && (await imports.begin(job, { state: 'running' }))).toMatchObject({ kind: 'begun' });
    expect(await imports.get(first.id)).toMatchObject({
      state: 'failed',
      message: 'it was interrupted, and another import of the page began. Start it again, or undo it',
    });
    // A run of the first that is still there writes nothing more.
    expect(before && (await imports.change(before, { state: 'done' }))).toBeUndefined();
    await finish(second.id);
  });

  it('can be undone, and cannot be started then', async () => {
    const { view } = await create();
    const undone = await ask('ada', `/${view.id}`, 'delete');
    expect(undone.status).toBe(202);
    expect(historyImportSchema.parse(await undone.json())).toMatchObject({ state: 'undoing' });
    expect(started).toEqual([view.id]);
    expect((await ask('ada', `/${view.id}/start`, 'post', {})).status).toBe(409);
    await finish(view.id);
  });

  it('is of its page alone: for others, it does not exist', async () => {
    const { view } = await create();
    sizes.set(view.id, 1234);
    for (const other of ['bob', 'sam', 'eve']) {
      expect((await ask(other, '', 'post', file)).status).toBeGreaterThanOrEqual(403);
      expect([403, 404]).toContain((await ask(other, `/${view.id}`)).status);
      expect([403, 404]).toContain((await ask(other, `/${view.id}/start`, 'post', {})).status);
      expect([403, 404]).toContain((await ask(other, `/${view.id}`, 'delete')).status);
    }
    expect(started).toEqual([]);
    expect(await world.deps.imports.get(view.id)).toMatchObject({ state: 'waiting' });
    expect((await ask('ada', '', 'post', { ...file, page: '/zoe' })).status).toBe(404);
  });

  it.each([
    [{ bytes: historyLimits.bytes + 1 }, 'bytes'],
    [{ bytes: -1 }, 'bytes'],
    [{ zone: 'Mars/Olympus' }, 'zone'],
    [{ until: '2026-02-30' }, 'until'],
    [{ format: 'exe' }, 'format'],
    [{ fileName: '' }, 'fileName'],
  ])('with %j is refused by the field', async (change, field) => {
    const answer = await ask('ada', '', 'post', { ...file, ...change });
    expect(answer.status).toBe(400);
    expect(problemSchema.parse(await answer.json()).errors?.[0]?.field).toBe(field);
  });

  it('has as many bytes as there may be, and a page as many imports', async () => {
    expect((await create('ada', { ...file, bytes: historyLimits.bytes })).status).toBe(201);
    const listed = historyImportsSchema.parse(await (await ask('ada', '?page=/ada&limit=100')).json()).rows.length;
    let answer = 201;
    let created = listed;
    for (; answer === 201; created++) answer = (await ask('ada', '', 'post', file)).status;
    expect(answer).toBe(409);
    expect(created - 1).toBe(historyLimits.importsOfPage);
  });

  it('needs a key with the scope admin', async () => {
    const made = await world.ask('ada', 'keys', { method: 'post', body: { label: 'x', scopes: ['links'] } });
    const { key } = (await made.json()) as { key: string };
    const answer = await world.ask(`Bearer ${key}`, 'imports/history', { method: 'post', body: file, app });
    expect(answer.status).toBeGreaterThanOrEqual(401);
    expect(ownerLimits.importsAnHour).toBe(30);
  });
});

/** What the function does at its end. */
async function finish(id: string): Promise<void> {
  const job = await world.deps.imports.get(id);
  if (job) await world.deps.imports.change(job, { state: 'done' });
}

import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openToken } from '#core/history/pulls/token.ts';
import { createApp } from '#functions/api/create-app.ts';
import { pullSchema, type PullView } from '#schemas/api/pulls.ts';
import { pullLimits } from '#schemas/history/pull.ts';
import { now, startWorld, type World } from './world.ts';

const token = 'b1tly-s3cret-t0ken';

let world: World;
let app: World['app'];
let clock = now;
const started: string[] = [];

beforeAll(async () => {
  world = await startWorld();
  const runner = { ...world.deps.runner, startPull: async (id: string) => void started.push(id) };
  app = createApp({ ...world.deps, runner, now: () => clock, importRate: async () => true });
});
afterAll(() => world.stop());

async function ask(as: string, path: string, method = 'GET', body?: unknown): Promise<Response> {
  return world.ask(as, path, { method, app, ...(body !== undefined && { body }) });
}

async function create(body: Record<string, unknown> = {}): Promise<PullView> {
  const response = await ask('ada', 'imports/pulls', 'POST', { tool: 'bitly', page: '/ada', token, ...body });
  expect(response.status).toBe(202);
  return pullSchema.parse(await response.json());
}

describe('a pull', () => {
  it('starts at once, and never shows its token', async () => {
    const pull = await create({ dryRun: true });
    expect(pull).toMatchObject({ tool: 'bitly', state: 'running', dryRun: true, historyImport: null, refused: null });
    expect(started).toEqual([pull.id]);
    for (const path of [`imports/pulls/${pull.id}`, 'imports/pulls?page=/ada'])
      expect(await (await ask('ada', path)).text()).not.toContain(token);
    const items = (await world.db.client.send(new ScanCommand({ TableName: world.db.tables.catalog }))).Items;
    expect(JSON.stringify(items)).not.toContain(token);
    const sealed = (await world.deps.pulls.token(pull.id)) ?? '';
    expect(openToken(sealed, pull.id, await world.deps.recipients.secret())).toBe(token);
    expect(openToken(sealed, 'another', await world.deps.recipients.secret())).toBeUndefined();
  });

  it('is of its page: others neither see nor change it', async () => {
    const { id } = await create();
    for (const [method, path] of [
      ['GET', `imports/pulls/${id}`],
      ['POST', `imports/pulls/${id}/start`],
      ['DELETE', `imports/pulls/${id}`],
    ] as const)
      expect((await ask('bob', path, method, method === 'POST' ? {} : undefined)).status, path).toBe(404);
    expect((await ask('bob', 'imports/pulls?page=/ada')).status).toBe(404);
    expect((await ask('ada', `imports/pulls/${id}`)).status).toBe(200);
  });

  it('is deleted with its token', async () => {
    const { id } = await create();
    expect((await ask('ada', `imports/pulls/${id}`, 'DELETE')).status).toBe(204);
    expect(await world.deps.pulls.token(id)).toBeUndefined();
    expect((await ask('ada', `imports/pulls/${id}`)).status).toBe(404);
  });

  it.each([
    [{ tool: 'rebrandly' }, 'tool'],
    [{ token: '' }, 'token'],
    [{ token: 'two words' }, 'token'],
    [{ token: 'a\r\nx-evil: 1' }, 'token'],
    [{ token: 'x'.repeat(pullLimits.token + 1) }, 'token'],
    [{ group: '../user' }, 'group'],
    [{ tool: 'shlink' }, 'server'],
    [{ tool: 'shlink', server: 'http://s.example' }, 'server'],
    [{ tool: 'shlink', server: 'https://user:pass@s.example' }, 'server'],
    [{ tool: 'shlink', server: 'https://s.example/?next=1' }, 'server'],
    [{ tool: 'shlink', server: 'https://s.example/?' }, 'server'],
    [{ tool: 'shlink', server: 'https://s.example/#' }, 'server'],
    [{ tool: 'shlink', server: `https://s.example/${'x'.repeat(pullLimits.name)}` }, 'server'],
    [{ tool: 'plausible' }, 'site'],
    [{ tool: 'plausible', site: 'a b' }, 'site'],
    [{ tool: 'dub', server: 'https://dub.example' }, 'server'],
  ])('refuses %o, by name, without repeating a token', async (body, field) => {
    const response = await ask('ada', 'imports/pulls', 'POST', { tool: 'bitly', page: '/ada', token, ...body });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ errors: [expect.objectContaining({ field })] });
    if ('token' in body && body.token !== '') expect(text).not.toContain(body.token.slice(0, 50));
  });

  it('takes the longest token', async () => {
    await create({ token: 'x'.repeat(pullLimits.token) });
  });

  it('that is paused takes another token, and needs one if there is none', async () => {
    const { id } = await create();
    const { pulls } = world.deps;
    const pull = await pulls.get(id);
    if (pull === undefined) throw new Error('no pull');
    const start = `imports/pulls/${id}/start`;
    expect((await ask('ada', start, 'POST', {})).status).toBe(409);
    await pulls.change(pull, { state: 'paused', reason: 'the token was refused' });
    await pulls.deleteToken(id);
    expect(pullSchema.parse(await (await ask('ada', `imports/pulls/${id}`)).json())).toMatchObject({
      state: 'paused',
      message: 'the token was refused',
    });
    expect(await (await ask('ada', start, 'POST', {})).json()).toMatchObject({ errors: [{ field: 'token' }] });
    expect((await ask('ada', start, 'POST', { token: 'another' })).status).toBe(202);
    expect(started.at(-1)).toBe(id);
    expect(openToken((await pulls.token(id)) ?? '', id, await world.deps.recipients.secret())).toBe('another');
  });

  it('that has failed says why, and cannot be started', async () => {
    const { id } = await create({ tool: 'shlink', server: 'https://s.example' });
    const { pulls } = world.deps;
    const pull = await pulls.get(id);
    if (pull !== undefined) await pulls.change(pull, { state: 'failed', reason: '`server` must be another one' });
    expect(await (await ask('ada', `imports/pulls/${id}`)).json()).toMatchObject({
      state: 'failed',
      message: '`server` must be another one',
    });
    for (const body of [{}, { token: 'another' }])
      expect((await ask('ada', `imports/pulls/${id}/start`, 'POST', body)).status).toBe(409);
  });

  it('that waits says until when, and one whose run has died may be started again', async () => {
    const { id } = await create();
    const { pulls } = world.deps;
    const pull = await pulls.get(id);
    const waiting = pull && (await pulls.change(pull, { state: 'waiting', wakeAt: now + 60_000, reason: 'a limit' }));
    expect(pullSchema.parse(await (await ask('ada', `imports/pulls/${id}`)).json())).toMatchObject({
      state: 'waiting',
      continuesAt: '2026-11-22T07:31:00.000Z',
    });
    expect((await ask('ada', `imports/pulls/${id}/start`, 'POST', {})).status).toBe(409);
    if (waiting) await pulls.change(waiting, { state: 'running', wakeAt: null });
    clock = now + 31 * 60_000;
    expect(await (await ask('ada', `imports/pulls/${id}`)).json()).toMatchObject({ state: 'interrupted' });
    expect((await ask('ada', `imports/pulls/${id}/start`, 'POST', {})).status).toBe(202);
    clock = now;
  });
});

it('a page has a bounded number of pulls', async () => {
  for (let more = pullLimits.ofPage; more > 0; more--) {
    const body = { tool: 'dub', page: '/ada', token };
    const response = await ask('ada', 'imports/pulls', 'POST', body);
    if (response.status === 202) continue;
    expect(response.status).toBe(409);
    expect(await response.text()).toContain(`There can be at most ${pullLimits.ofPage} pulls of a page`);
    const listed = await world.deps.pulls.after('/ada', undefined, 1_000);
    expect(listed).toHaveLength(pullLimits.ofPage);
    return;
  }
  expect.unreachable('there is no limit');
});

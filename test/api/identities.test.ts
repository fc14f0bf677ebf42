import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#functions/api/create-app.ts';
import type { JobRunner } from '#functions/api/jobs/job-runner.ts';
import { hashPersonId } from '#core/visitors/person-id.ts';
import { pageSettingsSchema, pageViewSchema } from '#schemas/api/pages.ts';
import { identityModes, personIdLimit } from '#schemas/catalog-rules.ts';
import { now, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** Chooses which ids a page keeps. @param at time of the request */
async function choose(identities: unknown, { page = 'ada', at = now } = {}) {
  const app = world.again({ now: () => at });
  const settings = pageSettingsSchema.parse(await (await world.ask('root', `pages/${page}/settings`)).json());
  return world.ask('root', `pages/${page}/settings`, { method: 'put', body: { ...settings, identities }, app });
}

async function stored(path: string) {
  return world.deps.catalog.getPage(path);
}

describe('identities', () => {
  it('are none at first, and one of three', async () => {
    expect(await stored('/ada')).toMatchObject({ identities: 'none' });
    const refused = await choose('everyone');
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      errors: [{ field: 'identities', value: 'everyone', allowed: `one of ${identityModes.join(', ')}` }],
    });
  });

  it('get a secret of the page, which stays for erasures and which no response contains', async () => {
    expect((await choose('identified')).status).toBe(200);
    const first = await stored('/ada');
    expect(first?.identitySecret).toMatch(/^[\w-]{43}$/);
    await choose('identified', { at: now + 60_000 });
    expect((await stored('/ada'))?.identitiesSince).toBe(new Date(now).toISOString());
    await choose('all', { at: now + 120_000 });
    expect(await stored('/ada')).toMatchObject({
      identities: 'all',
      identitySecret: first?.identitySecret,
      // The ids of devices begin now.
      identitiesSince: new Date(now + 120_000).toISOString(),
    });
    const off = await choose('none', { at: now + 180_000 });
    expect(await stored('/ada')).toMatchObject({ identities: 'none', identitySecret: first?.identitySecret });
    const texts = [off, await world.ask('ada', 'pages/ada'), await world.ask('ada', 'pages')].map((each) =>
      each.text(),
    );
    expect((await Promise.all(texts)).join()).not.toContain(first?.identitySecret);
    await choose('all', { page: 'zoe' });
    expect((await stored('/zoe'))?.identitySecret).not.toBe(first?.identitySecret);
  });

  it('say since when they are kept', async () => {
    await choose('all', { at: now + 240_000 });
    const view = pageViewSchema.parse(await (await world.ask('ada', 'pages/ada')).json());
    expect(view).toMatchObject({ identities: 'all', identitiesSince: new Date(now + 240_000).toISOString() });
  });
});

describe('an erasure', () => {
  const started: string[] = [];
  const runner: JobRunner = {
    startImport: async () => undefined,
    startPull: async () => undefined,
    startExport: async () => undefined,
    startErasure: async (_job, value) => void started.push(value),
    sendMails: async () => undefined,
    readExport: async () => ({ state: 'running' }),
    readErasure: async () => ({ state: 'running' }),
  };
  async function erase(body: object) {
    started.length = 0;
    const response = await world.ask('root', 'erasures', {
      method: 'post',
      body,
      app: createApp({ ...world.deps, runner }),
    });
    return { status: response.status, text: await response.text(), started: [...started] };
  }

  it('of a person is started with the hash alone', async () => {
    await choose('all');
    const page = await stored('/ada');
    const hash = page && hashPersonId(page, 'ada@example.com');
    const {
      status,
      text,
      started: values,
    } = await erase({ kind: 'consented', value: 'ada@example.com', page: '/ada' });
    expect([status, values]).toEqual([202, [hash]]);
    expect(text).not.toContain('ada@');
    // As in an export.
    expect(await erase({ kind: 'consented', value: hash })).toMatchObject({ status: 202, started: [hash] });
  });

  it('of all ids of a page is started with its path', async () => {
    expect(await erase({ kind: 'ids', value: '/ada' })).toMatchObject({ status: 202, started: ['/ada'] });
  });

  it.each([
    [{ kind: 'consented', value: 'ada', page: '/nobody' }, '`page` must be a page that has kept ids of people'],
    [{ kind: 'consented', value: 'ada', page: '/sam' }, '`page` must be a page that has kept ids of people'],
    [{ kind: 'visitor', value: '7', page: '/ada' }, '`page` must be left out, unless `kind` is `consented`'],
    [
      { kind: 'consented', value: 'x'.repeat(personIdLimit + 1), page: '/ada' },
      '`value` must be at most 1024 characters',
    ],
  ])('is refused: %j', async (body, detail) => {
    const { status, text, started: values } = await erase(body);
    expect([status, values]).toEqual([400, []]);
    expect(text).toContain(detail);
  });
});

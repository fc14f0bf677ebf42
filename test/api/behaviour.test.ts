import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isKeyOf, parseIngestKey } from '#core/capture/ingest-key.ts';
import { createApp } from '#functions/api/create-app.ts';
import { problemSchema } from '#schemas/api.ts';
import { agencyDashboardSchema } from '#schemas/api/agencies.ts';
import { campaignMetricsSchema } from '#schemas/api/insights/campaigns.ts';
import { dashboardSchema } from '#schemas/api/dashboard.ts';
import { createdIngestKeySchema } from '#schemas/api/ingest-keys.ts';
import { importResultSchema } from '#schemas/api/imports.ts';
import { createdKeySchema } from '#schemas/api/users.ts';
import { realtimeSchema } from '#schemas/api/realtime.ts';
import { createdShareSchema } from '#schemas/api/shares.ts';
import { linkInputSchema, linkSchema, pageSchema } from '#schemas/catalog.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { createRateLimit } from '#stores/cache/rate-limit.ts';
import { createSettledRollups, type DayItem } from '#stores/counters/settled-counters.ts';
import { now, startWorld, type World } from './world.ts';
import { progressKeys } from '#stores/counters/counter-items.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function parsed<Schema extends z.ZodType>(schema: Schema, answer: Promise<Response>): Promise<z.output<Schema>> {
  return schema.parse(await (await answer).json());
}
function post(as: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  return world.ask(as, path, { method: 'post', body, headers });
}

/** Returns the content of all tables as text. */
async function everything(): Promise<string> {
  const tables = Object.values(world.db.tables);
  const scans = tables.map((TableName) => world.db.client.send(new ScanCommand({ TableName })));
  function asText(_name: string, value: unknown): unknown {
    return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
  }
  return JSON.stringify(
    (await Promise.all(scans)).map(({ Items }) => Items),
    asText,
  );
}

describe('shares', () => {
  function share() {
    return parsed(createdShareSchema, post('ada', 'shares', { page: '/ada', expiresAt: '2026-11-23T00:00:00Z' }));
  }

  it('give access to the statistics of their page until they are revoked', async () => {
    const { id, token } = await share();
    const current = await world.ask(`Share ${token}`, 'shares/current');
    expect(await current.json()).toMatchObject({ page: '/ada', timeZone: 'Europe/Vienna' });
    expect((await world.ask('', `shares/${token}/dashboard`)).status).toBe(200);
    expect((await world.ask('ada', `shares/${id}`, { method: 'delete' })).status).toBe(204);
    expect((await world.ask(`Share ${token}`, 'pages/ada/stats')).status).toBe(401);
    expect((await world.ask('', `shares/${token}/dashboard`)).status).toBe(401);
  });

  it('expire', async () => {
    const { token } = await share();
    const later = world.again({ now: () => Date.parse('2026-11-23T00:00:00Z') });
    expect((await world.ask(`Share ${token}`, 'pages/ada/stats', { app: later })).status).toBe(401);
  });

  it('must end within a year', async () => {
    for (const expiresAt of ['2026-11-22T07:00:00Z', '2028-01-01T00:00:00Z'])
      expect((await post('ada', 'shares', { page: '/ada', expiresAt })).status).toBe(400);
  });

  it('are stored as hashes', async () => {
    const { token } = await share();
    expect(await everything()).not.toContain(token.split('.')[1]);
  });

  it('give no access with another secret', async () => {
    const { token } = await share();
    const other = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect((await world.ask(`Share ${other}`, 'pages/ada/stats')).status).toBe(401);
  });
});

describe('keys', () => {
  function key(scopes: string[]) {
    return parsed(createdKeySchema, post('ada', 'keys', { label: 'ci', scopes }));
  }
  const newLink = { page: '/ada', url: 'https://shop.example/' };

  it('have the permissions of their owner, within their scopes', async () => {
    const { secret: reader } = await key(['read']);
    expect((await world.ask(reader, 'pages/ada/stats')).status).toBe(200);
    expect((await world.ask(reader, 'pages/zoe/stats')).status).toBe(404);
    expect((await post(reader, 'links', newLink)).status).toBe(403);
    const { secret: writer } = await key(['links']);
    expect((await post(writer, 'links', newLink)).status).toBe(201);
    expect((await post(writer, 'shares', { page: '/ada', expiresAt: '2026-11-23T00:00:00Z' })).status).toBe(403);
    const { secret: all } = await key(['admin']);
    expect((await post(all, 'shares', { page: '/ada', expiresAt: '2026-11-23T00:00:00Z' })).status).toBe(201);
    expect((await world.ask(all, 'users')).status).toBe(403);
  });

  it('cannot manage keys', async () => {
    const { secret } = await key(['admin']);
    expect((await post(secret, 'keys', { label: 'more', scopes: ['admin'] })).status).toBe(403);
    expect((await world.ask(secret, 'keys')).status).toBe(403);
  });

  it('can be revoked by their owner only, with immediate effect', async () => {
    const { id, secret } = await key(['read']);
    expect((await world.ask('bob', `keys/${id}`, { method: 'delete' })).status).toBe(404);
    expect((await world.ask('ada', `keys/${id}`, { method: 'delete' })).status).toBe(204);
    expect((await world.ask(secret, 'me')).status).toBe(401);
  });

  it('are shown once and stored as hashes', async () => {
    const { id, secret } = await key(['read']);
    expect(await everything()).not.toContain(secret.slice(-43));
    const list = await (await world.ask('ada', 'keys?limit=200')).text();
    expect([list.includes(id), list.includes(secret)]).toEqual([true, false]);
  });
});

describe('ingest keys', () => {
  const path = 'pages/ada/ingest-keys';
  async function stored() {
    return (await world.deps.catalog.getPage('/ada'))?.ingestKeys ?? [];
  }

  it('are shown once, stored as hashes, and no part of the page that users see', async () => {
    const { id, secret } = await parsed(createdIngestKeySchema, post('ada', path, { label: 'Shop server' }));
    const key = parseIngestKey(secret);
    expect(key).toMatchObject({ page: '/ada', id });
    expect(await everything()).not.toContain(key?.secret);
    const [record] = (await stored()).filter((each) => each.id === id);
    for (const route of [path, 'pages/ada', 'pages/ada/settings', 'pages']) {
      const text = await (await world.ask('ada', route)).text();
      expect(text).not.toContain(key?.secret);
      expect(text).not.toContain(record?.hash);
      expect(text.includes(id)).toBe(route === path);
    }
  });

  it('are known to collect until they are revoked, also while settings change', async () => {
    const { id, secret } = await parsed(createdIngestKeySchema, post('ada', path, { label: 'Shop server' }));
    const key = parseIngestKey(secret);
    const reader = createCatalogReader({ client: world.db.client, table: world.db.tables.catalog });
    async function isKnown() {
      const page = await reader.page('/ada');
      return page !== undefined && key !== undefined && isKeyOf(page, key);
    }
    expect(await isKnown()).toBe(true);
    await world.ask('ada', 'pages/ada', { method: 'patch', body: { description: 'changed' } });
    expect(await isKnown()).toBe(true);
    expect((await world.ask('bob', `${path}/${id}`, { method: 'delete' })).status).toBe(404);
    expect((await world.ask('ada', `${path}/${id}`, { method: 'delete' })).status).toBe(204);
    expect(await isKnown()).toBe(false);
    expect((await world.ask('ada', `${path}/${id}`, { method: 'delete' })).status).toBe(404);
  });

  it('cannot be managed with an API key', async () => {
    const { secret } = await parsed(createdKeySchema, post('ada', 'keys', { label: 'ci', scopes: ['admin'] }));
    expect((await post(secret, path, { label: 'x' })).status).toBe(403);
    expect((await world.ask(secret, path)).status).toBe(403);
  });
});

describe('idempotency keys', () => {
  const body = { page: '/ada', url: 'https://shop.example/once' };

  it('make a POST happen once, even across processes', async () => {
    const header = { 'idempotency-key': 'first' };
    const first = await post('ada', 'links', body, header);
    const again = await world.ask('ada', 'links', {
      method: 'post',
      body,
      headers: header,
      app: world.again({}),
    });
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    expect(await again.json()).toEqual(await first.json());
  });

  it('belong to their sender and one request', async () => {
    const header = { 'idempotency-key': 'second' };
    expect((await post('ada', 'links', body, header)).status).toBe(201);
    expect((await post('ada', 'links', { ...body, title: 'Other' }, header)).status).toBe(422);
    expect((await post('root', 'links', body, header)).headers.get('idempotent-replayed')).toBeNull();
  });

  it('can be used again after a failure', async () => {
    const header = { 'idempotency-key': 'third' };
    expect((await post('ada', 'links', { ...body, url: 'ftp://x' }, header)).status).toBe(400);
    expect((await post('ada', 'links', body, header)).status).toBe(201);
  });

  it('return a secret only to the same caller', async () => {
    const header = { 'idempotency-key': 'fourth' };
    const { secret } = await parsed(createdKeySchema, post('ada', 'keys', { label: 'x', scopes: ['read'] }, header));
    const again = await parsed(createdKeySchema, post('ada', 'keys', { label: 'x', scopes: ['read'] }, header));
    expect(again.secret).toBe(secret);
    const stored = await everything();
    expect(stored).not.toContain(secret);
  });

  it('do not show a secret that was revoked since', async () => {
    const header = { 'idempotency-key': 'fifth' };
    const header2 = { 'idempotency-key': 'sixth' };
    const newKey = { label: 'x', scopes: ['read'] };
    const key = await parsed(createdKeySchema, post('ada', 'keys', newKey, header));
    await world.ask('ada', `keys/${key.id}`, { method: 'delete' });
    const newShare = { page: '/ada', label: 'x', expiresAt: '2027-01-01T00:00:00Z' };
    const share = await parsed(createdShareSchema, post('ada', 'shares', newShare, header2));
    const shown = await post('ada', 'shares', newShare, header2);
    expect([shown.status, (await shown.text()).includes(share.token)]).toEqual([201, true]);
    await world.ask('ada', `shares/${share.id}`, { method: 'delete' });
    for (const [again, secret] of [
      [await post('ada', 'keys', newKey, header), key.secret],
      [await post('ada', 'shares', newShare, header2), share.token],
    ] as const) {
      expect(again.status).toBe(404);
      expect(await again.text()).not.toContain(secret);
    }
  });

  it('replay nothing to a caller who has lost access', async () => {
    const { catalog } = world.deps;
    const user = { subject: 'kim', email: 'kim@a.example', role: 'creator', agency: null, pages: ['/ada'] } as const;
    await catalog.createUser({ ...user, pages: ['/ada'] });
    const newShare = { page: '/ada', label: 'kim', expiresAt: '2027-01-01T00:00:00Z' };
    const requests = [
      ['links', body],
      ['shares', newShare],
      ['imports', { csv: 'code,url\nkims,https://shop.example/', page: '/ada' }],
    ] as const;
    async function statuses(): Promise<number[]> {
      const answers = requests.map(([path, content]) =>
        post('kim', path, content, { 'idempotency-key': `kim-${path}` }),
      );
      return (await Promise.all(answers)).map(({ status }) => status);
    }
    expect(await statuses()).toEqual([201, 201, 201]);
    await catalog.replaceUser({ ...user, pages: [] }, { ...user, pages: ['/ada'] });
    expect(await statuses()).toEqual([404, 404, 404]);
    await catalog.deleteUser('kim');
    expect(await statuses()).toEqual([404, 404, 403]);
  });

  it('replay nothing to a key that was narrowed or revoked', async () => {
    const { keys } = world.deps;
    const { id, secret } = await parsed(createdKeySchema, post('ada', 'keys', { label: 'ci', scopes: ['links'] }));
    async function repeat(): Promise<number> {
      return (await post(secret, 'links', body, { 'idempotency-key': 'by-a-key' })).status;
    }
    expect([await repeat(), await repeat()]).toEqual([201, 201]);
    const stored = await keys.get(id);
    if (stored) await keys.touch({ ...stored, scopes: ['read'] });
    expect(await repeat()).toBe(403);
    await world.ask('ada', `keys/${id}`, { method: 'delete' });
    expect(await repeat()).toBe(401);
  });

  it('replay to an admin only while they are one, and a new page only to those who see it', async () => {
    const { catalog } = world.deps;
    const admin = { subject: 'lee', email: 'lee@a.example', role: 'admin', agency: null, pages: [] } as const;
    const nobody = { ...admin, role: 'creator' } as const;
    await catalog.createUser({ ...admin, pages: [] });
    const requests = [
      ['users', { email: 'new@a.example', role: 'creator', pages: ['/ada'] }],
      ['pages', { path: '/lee', title: 'Lee', timeZone: 'UTC' }],
    ] as const;
    async function statuses(): Promise<number[]> {
      const answers = requests.map(([path, content]) =>
        post('lee', path, content, { 'idempotency-key': `lee-${path}` }),
      );
      return (await Promise.all(answers)).map(({ status }) => status);
    }
    expect(await statuses()).toEqual([201, 201]);
    expect(await statuses()).toEqual([201, 201]);
    await catalog.replaceUser({ ...nobody, pages: [] }, { ...admin, pages: [] });
    expect(await statuses()).toEqual([403, 404]);
  });
});

describe('conditions and limits', () => {
  it('return 304 for an unchanged response', async () => {
    const first = await world.ask('ada', 'links/k3x9');
    const etag = first.headers.get('etag') ?? '';
    const again = await world.ask('ada', 'links/k3x9', { headers: { 'if-none-match': etag } });
    expect([etag === '', again.status, await again.text()]).toEqual([false, 304, '']);
  });

  it('reject only the sender who exceeds the limit', async () => {
    const { client, tables } = world.db;
    const rate = createRateLimit({ client, table: tables.cache, now: () => now, limit: 3 });
    const app = createApp({ ...world.deps, rate });
    const answers = [];
    for (let at = 0; at < 4; at++) answers.push(await world.ask('ada', 'me', { app }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('60');
    expect((await world.ask('nora', 'me', { app })).status).toBe(200);
  });
});

describe('invitations', () => {
  it('make the first account that signs in with the address a user', async () => {
    const invited = { email: 'Grace@example.org', role: 'creator', pages: ['/ada'] };
    expect(await (await post('root', 'users', invited)).json()).toMatchObject({
      subject: 'invited:grace@example.org',
      pending: true,
      mailed: false,
    });
    const me = await world.ask('mail-grace', 'me');
    expect(await me.json()).toMatchObject({ subject: 'mail-grace', role: 'creator', pages: ['/ada'] });
    const users = await (await world.ask('root', 'users')).text();
    expect(users).not.toContain('invited:grace');
  });

  it('can be revoked', async () => {
    await post('root', 'users', { email: 'late@example.org', role: 'admin' });
    await world.ask('root', 'users/invited:late@example.org', { method: 'delete' });
    expect((await world.ask('mail-late', 'me')).status).toBe(403);
  });

  it('of an agency name the agency', async () => {
    expect((await post('root', 'users', { email: 'a@example.org', role: 'agency' })).status).toBe(400);
  });

  it('users cannot change or remove themselves', async () => {
    expect((await world.ask('root', 'users/root', { method: 'delete' })).status).toBe(400);
    expect((await world.ask('root', 'users/root', { method: 'patch', body: { role: 'creator' } })).status).toBe(400);
  });
});

const hostile = [
  '<script>alert(1)</script>',
  '=HYPERLINK("http://evil.example")',
  '\u202Egnp.exe',
  '"><img src=x onerror=alert(1)>',
];

describe('links', () => {
  it.each(hostile)('keep a hostile title as text: %s', async (title) => {
    const created = await parsed(linkSchema, post('ada', 'links', { page: '/ada', url: 'https://a.example/', title }));
    expect(created.title).toBe(title);
    const answer = await world.ask('ada', `links/${created.code}`);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(linkSchema.parse(await answer.json()).title).toBe(title);
  });

  it('reject a title of 10,000 characters, a script URL and an unknown field', async () => {
    const url = 'https://a.example/';
    for (const [body, field] of [
      [{ page: '/ada', url, title: 'x'.repeat(10_000) }, 'title'],
      [{ page: '/ada', url: 'javascript:alert(1)' }, 'url'],
      [{ page: '/ada', url, colour: 'red' }, 'colour'],
    ] as const) {
      const answer = await post('ada', 'links', body);
      const { errors } = problemSchema.parse(await answer.json());
      expect([answer.status, errors?.[0]?.field]).toEqual([400, field]);
    }
  });

  it('name the value and what is allowed', async () => {
    const body = { page: '/ada', url: 'https://a.example/', countryUrls: { AT: 'javascript:alert(1)' } };
    const { detail, errors } = problemSchema.parse(await (await post('ada', 'links', body)).json());
    expect(errors).toEqual([
      {
        field: 'countryUrls.AT',
        value: 'javascript:alert(1)',
        allowed: expect.stringMatching(/^a URL with one of the schemes http/),
      },
    ]);
    expect(detail).toMatch(
      /^`countryUrls\.AT` must be a URL with one of the schemes .*; got `javascript:alert\(1\)`\.$/,
    );
  });

  it('name the code that is taken', async () => {
    const answer = await post('ada', 'links', { page: '/ada', code: 'k3x9', url: 'https://a.example/' });
    expect([answer.status, problemSchema.parse(await answer.json()).errors?.[0]?.field]).toEqual([409, 'code']);
  });

  it('change only the given fields', async () => {
    await post('ada', 'links', { page: '/ada', code: 'chg', url: 'https://a.example/', title: 'T', passQuery: true });
    const answer = world.ask('ada', 'links/chg', { method: 'patch', body: { enabled: false } });
    expect(await parsed(linkSchema, answer)).toMatchObject({ title: 'T', passQuery: true, enabled: false });
  });

  it('have aliases: one link under several codes, which no other link can get', async () => {
    const body = { page: '/ada', url: 'https://a.example/' };
    const created = await parsed(linkSchema, post('ada', 'links', { ...body, code: 'al-main', aliases: ['al-one'] }));
    expect(created.aliases).toEqual(['al-one']);
    expect(await parsed(linkSchema, world.ask('ada', 'links/al-one'))).toEqual(created);

    async function refusal(answer: Promise<Response>) {
      const problem = problemSchema.parse(await (await answer).json());
      return [problem.status, problem.errors?.[0]?.field, problem.detail];
    }
    function patch(code: string, changes: object) {
      return world.ask('ada', `links/${code}`, { method: 'patch', body: changes });
    }
    await post('ada', 'links', { ...body, code: 'al-other' });
    const taken = [409, 'aliases', 'The code `al-one` is taken.'];
    expect(await refusal(post('ada', 'links', { ...body, code: 'al-new', aliases: ['al-one'] }))).toEqual(taken);
    expect(await refusal(post('ada', 'links', { ...body, aliases: ['al-one'] }))).toEqual(taken);
    expect(await refusal(patch('al-other', { aliases: ['al-one'] }))).toEqual(taken);
    expect((await refusal(post('ada', 'links', { ...body, code: 'al-one' })))[1]).toBe('code');

    const changed = await parsed(linkSchema, patch('al-one', { aliases: ['al-two'], title: 'T' }));
    expect(changed).toMatchObject({ code: 'al-main', id: created.id, aliases: ['al-two'], title: 'T' });
    expect(await parsed(linkSchema, world.ask('ada', 'links/al-two'))).toEqual(changed);
    expect((await world.ask('ada', 'links/al-one')).status).toBe(404);
  });

  it('reject invalid JSON', async () => {
    const answer = await world.app.request('/api/v1/links', {
      method: 'POST',
      headers: { authorization: 'Bearer ada', 'content-type': 'application/json' },
      body: '{',
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  });

  it('are listed by tag and campaign; archived ones only if asked for', async () => {
    const body = { page: '/ada', url: 'https://a.example/', campaign: 'filters' };
    await post('ada', 'links', { ...body, code: 'f-spring', tags: ['Spring  Sale'] });
    await post('ada', 'links', { ...body, code: 'f-away', tags: ['spring sale', 'bio'], archived: true });
    await post('ada', 'links', { ...body, code: 'f-other', campaign: null });
    async function codes(query: string): Promise<string[]> {
      const rows = z.object({ rows: z.array(linkSchema) });
      const answer = await parsed(rows, world.ask('ada', `links?page=/ada&limit=100&${query}`));
      return answer.rows.map(({ code }) => code).filter((code) => code.startsWith('f-'));
    }
    expect(await codes('')).toEqual(['f-other', 'f-spring']);
    expect(await codes('archived=include')).toEqual(['f-away', 'f-other', 'f-spring']);
    expect(await codes('archived=only')).toEqual(['f-away']);
    expect(await codes('tag=SPRING%20sale')).toEqual(['f-spring']);
    expect(await codes('tag=spring')).toEqual([]);
    expect(await codes('archived=include&tag=bio')).toEqual(['f-away']);
    expect(await codes('campaign=filters')).toEqual(['f-spring']);
    expect((await world.ask('ada', 'links?page=/ada&archived=yes')).status).toBe(400);
  });

  it('have clicks by day, settled and live, for the links of the page only', async () => {
    const rows = z.object({
      rows: z.array(z.object({ code: z.string(), clicks: z.number(), days: z.array(z.number()) })),
    });
    function ask(query: string) {
      return world.ask('ada', `pages/ada/link-clicks?${query}`);
    }
    const { rows: found } = await parsed(rows, ask('codes=k3x9,zoe,none&from=2026-11-20&to=2026-11-22'));
    expect(found.map(({ code }) => code)).toEqual(['k3x9']);
    expect(found[0]?.days).toHaveLength(3);
    expect(found[0]?.clicks).toBe(found[0]?.days.reduce((sum, day) => sum + day, 0));
    const stats = await world.ask('ada', 'links/k3x9/stats?from=2026-11-20&to=2026-11-22');
    const totals = z.object({ totals: z.object({ clicks: z.number() }) }).parse(await stats.json());
    expect(found[0]?.clicks).toBe(totals.totals.clicks);
    expect(totals.totals.clicks).toBeGreaterThan(0);
    const codes = Array.from({ length: 51 }, (_, at) => `c${at}`);
    const dates = 'from=2026-11-20&to=2026-11-22';
    expect((await ask(`codes=${codes.slice(1).join(',')}&${dates}`)).status).toBe(200);
    expect((await ask(`codes=${codes.join(',')}&${dates}`)).status).toBe(400);
    expect((await ask('codes=k3x9&from=2026-08-23&to=2026-11-22')).status).toBe(200);
    expect((await ask('codes=k3x9&from=2026-08-22&to=2026-11-22')).status).toBe(400);
    expect((await ask('codes=k3x9&from=2026-11-22&to=2026-11-21')).status).toBe(400);
  });

  it('are imported row by row, and never overwrite links of other pages', async () => {
    const csv = [
      'code,url,page',
      'c1,https://a.example/,/ada',
      'c2,javascript:alert(1),/ada',
      'c3,https://a.example/,/zoe',
      'chg,https://a.example/,/ada',
      'zoe,https://a.example/,/ada',
    ].join('\n');
    const preview = await parsed(importResultSchema, post('ada', 'imports', { csv, preview: true }));
    expect(preview.written).toBe(1);
    expect((await world.ask('ada', 'links/c1')).status).toBe(404);
    const result = await parsed(importResultSchema, post('ada', 'imports', { csv, replace: true }));
    expect(result).toMatchObject({ written: 2, refused: [{ line: 3 }, { line: 4 }, { line: 6 }] });
    expect(linkSchema.parse(await (await world.ask('root', 'links/zoe')).json()).page).toBe('/zoe');
  });
});

describe('an import', () => {
  function send(body: object) {
    return parsed(importResultSchema, post('ada', 'imports', { page: '/ada', ...body }));
  }

  it('reads files of other tools, and writes equal rows once', async () => {
    const csv =
      'Long URL,Bitlink,Custom Bitlink,Created\nhttps://a.example/,bit.ly/im1,brand.example/im-sale,2024-01-02 03:04\n';
    const unclear = await post('ada', 'imports', { page: '/ada', csv });
    expect(problemSchema.parse(await unclear.json())).toMatchObject({
      status: 400,
      detail: expect.stringContaining('name no time zone'),
    });
    const zone = 'Europe/Vienna';
    expect(await send({ csv, zone })).toMatchObject({ rows: 1, written: 1, repeated: 0, refused: [] });
    expect(await send({ csv, zone })).toMatchObject({ rows: 1, written: 0, repeated: 1, refused: [] });
    expect(await send({ csv, zone, replace: true })).toMatchObject({ written: 0, repeated: 1 });
    const link = await parsed(linkSchema, world.ask('ada', 'links/im-sale'));
    expect(link).toMatchObject({ code: 'im1', aliases: ['im-sale'], createdAt: '2024-01-02T02:04:00.000Z' });
  });

  it('takes links that the caller has read, and what columns are', async () => {
    const links = [
      { line: 7, code: 'im2', url: 'https://a.example/' },
      { line: 9, code: 'im3', url: 'ftp://a.example/' },
      { line: 11, code: 'zoe', url: 'https://a.example/' },
    ];
    expect(await send({ links, replace: true })).toMatchObject({
      rows: 3,
      written: 1,
      refused: [
        { line: 9, field: 'url' },
        { line: 11, field: 'code', message: 'The code `zoe` is taken.' },
      ],
    });
    const csv = 'Printed as,Leads to\nim4,https://a.example/';
    expect((await post('ada', 'imports', { page: '/ada', csv })).status).toBe(400);
    const map = { 'Printed as': 'code', 'Leads to': 'url' };
    expect(await send({ csv, map })).toMatchObject({ written: 1 });
    for (const bad of [
      { csv, map: { 'Leads to': 'color' } },
      { csv, map, zone: 'Mars' },
      { csv, links },
      {},
      { csv: '[{' },
    ])
      expect((await post('ada', 'imports', bad)).status).toBe(400);
  });
});

describe('pages', () => {
  it.each(['/.', '/..', '/__proto__'])('cannot be named %s', async (path) => {
    const answer = await post('root', 'pages', { path, title: 'T' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'path', value: path }] });
  });

  it('order their links', async () => {
    for (const code of ['o1', 'o2']) await post('ada', 'links', { page: '/ada', code, url: 'https://a.example/' });
    await world.ask('ada', 'pages/ada', { method: 'patch', body: { order: ['o2', 'o1'] } });
    async function position(code: string) {
      return linkSchema.parse(await (await world.ask('ada', `links/${code}`)).json()).position;
    }
    expect([await position('o2'), await position('o1')]).toEqual([0, 1]);
    const wrong = await world.ask('ada', 'pages/ada', { method: 'patch', body: { order: ['zoe'] } });
    expect(wrong.status).toBe(400);
  });

  it('store their settings, and reject an unknown zone and an origin with a path', async () => {
    const settings = z.looseObject({ alerts: z.looseObject({}) });
    const before = await parsed(settings, world.ask('ada', 'pages/ada/settings'));
    function put(change: object) {
      return world.ask('ada', 'pages/ada/settings', { method: 'put', body: { ...before, ...change } });
    }
    expect((await put({ timeZone: 'Mars/Olympus' })).status).toBe(400);
    expect((await put({ origins: ['https://ada.example/path'] })).status).toBe(400);
    expect((await put({ origins: ['https://ada.example'], identities: 'all' })).status).toBe(200);
    const page = await parsed(pageSchema, world.ask('ada', 'pages/ada'));
    expect(page).toMatchObject({ origins: ['https://ada.example'], identities: 'all' });
  });
});

function put(item: Record<string, unknown>) {
  return world.db.client.send(new PutItemCommand({ TableName: world.db.tables.rollups, Item: marshall(item) }));
}

/** Writes a settled date, by default of Ada's page. */
function settle(date: string, numbers: DayItem['numbers'], tops: DayItem['tops'] = {}, entity = 'page#/ada') {
  return createSettledRollups({
    client: world.db.client,
    table: world.db.tables.rollups,
    now: () => now,
    hotDays: 90,
  }).writeDays([{ entity, date, numbers, tops }], 'run-1');
}

describe('dashboards', () => {
  beforeAll(async () => {
    // Everything before the 22nd in Vienna is settled.
    await put({ ...progressKeys.settled, at: '2026-11-21T23:00:00.000Z' });
    const counts = { views: 10, clicks: 6, 'vc.AT': 7, 'c.AT': 5, 'x.bot': 3 };
    const people = { visitors: 4, sessions: 5, bounces: 2, milliseconds: 50_000 };
    const tops: DayItem['tops'] = {
      city: [['Wien, AT', 4, 5]],
      host: [['news.example', 2, 2]],
      utm_source: [['bio', 3, 0]],
      language: [['de-AT', 3, 3]],
      link: [['k3x9', 6, 0]],
    };
    await settle('2026-11-20', { ...counts, ...people }, tops);
    await settle('2026-11-18', { views: 5, clicks: 1, visitors: 2, sessions: 2 });
  });
  function dashboard(query: string, app?: World['app']) {
    return parsed(dashboardSchema, world.ask('ada', `pages/ada/dashboard?${query}`, app ? { app } : {}));
  }

  it('combine settled dates and live hours in each part', async () => {
    const answer = await dashboard('from=2026-11-20&to=2026-11-22&compare=previous');
    expect(answer).toMatchObject({
      range: { from: '2026-11-20', to: '2026-11-22', zone: 'Europe/Vienna' },
      current: {
        totals: { views: 18, clicks: 10, uniques: 4, sessions: 5 },
        outcomes: { counted: 28, bot: 3 },
        series: [
          { start: '2026-11-20', views: 10, clicks: 6 },
          { start: '2026-11-21', views: 0, clicks: 0 },
          { start: '2026-11-22', views: 8, clicks: 4 },
        ],
      },
      previous: { totals: { views: 5, clicks: 1 } },
      visitors: {
        days: [
          {
            date: '2026-11-20',
            visitors: 4,
            sessions: 5,
          },
          {
            date: '2026-11-21',
            visitors: 0,
            sessions: 0,
          },
          {
            date: '2026-11-22',
            visitors: null,
            sessions: null,
          },
        ],
        visitors: 4,
        sessions: 5,
        bounceRate: 0.4,
        averageSeconds: 10,
      },
      cities: [{ value: 'AT/Wien', clicks: 4, views: 5 }],
      hosts: [{ value: 'news.example' }],
      languages: [{ value: 'de-AT' }],
      utm: { source: [{ value: 'bio' }], medium: [], campaign: [] },
      sources: { current: { source: 'rollups', stale: false } },
      errors: [],
    });
    expect(answer.current?.breakdowns.country).toEqual([
      { value: 'AT', views: 7, clicks: 5 },
      { value: 'US', views: 8, clicks: 3 },
      { value: null, views: 3, clicks: 2 },
    ]);
    const [first] = answer.links ?? [];
    expect(first).toEqual({ code: 'k3x9', title: null, clicks: 10, ctr: 10 / 18 });
  });

  it('contain the requested parts, and reject an unknown one by name', async () => {
    const answer = await dashboard('parts=visitors,cities');
    expect(Object.keys(answer.sources).sort()).toEqual(['cities', 'visitors']);
    expect(answer.current).toBeNull();
    expect((await world.ask('ada', 'pages/ada/dashboard?parts=visitors,towns')).status).toBe(400);
  });

  it('come from memory for a minute, from the table for five, and fresh on request', async () => {
    const query = 'from=2026-11-19&to=2026-11-20';
    const before = await dashboard(query);
    await settle('2026-11-19', { views: 1000, clicks: 0 });
    expect(await dashboard(query)).toEqual(before);
    expect(await dashboard(query, world.again({ now: () => now + 299_000 }))).toEqual(before);
    const later = await dashboard(query, world.again({ now: () => now + 301_000 }));
    expect(later.current?.totals.views).toBe(1010);
    const reloaded = await parsed(
      dashboardSchema,
      world.ask('ada', `pages/ada/dashboard?${query}`, { headers: { 'cache-control': 'no-cache' } }),
    );
    expect(reloaded.current?.totals.views).toBe(1010);
  });

  it('are computed once for concurrent requests', async () => {
    let reads = 0;
    const { stats } = world.deps;
    const days: typeof stats.days = (...args) => {
      reads += 1;
      return stats.days(...args);
    };
    const app = createApp({ ...world.deps, stats: { ...stats, days } });
    const query = 'from=2026-11-10&to=2026-11-20&parts=current';
    await Promise.all(Array.from({ length: 8 }, () => dashboard(query, app)));
    expect(reads).toBe(1);
  });

  it('show the most clicked links of a page with more links than one read returns', async () => {
    const { catalog } = world.deps;
    const at = '2026-11-01T00:00:00Z';
    const page = pageSchema.parse({
      path: '/many',
      title: 'Many',
      timeZone: 'Europe/Vienna',
      createdAt: at,
      updatedAt: at,
    });
    await catalog.createPage(page);
    const codes = Array.from({ length: 505 }, (_, number) => `m${String(number).padStart(3, '0')}`);
    const links = codes.map((code) =>
      linkInputSchema.parse({ code, page: '/many', url: 'https://a.example/', createdAt: at, updatedAt: at }),
    );
    await catalog.importLinks(links);
    await settle(
      '2026-11-20',
      { clicks: 9 },
      {
        link: [
          ['m504', 9, 0],
          ['gone', 4, 0],
        ],
      },
      'page#/many',
    );
    await settle('2026-11-20', { clicks: 9 }, {}, `link#${(await catalog.getLink('m504'))?.id}`);
    const query = 'from=2026-11-20&to=2026-11-20&parts=links';
    const answer = await parsed(dashboardSchema, world.ask('root', `pages/many/dashboard?${query}`));
    expect(answer.links?.[0]).toMatchObject({ code: 'm504', clicks: 9 });
    expect(answer.links?.map(({ code }) => code)).not.toContain('gone');
  });

  it('are authorized before the cache is read', async () => {
    await dashboard('from=2026-11-19&to=2026-11-20');
    expect((await world.ask('bob', 'pages/ada/dashboard?from=2026-11-19&to=2026-11-20')).status).toBe(404);
  });

  it('show the last 30 minutes by minute', async () => {
    const { minutes, freshnessSeconds } = await parsed(realtimeSchema, world.ask('ada', 'pages/ada/realtime'));
    expect(freshnessSeconds).toBe(20);
    expect([minutes.length, minutes[0]?.start, minutes.at(-1)]).toEqual([
      30,
      '2026-11-22T07:01:00.000Z',
      { start: '2026-11-22T07:30:00.000Z', views: 0, clicks: 1 },
    ]);
    expect(minutes.at(-2)).toMatchObject({ views: 2, clicks: 0 });
  });

  it('of an agency contain all its pages, with settled days and, on request, today', async () => {
    const settled = await parsed(agencyDashboardSchema, world.ask('nora', 'agencies/north/dashboard'));
    expect([settled.days.length, settled.days.at(-1)]).toEqual([30, '2026-11-21']);
    expect(settled.totals).toEqual({ views: 1015, clicks: 7, ctr: 7 / 1015 });
    expect(settled.pages.map(({ path }) => path)).toContain('/ada');
    const today = await parsed(
      agencyDashboardSchema,
      world.ask('nora', 'agencies/north/dashboard?from=2026-11-20&to=2026-11-22'),
    );
    const ada = today.pages.find(({ path }) => path === '/ada');
    expect(ada).toMatchObject({ views: 18, clicks: 10, sparkline: [{ views: 10 }, { views: 0 }, { views: 8 }] });
    expect((await world.ask('nora', 'agencies/north/dashboard?from=2026-11-22&to=2026-11-20')).status).toBe(400);
  });

  it('of an agency divide clicks by views only over pages that have views', async () => {
    const at = '2026-11-01T00:00:00Z';
    const page = { timeZone: 'Europe/Vienna', agency: 'south', createdAt: at, updatedAt: at };
    await world.deps.catalog.createPage(pageSchema.parse({ ...page, path: '/only-links', title: 'Only links' }));
    await world.deps.catalog.createPage(pageSchema.parse({ ...page, path: '/shared', title: 'Shared' }));
    await settle('2026-11-20', { clicks: 900 }, {}, 'page#/only-links');
    await settle('2026-11-20', { views: 50, clicks: 10 }, {}, 'page#/shared');
    await settle('2026-11-21', { views: 10, clicks: 40 }, {}, 'page#/shared');
    function agency(dates: string) {
      return parsed(agencyDashboardSchema, world.ask('root', `agencies/south/dashboard?${dates}`));
    }
    const first = await agency('from=2026-11-20&to=2026-11-20');
    expect(first.totals).toEqual({ views: 50, clicks: 910, ctr: 0.2 });
    expect(first.pages.map(({ path, ctr }) => [path, ctr] as const).sort(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['/only-links', null],
      ['/shared', 0.2],
    ]);
    expect((await agency('from=2026-11-21&to=2026-11-21')).totals).toEqual({ views: 10, clicks: 40, ctr: 1 });
    const shared = await parsed(
      dashboardSchema,
      world.ask('root', 'pages/shared/dashboard?from=2026-11-21&to=2026-11-21&parts=current'),
    );
    expect(shared.current?.totals.ctr).toBe(1);
  });

  it('of a campaign count the links that the caller may see', async () => {
    function metrics(as: string) {
      return parsed(campaignMetricsSchema, world.ask(as, 'campaigns/spring/metrics?from=2026-11-22'));
    }
    expect((await metrics('ada')).links.map(({ page }) => page)).toEqual(['/ada']);
    expect((await metrics('ada')).stats.totals.clicks).toBe(4);
    expect(new Set((await metrics('root')).links.map(({ page }) => page))).toEqual(new Set(['/ada', '/zoe']));
  });
});

it('an idempotency record expires', async () => {
  await world.ask('ada', 'pages/ada/dashboard?from=2026-11-20&to=2026-11-20');
  const { Items } = await world.db.client.send(new ScanCommand({ TableName: world.db.tables.cache }));
  const answers = (Items ?? []).filter(({ pk }) => pk?.S?.startsWith('answer#'));
  expect(answers.length).toBeGreaterThan(0);
  for (const { expires } of answers) expect(Number(expires?.N) * 1000).toBeGreaterThan(now);
});

describe('a link that leads back to itself through another', () => {
  it('is refused when it is created, changed or imported', async () => {
    expect((await post('ada', 'links', { page: '/ada', code: 'there', url: 'https://go.example/back' })).status).toBe(
      201,
    );
    const created = await post('ada', 'links', { page: '/ada', code: 'back', url: 'https://go.example/there' });
    expect(created.status).toBe(400);
    expect((await parsed(problemSchema, Promise.resolve(created))).errors).toEqual([
      {
        field: 'url',
        value: 'https://go.example/there',
        allowed: 'a URL that does not lead back to the link (/there → /back)',
      },
    ]);
    await post('ada', 'links', { page: '/ada', code: 'back', url: 'https://shop.example/' });
    const body = { url: 'https://go.example/there' };
    expect((await world.ask('ada', 'links/back', { method: 'patch', body })).status).toBe(400);
    const csv = 'code,url\nback,https://go.example/there';
    const imported = post('ada', 'imports', { csv, page: '/ada', replace: true });
    expect(await parsed(importResultSchema, imported)).toMatchObject({ written: 0, refused: [{ line: 2 }] });
  });
});

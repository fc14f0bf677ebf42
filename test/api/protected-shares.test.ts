import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#functions/api/create-app.ts';
import { ownerLimits } from '#functions/api/limits.ts';
import { shareUnlockMs } from '#functions/api/principal.ts';
import { problemSchema } from '#schemas/api.ts';
import { createdShareSchema, shareSchema, unlockedShareSchema } from '#schemas/api/shares.ts';
import { passwordLength, shareLimits } from '#schemas/catalog-rules.ts';
import { viewerAddressHeader } from '#schemas/edge-headers.ts';
import { now, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const password = 'open-sesame';
const expiresAt = '2026-12-01T00:00:00Z';

async function share(more: object = {}) {
  const response = await world.ask('ada', 'shares', { method: 'post', body: { page: '/ada', expiresAt, ...more } });
  return createdShareSchema.parse(await response.json());
}

function unlock(token: string, typed: string, { address = '203.0.113.7', app = world.app } = {}) {
  const headers = { [viewerAddressHeader]: address };
  return world.ask('', 'shares/unlock', { method: 'post', body: { token, password: typed }, headers, app });
}

async function unlocked(token: string): Promise<string> {
  return unlockedShareSchema.parse(await (await unlock(token, password)).json()).token;
}

describe('a share with a password', () => {
  it('shows nothing without it, and the statistics of the page for twelve hours after it', async () => {
    const { token } = await share({ password });
    for (const path of ['shares/current', 'pages/ada/stats', 'pages/ada/realtime']) {
      const refused = await world.ask(`Share ${token}`, path);
      expect(refused.status).toBe(401);
      expect(problemSchema.parse(await refused.json()).type).toBe('urn:hopcount:problem:password-required');
    }
    expect((await world.ask('', `shares/${token}/dashboard`)).status).toBe(401);
    const open = await unlocked(token);
    expect((await world.ask(`Share ${open}`, 'pages/ada/stats')).status).toBe(200);
    expect((await world.ask('', `shares/${open}/dashboard`)).status).toBe(200);
    for (const [later, status] of [
      [shareUnlockMs - 1, 200],
      [shareUnlockMs, 401],
    ] as const) {
      const app = world.again({ now: () => now + later });
      expect((await world.ask(`Share ${open}`, 'shares/current', { app })).status).toBe(status);
    }
  });

  it('is opened by no other share, and no other password', async () => {
    const [one, other] = [await share({ password }), await share({ password })];
    const proof = (await unlocked(one.token)).split('.').slice(2).join('.');
    expect((await world.ask(`Share ${other.token}.${proof}`, 'shares/current')).status).toBe(401);
    expect((await unlock(one.token, `${password}!`)).status).toBe(403);
    expect((await unlock('unknown', password)).status).toBe(401);
    const open = await unlocked(one.token);
    const path = `shares/${one.id}`;
    expect((await world.ask('ada', path, { method: 'patch', body: { password: 'another' } })).status).toBe(200);
    expect((await world.ask(`Share ${open}`, 'shares/current')).status).toBe(401);
    await world.ask('ada', path, { method: 'patch', body: { password: null } });
    expect((await world.ask(`Share ${one.token}`, 'shares/current')).status).toBe(200);
  });

  it('is stored as a hash, which no response holds', async () => {
    const { id, token } = await share({ password });
    const hash = (await world.deps.shares.get(id))?.passwordHash ?? '';
    expect(hash).toMatch(/^scrypt\$/);
    const texts = await Promise.all(
      [
        world.ask('ada', 'shares?page=/ada'),
        world.ask('ada', `shares/${id}`, { method: 'patch', body: { label: 'Press' } }),
        unlock(token, password),
      ].map(async (response) => (await response).text()),
    );
    for (const text of texts) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(hash.split('$').at(-1));
      expect(text).not.toContain('passwordHash');
    }
  });

  it('limits the attempts of each address, and those of all', async () => {
    const { token } = await share({ password });
    const app = createApp(world.deps);
    for (let attempt = 0; attempt < ownerLimits.unlocksOfAddressAMinute; attempt++)
      expect((await unlock(token, 'wrong!', { app })).status).toBe(403);
    const refused = await unlock(token, password, { app });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await unlock(token, password, { app, address: '198.51.100.9' })).status).toBe(200);
    const crowded = createApp({ ...world.deps, unlockRate: async () => false });
    expect((await unlock(token, password, { app: crowded, address: '198.51.100.10' })).status).toBe(429);
  });

  it.each([passwordLength.min - 1, passwordLength.max + 1])(
    'refuses %i characters, and does not repeat them',
    async (length) => {
      const body = { page: '/ada', expiresAt, password: 'x'.repeat(length) };
      const refused = await world.ask('ada', 'shares', { method: 'post', body });
      expect(refused.status).toBe(400);
      const { errors } = problemSchema.parse(await refused.json());
      expect(errors).toEqual([{ field: 'password', value: null, allowed: expect.any(String) as string }]);
    },
  );
});

describe('a change of a share', () => {
  it('replaces the given fields, and is refused for another version', async () => {
    const created = await share({ label: 'Press', extras: ['annotations'] });
    const path = `shares/${created.id}`;
    const body = { expiresAt: '2027-01-01T00:00:00Z', embedOrigins: ['https://ada.example'] };
    const changed = await world.ask('ada', path, { method: 'patch', body });
    const { token: _token, ...view } = created;
    expect(shareSchema.parse(await changed.json())).toEqual({ ...view, ...body });
    const headers = { 'if-match': changed.headers.get('etag') ?? '' };
    expect((await world.ask('ada', path, { method: 'patch', body: { label: 'A' }, headers })).status).toBe(200);
    expect((await world.ask('ada', path, { method: 'patch', body: { label: 'B' }, headers })).status).toBe(412);
    expect((await world.ask('sam', path, { method: 'patch', body: { label: 'C' } })).status).toBe(404);
    expect((await world.deps.shares.get(created.id))?.label).toBe('A');
  });

  it('never brings back a share that is revoked at the same time', async () => {
    const { id, token } = await share();
    const before = await world.deps.shares.get(id);
    if (before === undefined) throw new Error('no share');
    expect((await world.ask('ada', `shares/${id}`, { method: 'delete' })).status).toBe(204);
    expect(await world.deps.shares.replace({ ...before, label: 'late' }, before)).toBe(false);
    await world.ask('ada', `shares/${id}`, { method: 'patch', body: { label: 'later' } });
    expect((await world.ask(`Share ${token}`, 'shares/current')).status).toBe(401);
  });
});

describe('a share in a frame', () => {
  const html = '<!doctype html><title>Hopcount</title>';

  function frame(id: string): Promise<Response> {
    return Promise.resolve(createApp({ ...world.deps, dashboardHtml: async () => html }).request(`/app/embed/${id}`));
  }
  function policy(ancestors: string): string {
    return (
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
      `manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ${ancestors}`
    );
  }

  it('is shown by the sites of the share, with exactly these headers', async () => {
    const embedOrigins = ['https://ada.example', 'http://localhost:3000'];
    const { id } = await share({ embedOrigins });
    const response = await frame(id);
    expect([response.status, await response.text()]).toEqual([200, html]);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/html; charset=UTF-8',
      'content-security-policy': policy('https://ada.example http://localhost:3000'),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'cache-control': 'no-store',
    });
  });

  it.each(['unknown', 'A'.repeat(16), '..%2f..%2fme', "x'%0d%0aset-cookie: a"])(
    'is shown by nobody as %s',
    async (id) => {
      const response = await frame(id);
      expect([response.status, response.headers.get('content-security-policy')]).toEqual([200, policy("'none'")]);
    },
  );

  it('is shown by nobody by default', async () => {
    const { id, embedOrigins } = await share();
    expect(embedOrigins).toEqual([]);
    expect((await frame(id)).headers.get('content-security-policy')).toBe(policy("'none'"));
  });

  it.each([
    '*',
    'https://*.example',
    'https://ada.example/',
    'https://ada.example; script-src *',
    'https://ada.example;script-src',
    'https://ada.example,https://eve.example',
    'https://ada.example https://eve.example',
    "'self'",
    'ada.example',
    'ftp://ada.example',
    'https://user@ada.example',
  ])('is not shown by %s, which is no origin', async (origin) => {
    const body = { page: '/ada', expiresAt, embedOrigins: [origin] };
    const refused = await world.ask('ada', 'shares', { method: 'post', body });
    expect(refused.status).toBe(400);
    expect(problemSchema.parse(await refused.json()).errors).toEqual([
      { field: 'embedOrigins', value: origin, allowed: 'an origin such as https://ada.example' },
    ]);
  });

  it('names at most ten sites', async () => {
    function sites(count: number) {
      return Array.from({ length: count }, (_, at) => `https://ada${at}.example`);
    }
    const { id } = await share({ embedOrigins: sites(shareLimits.embedOrigins) });
    const body = { embedOrigins: sites(shareLimits.embedOrigins + 1) };
    expect((await world.ask('ada', `shares/${id}`, { method: 'patch', body })).status).toBe(400);
  });
});

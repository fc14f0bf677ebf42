import { Hono } from 'hono';
import { beforeEach, expect, it } from 'vitest';
import { StoreUnavailable } from '#stores/errors.ts';
import type { Idempotency } from '#stores/cache/idempotency.ts';
import type { ApiEnvironment } from './deps.ts';
import { idempotent } from './idempotent.ts';

async function down(): Promise<never> {
  throw new StoreUnavailable('the cache table is down');
}

function appOver(store: Idempotency, done: () => void) {
  return new Hono<ApiEnvironment>()
    .use(async (c, next) => {
      c.set('principal', { kind: 'user', id: 'user#ada', subject: 'ada', user: undefined });
      await next();
    })
    .use(idempotent(store, { checksOf: () => [], repeat: async () => {} }))
    .post('/links', (c) => {
      done();
      return c.json({ code: 'k3x9' }, 201);
    })
    .post('/refused', (c) => c.json({ field: 'url' }, 400))
    .onError((error, c) => c.text(error.name, error instanceof StoreUnavailable ? 503 : 500));
}

let created = 0;
beforeEach(() => {
  created = 0;
});
function post(app: ReturnType<typeof appOver>, path: string) {
  return app.request(path, { method: 'POST', headers: { 'idempotency-key': 'once' }, body: '{}' });
}

it('does nothing while nobody can say whether it was done', async () => {
  const app = appOver({ begin: down, finish: down, forget: down }, () => (created += 1));
  expect((await post(app, '/links')).status).toBe(503);
  expect(created).toBe(0);
});

it('answers what was done, though the store no longer takes note of it', async () => {
  const app = appOver({ begin: async () => ({ kind: 'new' }), finish: down, forget: down }, () => (created += 1));
  const answer = await post(app, '/links');
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ code: 'k3x9' });
  expect(created).toBe(1);
  expect((await post(app, '/refused')).status).toBe(400);
});

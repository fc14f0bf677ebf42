import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createdShareSchema } from '#schemas/api/shares.ts';
import { creation, people, type Person, routeCases } from './routes.ts';
import { startWorld, subjects, type World } from './world.ts';

let world: World;
let share: string;

beforeAll(async () => {
  world = await startWorld();
  const answer = await world.ask('root', 'shares', {
    method: 'post',
    body: { page: '/ada', expiresAt: '2026-12-01T00:00:00Z' },
  });
  share = `Share ${createdShareSchema.parse(await answer.json()).token}`;
});
afterAll(() => world.stop());

function authorizationOf(person: Person): string {
  if (person === 'share') return share;
  return person === 'nobody' ? '' : subjects[person];
}

const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

describe('every route, for every role and without one', () => {
  it('is in the table', async () => {
    const document = documentSchema.parse(await (await world.ask('', 'openapi.json')).json());
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path.replace('/api/v1', '')}`),
    );
    const known = routeCases.map(({ method, path }) => `${method} ${path}`);
    expect(routes.sort()).toEqual([...known, 'post /pages'].sort());
  });

  // Admins come last, because they delete what the others need.
  const cases = routeCases.flatMap((route) =>
    people.toReversed().map((person) => [route.method, route.path, person, route] as const),
  );
  it.each(cases)('%s %s as %s', async (_method, _path, person, { method, url, body, expected }) => {
    const answer = await world.ask(authorizationOf(person), url, { method, body });
    expect([answer.status, answer.status < 400 ? '' : answer.headers.get('content-type')]).toEqual([
      expected[person],
      expected[person] < 400 ? '' : 'application/problem+json',
    ]);
  });

  it.each(creation)('post /pages as $person for agency $agency', async ({ person, agency, status }) => {
    const body = { path: `/new-${person.replace(' ', '-')}-${agency ?? 'own'}`, title: 'New', agency };
    const answer = await world.ask(authorizationOf(person), 'pages', { method: 'post', body });
    expect(answer.status).toBe(status);
  });

  it('responds the same to an inaccessible page and a nonexistent one', async () => {
    const foreign = await world.ask('bob', 'pages/ada/stats');
    const missing = await world.ask('bob', 'pages/nobody/stats');
    expect([foreign.status, await foreign.text()]).toEqual([missing.status, await missing.text()]);
  });
});

const rowsSchema = z.object({ rows: z.array(z.looseObject({})), next: z.string().nullable() });
async function rowsOf(as: string, path: string) {
  return rowsSchema.parse(await (await world.ask(as, path)).json());
}

describe('lists', () => {
  it('contain only what the caller may see', async () => {
    expect((await rowsOf('ada', 'pages')).rows.map(({ path }) => path)).toEqual(['/ada']);
    expect((await rowsOf('bob', 'pages')).rows).toEqual([]);
    const codes = (await rowsOf('nora', 'links')).rows.map(({ page }) => page);
    expect(new Set(codes)).toEqual(new Set(['/ada']));
  });

  it('continue with a cursor until the end, and reject an invalid one', async () => {
    const seen: unknown[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page = await rowsOf('root', `links?limit=1${next === '' ? '' : `&cursor=${next}`}`);
      seen.push(...page.rows.map(({ code }) => code));
      next = page.next;
    }
    expect(seen).toHaveLength(new Set(seen).size);
    expect(seen).toEqual(expect.arrayContaining(['k3x9', 'zoe']));
    expect((await world.ask('root', 'links?cursor=nonsense')).status).toBe(400);
  });

  it('do not continue from a page that the caller may not see', async () => {
    const cursor = Buffer.from(JSON.stringify(['/zoe', 'a'])).toString('base64url');
    expect((await rowsOf('ada', `links?cursor=${cursor}`)).rows.every(({ page }) => page === '/ada')).toBe(true);
  });

  it('find links by code, title and destination', async () => {
    expect((await rowsOf('root', 'links?search=EXAMPLE.ORG/ZO')).rows.map(({ code }) => code)).toEqual(['zoe']);
  });
});

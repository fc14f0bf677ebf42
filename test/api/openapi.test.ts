import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientOf, type OpenApi, operationsOf, parserOf, readDocument } from './openapi-client.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let document: OpenApi;
beforeAll(async () => {
  world = await startWorld();
  document = await readDocument(world);
});
afterAll(() => world.stop());

it('names every operation once, each with its own summary', () => {
  const names = operationsOf(document).map(({ operationId }) => operationId);
  expect(names).toHaveLength(new Set(names).size);
});

it('declares exactly the parameters of each path', () => {
  for (const { path, parameters } of operationsOf(document)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = parameters.filter((parameter) => parameter.in === 'path');
    expect(new Set(declared.map(({ name }) => name)), path).toEqual(new Set(inPath));
    expect(declared.every(({ required }) => required)).toBe(true);
  }
});

it('refers only to existing schemas, all valid JSON Schema', () => {
  const references = JSON.stringify(document.paths).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  for (const [, name = ''] of references) expect(Object.keys(document.components.schemas)).toContain(name);
  for (const [name, schema] of Object.entries(document.components.schemas))
    expect(() => parserOf(document, schema), name).not.toThrow();
});

it('describes a problem for every error', () => {
  for (const { operationId, responses } of operationsOf(document))
    for (const status of ['400', '401', '403', '404', '429', '503'])
      expect(responses[status]?.content, `${operationId} ${status}`).toHaveProperty(['application/problem+json']);
});

it('is enough for a client to create, read, list and delete a link, and read its stats', async () => {
  const call = clientOf(document, async (request) => world.app.fetch(request), 'Bearer ada');
  const body = { page: '/ada', code: 'gen', url: 'https://shop.example/', title: 'Made by a client' };
  expect(await call('createLink', { body })).toMatchObject({ status: 201, answer: { code: 'gen', status: 302 } });
  expect(await call('createLink', { body })).toMatchObject({ status: 409, answer: { title: 'Conflict' } });
  expect(await call('getLink', { parameters: { code: 'gen' } })).toMatchObject({ answer: { title: body.title } });
  expect(await call('listLinks', { parameters: { page: '/ada', limit: 1 } })).toMatchObject({ status: 200 });
  const changed = await call('changeLink', { parameters: { code: 'gen' }, body: { enabled: false } });
  expect(changed).toMatchObject({ status: 200, answer: { enabled: false } });
  const range = { from: '2026-11-22', to: '2026-11-22' };
  const stats = await call('getLinkStats', { parameters: { code: 'k3x9', ...range } });
  expect(stats).toMatchObject({ status: 200, answer: { totals: { clicks: 4 } } });
  const dashboard = await call('getPageDashboard', { parameters: { page: 'ada', ...range, compare: 'previous' } });
  expect(dashboard).toMatchObject({ status: 200, answer: { current: { totals: { views: 8 } }, errors: [] } });
  expect(await call('getRealtime', { parameters: { page: 'ada' } })).toMatchObject({ status: 200 });
  expect(await call('getPageStats', { parameters: { page: 'zoe' } })).toMatchObject({ status: 404 });
  expect(await call('removeLink', { parameters: { code: 'gen' } })).toEqual({ status: 204, answer: undefined });
});

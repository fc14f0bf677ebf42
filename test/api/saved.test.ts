import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ownerLimits } from '#functions/api/limits.ts';
import { annotationSchema, annotationsSchema, segmentSchema, segmentsSchema } from '#schemas/api/saved.ts';
import { createdShareSchema, sharedPageSchema } from '#schemas/api/shares.ts';
import { createdKeySchema } from '#schemas/api/users.ts';
import { catalogKeys } from '#stores/catalog/catalog-keys.ts';
import { createPageTraces } from '#stores/catalog/page-traces.ts';
import { toItem } from '#stores/dynamodb/items.ts';
import { createTable } from '#stores/dynamodb/table.ts';
import { now, startWorld, type World } from './world.ts';

/** Annotations and segments of a page. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function send(as: string, method: string, path: string, body?: unknown) {
  const answer = await world.ask(as, `pages/ada/${path}`, { method, body });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

function catalog() {
  return createTable({ client: world.db.client, table: world.db.tables.catalog });
}

/** Fills a page with records up to one below the limit. */
async function fill(kind: 'annotation' | 'segment', limit: number, record: object): Promise<void> {
  const items = Array.from({ length: limit - 1 }, (_, at) => {
    const id = String(at).padStart(26, '0');
    return toItem({ id, ...record, name: `Segment ${at}`, ...catalogKeys.saved('/ada', kind, id) });
  });
  expect(await catalog().batchPut(items)).toEqual([]);
}

async function empty(): Promise<void> {
  await createPageTraces({ client: world.db.client, table: world.db.tables.catalog }).erase('/ada');
}

async function createShare(extras: string[]): Promise<string> {
  const body = { page: '/ada', expiresAt: '2026-12-01T00:00:00Z', extras };
  const answer = await world.ask('ada', 'shares', { method: 'post', body });
  return `Share ${createdShareSchema.parse(await answer.json()).token}`;
}

describe('annotations', () => {
  async function add(body: object, as = 'ada') {
    const { status, body: created } = await send(as, 'post', 'annotations', body);
    expect(status, JSON.stringify(created)).toBe(201);
    return annotationSchema.parse(created);
  }
  async function list(query = '', as = 'ada') {
    return annotationsSchema.parse((await send(as, 'get', `annotations${query}`)).body).rows;
  }

  it('are listed by time, and by the dates of the page', async () => {
    await empty();
    const deployed = await add({ text: 'Deployed 1.2.0', url: 'https://example.org/releases/1.2.0' });
    expect(deployed).toMatchObject({ at: new Date(now).toISOString(), source: 'user' });
    // 00:30 on the 21st in Vienna.
    const late = await add({ at: '2026-11-20T23:30:00Z', text: 'Sale begins' });
    const whole = await add({ at: '2026-11-21', text: 'In the news' });
    const before = await add({ at: '2026-11-20T23:59:59+01:00', text: '  Last minute  ' });
    expect(before).toMatchObject({ at: '2026-11-20T22:59:59.000Z', text: 'Last minute', url: null });
    expect(await list()).toEqual([before, late, whole, deployed]);
    expect(await list('?from=2026-11-21&to=2026-11-21')).toEqual([late, whole]);
    expect(await list('?to=2026-11-20')).toEqual([before]);
    expect((await send('ada', 'delete', `annotations/${whole.id}`)).status).toBe(204);
    expect((await send('ada', 'delete', `annotations/${whole.id}`)).status).toBe(404);
    expect(await list('?from=2026-11-21')).toEqual([late, deployed]);
  });

  it.each([
    ['text', { text: '' }],
    ['text', { text: 'x'.repeat(201) }],
    ['text', { text: 'two\nlines' }],
    ['at', { text: 'x', at: 'yesterday' }],
    ['at', { text: 'x', at: '2026-02-30' }],
    ['at', { text: 'x', at: '2026-11-22T07:00' }],
    ['url', { text: 'x', url: 'javascript:alert(1)' }],
    ['url', { text: 'x', url: `https://example.org/${'x'.repeat(2_048)}` }],
  ])('with a wrong %s are refused: %j', async (field, body) => {
    expect(await send('ada', 'post', 'annotations', body)).toMatchObject({
      status: 400,
      body: { errors: [{ field }] },
    });
  });

  it('take the longest text and address', async () => {
    await empty();
    const url = `https://example.org/${'x'.repeat(2_028)}`;
    expect(await add({ text: '😀'.repeat(100), url })).toMatchObject({ text: '😀'.repeat(100), url });
  });

  it('have a limit of each page', async () => {
    await empty();
    await fill('annotation', ownerLimits.annotationsOfPage, { at: '2026-11-01', text: 'x', url: null, source: 'key' });
    await add({ text: 'The last one' });
    expect(await send('ada', 'post', 'annotations', { text: 'One more' })).toMatchObject({
      status: 409,
      body: { detail: 'There can be at most 1000 annotations of a page. Remove one first.' },
    });
    expect(await list()).toHaveLength(ownerLimits.annotationsOfPage);
  });

  it('are added by a deployment with a key that may do nothing else', async () => {
    await empty();
    const made = await world.ask('ada', 'keys', { method: 'post', body: { label: 'ci', scopes: ['annotations'] } });
    const key = `Bearer ${createdKeySchema.parse(await made.json()).secret}`;
    expect(await add({ text: 'Deployed' }, key)).toMatchObject({ source: 'key' });
    expect(await send(key, 'get', 'annotations')).toMatchObject({ status: 403 });
    expect(await send(key, 'get', 'stats')).toMatchObject({ status: 403 });
    expect(await send(key, 'delete', 'annotations/x')).toMatchObject({ status: 403 });
    expect(await send(key, 'post', 'segments', {})).toMatchObject({ status: 403 });
    const other = await world.ask(key, 'pages/zoe/annotations', { method: 'post', body: { text: 'x' } });
    expect(other.status).toBe(404);
  });

  it('are on a share only if its owner says so', async () => {
    await empty();
    const annotation = await add({ text: 'Deployed' });
    const [plain, full] = [await createShare([]), await createShare(['annotations'])];
    expect(await send(plain, 'get', 'annotations')).toMatchObject({ status: 403 });
    expect(await list('', full)).toEqual([annotation]);
    expect(await send(full, 'get', 'segments')).toMatchObject({ status: 403 });
    for (const share of [plain, full]) {
      expect((await send(share, 'post', 'annotations', { text: 'x' })).status).toBe(404);
      expect((await send(share, 'delete', `annotations/${annotation.id}`)).status).toBe(404);
    }
    const current: unknown = await (await world.ask(full, 'shares/current')).json();
    expect(sharedPageSchema.parse(current).extras).toEqual(['annotations']);
  });
});

describe('segments', () => {
  const filters = [
    { dimension: 'country', operator: 'is', values: ['AT', 'DE', ''] },
    { dimension: 'host', operator: 'is-not', values: ['news.example'] },
    { dimension: 'utm_campaign', operator: 'contains', values: ['spring'] },
  ];

  it('are saved, listed by name, changed and deleted', async () => {
    await empty();
    const created = await send('ada', 'post', 'segments', { name: 'Readers', filters });
    expect(created).toMatchObject({ status: 201, body: { name: 'Readers', filters } });
    const { id } = segmentSchema.parse(created.body);
    await send('nora', 'post', 'segments', { name: 'Buyers', filters: filters.slice(0, 1) });
    const { rows } = segmentsSchema.parse((await send('root', 'get', 'segments')).body);
    expect(rows.map(({ name }) => name)).toEqual(['Buyers', 'Readers']);
    const changed = { name: 'readers', filters: filters.slice(1) };
    expect(await send('nora', 'put', `segments/${id}`, changed)).toEqual({ status: 200, body: { id, ...changed } });
    expect(await send('ada', 'put', `segments/${id}`, { ...changed, name: 'BUYERS' })).toMatchObject({
      status: 409,
      body: { errors: [{ field: 'name', value: 'BUYERS' }] },
    });
    expect((await send('ada', 'delete', `segments/${id}`)).status).toBe(204);
    expect((await send('ada', 'put', `segments/${id}`, changed)).status).toBe(404);
    expect((await send('ada', 'delete', `segments/${id}`)).status).toBe(404);
  });

  function valuesOf(count: number, length: number): string[] {
    return Array.from({ length: count }, (_, at) => String(at).padStart(length, 'x'));
  }
  const country = { dimension: 'country', operator: 'is' };

  it.each([
    ['name', { name: ' ', filters }],
    ['name', { name: 'x'.repeat(61), filters }],
    ['filters', { name: 'x', filters: [] }],
    ['filters', { name: 'x', filters: [filters[0], filters[0]] }],
    ['filters', { name: 'x', filters: [{ dimension: 'host', operator: 'contains', values: [''] }] }],
    [
      'filters',
      {
        name: 'x',
        filters: [
          { ...country, values: valuesOf(8, 250) },
          { ...filters[1], values: ['x'] },
        ],
      },
    ],
    ['filters[0].values', { name: 'x', filters: [{ ...country, values: valuesOf(21, 2) }] }],
    ['filters[0].values[0]', { name: 'x', filters: [{ ...country, values: ['x'.repeat(254)] }] }],
    ['filters[0].values[0]', { name: 'x', filters: [{ ...country, values: ['a\u0007'] }] }],
    ['filters[0].dimension', { name: 'x', filters: [{ ...country, dimension: 'asn', values: ['1'] }] }],
    ['filters[0].operator', { name: 'x', filters: [{ ...country, operator: 'like', values: ['1'] }] }],
  ])('with wrong %s are refused', async (field, body) => {
    expect(await send('ada', 'post', 'segments', body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('take as much as a query string does', async () => {
    await empty();
    const largest = [{ ...country, values: valuesOf(20, 100) }];
    expect(await send('ada', 'post', 'segments', { name: 'x'.repeat(60), filters: largest })).toMatchObject({
      status: 201,
    });
    const query = new URLSearchParams(largest[0]?.values.map((value) => ['country', value]));
    // These tests have no lake.
    expect((await send('ada', 'get', `stats?${query}`)).status).toBe(503);
  });

  it('have a limit of each page', async () => {
    await empty();
    await fill('segment', ownerLimits.segmentsOfPage, { filters });
    expect((await send('ada', 'post', 'segments', { name: 'The last one', filters })).status).toBe(201);
    expect((await send('ada', 'post', 'segments', { name: 'One more', filters })).status).toBe(409);
  });

  it('are on a share only if its owner says so', async () => {
    const [plain, full] = [await createShare(['annotations']), await createShare(['segments'])];
    expect(await send(plain, 'get', 'segments')).toMatchObject({ status: 403 });
    expect(await send(full, 'get', 'segments')).toMatchObject({ status: 200 });
    const unknown = await world.ask('ada', 'shares', {
      method: 'post',
      body: { page: '/ada', expiresAt: '2026-12-01T00:00:00Z', extras: ['alerts'] },
    });
    expect(unknown.status).toBe(400);
  });

  it('of other pages are neither seen nor taken by a name', async () => {
    await empty();
    await send('ada', 'post', 'segments', { name: 'Readers', filters });
    const answer = await world.ask('root', 'pages/zoe/segments', {
      method: 'post',
      body: { name: 'Readers', filters },
    });
    expect(answer.status).toBe(201);
    const listed: unknown = await (await world.ask('root', 'pages/zoe/segments')).json();
    expect(z.object({ rows: z.array(z.object({ name: z.string() })) }).parse(listed).rows).toHaveLength(1);
  });
});

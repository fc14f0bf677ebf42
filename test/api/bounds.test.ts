import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainPage } from '#core/links/link.fixture.ts';
import { checkLink } from '#core/links/new-link.ts';
import { ulidOf } from '#core/ulid.ts';
import { createApp } from '#functions/api/create-app.ts';
import type { JobRunner } from '#functions/api/jobs/job-runner.ts';
import { ownerLimits } from '#functions/api/limits.ts';
import { designLimits, linkLimits, linksOfPageLimit } from '#schemas/catalog-rules.ts';
import { maxErasures } from '#schemas/lake-jobs.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { ErasureJob } from '#stores/catalog/lake-jobs.ts';
import { catalogKeys } from '#stores/catalog/catalog-keys.ts';
import { toItem } from '#stores/dynamodb/items.ts';
import { createTable } from '#stores/dynamodb/table.ts';
import { type OpenApi, operationsOf, readDocument } from './openapi-client.ts';
import { now, startWorld, type World } from './world.ts';

let world: World;
let document: OpenApi;
beforeAll(async () => {
  world = await startWorld();
  document = await readDocument(world);
});
afterAll(() => world.stop());

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  maxLength?: number;
  maxItems?: number;
  maxProperties?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

/** Returns the places of a schema that accept values of any size. */
function unboundedIn(schema: Schema, at: string, seen = new Set<string>()): string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    if (seen.has(name)) return [];
    return unboundedIn(document.components.schemas[name] ?? {}, name, seen.add(name));
  }
  const types = [schema.type ?? []].flat();
  const { items, properties = {}, additionalProperties, propertyNames } = schema;
  const found: string[] = [];
  if (types.includes('string') && !isBoundedText(schema)) found.push(at);
  if (types.includes('array') && schema.maxItems === undefined) found.push(at);
  if (typeof additionalProperties === 'object') {
    if (schema.maxProperties === undefined || !isBoundedText(propertyNames ?? {})) found.push(at);
    found.push(...unboundedIn(additionalProperties, `${at}.*`, seen));
  }
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [
    ...found,
    ...choices.flatMap((choice) => unboundedIn(choice, at, seen)),
    ...Object.entries(properties).flatMap(([name, property]) => unboundedIn(property, `${at}.${name}`, seen)),
    ...(items === undefined ? [] : unboundedIn(items, `${at}[]`, seen)),
  ];
}

function isBoundedText({ enum: values, const: value, format = '', maxLength, pattern = '' }: Schema): boolean {
  if (values !== undefined || value !== undefined || maxLength !== undefined) return true;
  return ['date', 'date-time'].includes(format) || /^\^[^*+]*\$$/.test(pattern.replaceAll(/\\[*+]/g, ''));
}

describe('every request', () => {
  it('has bounded parameters and bodies', () => {
    const unbounded = operationsOf(document).flatMap(({ operationId, parameters, requestBody }) => [
      ...parameters.flatMap(({ name, schema }) => unboundedIn(schema, `${operationId} ?${name}`)),
      ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => unboundedIn(schema, operationId)),
    ]);
    expect(unbounded).toEqual([]);
  });
});

describe('an owner', () => {
  it.each([
    ['shares', ownerLimits.sharesOfPage, { page: '/ada', expiresAt: '2026-12-01T00:00:00Z' }, 201],
    ['pages/ada/ingest-keys', ownerLimits.ingestKeysOfPage, { label: 'x' }, 201],
    ['keys', ownerLimits.keysOfUser, { label: 'x', scopes: ['read'] }, 201],
    ['exports', ownerLimits.exportsOfPage, { page: '/ada', from: '2026-11-01', to: '2026-11-02', format: 'csv' }, 202],
  ])('can have as many %s as the limit says, and no more', async (path, limit, body, status) => {
    // Above the rate limit of the API.
    const app = createApp({ ...world.deps, rate: async () => true, exportRate: async () => true, runner });
    const answers: number[] = [];
    for (let at = 0; at <= limit; at++)
      answers.push((await world.ask('ada', path, { method: 'post', body, app })).status);
    expect(new Set(answers.slice(0, limit))).toEqual(new Set([status]));
    expect(answers.at(-1)).toBe(409);
  });
});

describe('a limit of many records', () => {
  it('counts the links of a page, deleted ones too', async () => {
    const { client, tables } = world.db;
    const table = createTable({ client, table: tables.catalog });
    await table.put(toItem({ ...catalogKeys.linkCount('/ada'), links: linksOfPageLimit - 1 }));
    async function create(code: string) {
      const body = { code, page: '/ada', url: 'https://example.com/' };
      return (await world.ask('ada', 'links', { method: 'post', body })).status;
    }
    expect([await create('fits'), await create('beyond')]).toEqual([201, 409]);
    const csv = 'code,url\nbeyond,https://example.com/';
    const imported = await world.ask('ada', 'imports', { method: 'post', body: { csv, page: '/ada', replace: true } });
    expect(await imported.json()).toMatchObject({
      written: 0,
      refused: [{ line: 2, message: expect.stringContaining('more than 10,000 links') }],
    });
    expect((await world.ask('ada', 'links/fits', { method: 'delete' })).status).toBe(204);
    expect([await create('beyond'), await create('fits')]).toEqual([409, 201]);
  });

  it('counts the pages of an agency', async () => {
    const { client, tables } = world.db;
    const table = createTable({ client, table: tables.catalog });
    function path(at: number): string {
      return `/crowd${at}`;
    }
    await table.batchPut(
      Array.from({ length: ownerLimits.pagesOfAgency - 1 }, (_, at) =>
        toItem({ ...catalogKeys.agencyPage('south', path(at)), path: path(at) }),
      ),
    );
    async function create(newPath: string) {
      return (await world.ask('sam', 'pages', { method: 'post', body: { path: newPath, title: 'T' } })).status;
    }
    expect([await create('/fits'), await create('/beyond')]).toEqual([201, 409]);
  });

  it('counts invitations, other than that of the same address', async () => {
    const { client, tables } = world.db;
    const invitation = { role: 'creator', agency: null, pages: [], invitedAt: new Date(now).toISOString() };
    const table = createTable({ client, table: tables.catalog });
    await table.batchPut(
      Array.from({ length: ownerLimits.invitations - 1 }, (_, at) => {
        const email = `i${at}@example.org`;
        return toItem({ ...catalogKeys.invitation(email), ...invitation, email, subject: null });
      }),
    );
    async function invite(email: string) {
      const body = { email, role: 'creator', pages: ['/ada'] };
      return (await world.ask('root', 'users', { method: 'post', body })).status;
    }
    expect([await invite('fits@example.org'), await invite('beyond@example.org')]).toEqual([201, 409]);
    expect(await invite('FITS@example.org')).toBe(201);
  });
});

it('an agency can start 20 exports an hour, of all its pages together', async () => {
  const admin = createCatalogAdmin({ client: world.db.client, table: world.db.tables.catalog });
  const pages = Array.from({ length: ownerLimits.exportsAnHour + 1 }, (_, at) => `/export${at}`);
  for (const path of pages) await admin.createPage({ ...plainPage, path, agency: 'exporter' });
  const app = createApp({ ...world.deps, runner });
  const statuses: number[] = [];
  for (const page of pages) {
    const body = { page, from: '2026-11-01', to: '2026-11-02', format: 'csv' };
    statuses.push((await world.ask('root', 'exports', { method: 'post', body, app })).status);
  }
  expect(statuses).toEqual([...pages.slice(1).map(() => 202), 429]);
});

describe('erasures', () => {
  const body = { kind: 'consented', value: 'person-42' };

  it.each([
    ['an hour', ownerLimits.erasuresAnHour, 60_000],
    ['45 days', maxErasures, 3 * 3_600_000],
  ])('have a limit within %s', async (_of, limit, ago) => {
    const jobs = new Map<string, ErasureJob>();
    const app = createApp({
      ...world.deps,
      runner,
      jobs: {
        ...world.deps.jobs,
        put: async (job) => void (job.kind === 'erasure' && jobs.set(job.id, job)),
        erasuresAfter: async (after, most) => [...jobs.values()].filter(({ id }) => id > (after ?? '')).slice(0, most),
      },
    });
    for (let at = 1; at < limit; at++) {
      const id = ulidOf(
        now - ago,
        Uint8Array.from({ length: 16 }, (_, byte) => (byte === 15 ? at % 32 : byte === 14 ? at >> 5 : 0)),
      );
      jobs.set(id, { kind: 'erasure', id, subject: 'page', createdAt: new Date(now - ago).toISOString() });
    }
    expect(jobs.size).toBe(limit - 1);
    expect((await world.ask('root', 'erasures', { method: 'post', body, app })).status).toBe(202);
    expect((await world.ask('root', 'erasures', { method: 'post', body, app })).status).toBe(409);
  });
});

/** Jobs that never end. */
const runner: JobRunner = {
  startImport: async () => undefined,
  startPull: async () => undefined,
  startExport: async () => undefined,
  startErasure: async () => undefined,
  sendMails: async () => undefined,
  readExport: async () => ({ state: 'running' }),
  readErasure: async () => ({ state: 'running' }),
};

describe('the largest link', () => {
  const largest = {
    code: 'c'.repeat(64),
    page: `/${'p'.repeat(64)}`,
    url: destination(),
    expiredUrl: destination(),
    title: '\u{1F600}'.repeat(150),
    campaign: 'é'.repeat(128),
    deviceUrls: { ios: destination(), android: destination(), mobile: destination(), desktop: destination() },
    countryUrls: countries(linkLimits.countryUrls),
    utm: { utm_source: 's'.repeat(200), utm_medium: 's'.repeat(200), utm_term: 's'.repeat(200) },
    clickLimit: linkLimits.clicks,
    variants: Array.from({ length: linkLimits.variants }, () => ({ url: destination(), weight: 24 })),
    card: {
      title: 'é'.repeat(linkLimits.cardTitle),
      description: '\u{1F600}'.repeat(linkLimits.cardDescription / 2),
      image: destination(),
    },
    section: 'é'.repeat(designLimits.section),
    tags: Array.from({ length: linkLimits.tags }, (_, at) => `${at}`.padEnd(linkLimits.tag, 'é')),
  };

  it('is accepted, and takes less than 64 KB', () => {
    const check = checkLink(largest, { now: 0, ownHosts: ['go.example'], ignoreCase: false });
    expect(check).toMatchObject({ kind: 'accepted' });
    expect(Buffer.byteLength(JSON.stringify(check))).toBeLessThan(64 * 1024);
  });

  it.each([
    ['countryUrls', { countryUrls: countries(linkLimits.countryUrls + 1) }],
    ['url', { url: `${destination()}a` }],
    ['deviceUrls.ios', { deviceUrls: { ios: `${destination()}a` } }],
    ['utm.utm_source', { utm: { utm_source: 's'.repeat(linkLimits.utmValue + 1) } }],
    ['utm', { utm: Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, 's'.repeat(200)])) }],
    ['utm', { utm: { utm_source: '€'.repeat(112) } }],
    ['utm.ref=1&x', { utm: { 'ref=1&x': 'y' } }],
    ['variants', { variants: Array.from({ length: 5 }, () => ({ url: destination(), weight: 1 })) }],
    ['variants', { variants: [60, 40].map((weight) => ({ url: destination(), weight })) }],
    ['variants.0.weight', { variants: [{ url: destination(), weight: 0 }] }],
    ['variants.0.url', { variants: [{ url: `${destination()}a`, weight: 1 }] }],
    ['clickLimit', { clickLimit: 0 }],
    ['clickLimit', { clickLimit: linkLimits.clicks + 1 }],
    ['card.title', { card: { title: 't'.repeat(linkLimits.cardTitle + 1) } }],
    ['card.title', { card: { title: ' ' } }],
    ['card.description', { card: { title: 't', description: 'd'.repeat(linkLimits.cardDescription + 1) } }],
    ['card.image', { card: { title: 't', image: `${destination()}a` } }],
    ['card.image', { card: { title: 't', image: 'http://a.example/card.png' } }],
    ['tags', { tags: Array.from({ length: linkLimits.tags + 1 }, (_, at) => `t${at}`) }],
    ['tags.0', { tags: ['t'.repeat(linkLimits.tag + 1)] }],
    ['tags.1', { tags: ['a', ' '] }],
    ['tags.0', { tags: ['a,b'] }],
    ['section', { section: 's'.repeat(designLimits.section + 1) }],
    ['section', { section: ' ' }],
  ])('is refused past its limit, naming %s', (field, change) => {
    const check = checkLink({ ...largest, ...change }, { now: 0, ownHosts: ['go.example'], ignoreCase: false });
    expect(check).toMatchObject({ kind: 'refused', problems: [{ field }] });
  });

  it('has a limit for each map that a change meets too', async () => {
    const body = { countryUrls: countries(linkLimits.countryUrls + 1) };
    const answer = await world.ask('ada', 'links/k3x9', { method: 'patch', body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'countryUrls' }] });
  });
});

describe('the design of a link page', () => {
  const picture = 'data:image/png;base64,'.padEnd(designLimits.picture, 'A');
  const sections = Array.from({ length: designLimits.sections }, (_, at) => `${at}`.padEnd(designLimits.section, 'é'));
  const largest = { picture, accent: '#7C3AED', theme: 'dark', sections };

  it('is accepted at its limits, and is in the page but not in the list', async () => {
    const answer = await world.ask('ada', 'pages/ada', { method: 'patch', body: { design: largest } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ design: { ...largest, accent: '#7c3aed' } });
    expect(await (await world.ask('ada', 'pages/ada')).json()).toMatchObject({ design: { picture } });
    expect(await (await world.ask('ada', 'pages')).text()).not.toContain('data:image');
    const reset = await world.ask('ada', 'pages/ada', { method: 'patch', body: { design: {} } });
    expect(await reset.json()).toMatchObject({
      design: { picture: null, accent: null, theme: 'system', sections: [] },
    });
  });

  it.each([
    ['design.picture', { picture: `${picture}A` }],
    ['design.picture', { picture: 'https://a.example/ada.png' }],
    ['design.picture', { picture: 'data:image/svg+xml;base64,AA==' }],
    ['design.accent', { accent: 'red;}' }],
    ['design.theme', { theme: 'sepia' }],
    ['design.sections', { sections: [...sections, 'more'] }],
    ['design.sections', { sections: ['A', ' A '] }],
    ['design.sections[0]', { sections: ['s'.repeat(designLimits.section + 1)] }],
    ['design.sections[0]', { sections: [' '] }],
  ])('is refused past its limit, naming %s', async (field, design) => {
    const answer = await world.ask('ada', 'pages/ada', { method: 'patch', body: { design } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
  });
});

function destination(): string {
  return `https://a.example/${'d'.repeat(2048 - 18)}`;
}

/** Destinations by country that take `length` characters as JSON. */
function countries(length: number): Record<string, string> {
  const urls: Record<string, string> = {};
  for (let at = 0; at < 14; at++) urls[`A${String.fromCodePoint(65 + at)}`] = destination();
  const left = length - JSON.stringify(urls).length - ',"ZZ":""'.length;
  return { ...urls, ZZ: destination().slice(0, left) };
}

import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { plainLink, plainPage } from '#core/links/link.fixture.ts';
import { dropMail } from '#test/alerts/mail-contents.ts';
import { mailContentSchema } from '#schemas/alerts.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { listingKeys } from '#stores/catalog/catalog-keys.ts';
import { plainShare } from '#stores/catalog/share.fixture.ts';
import { createZones } from '#stores/catalog/page-zones.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';
import { readDayNumbers, readTopLists } from '#stores/counters/settled-days.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import { apiDependencies } from './api-deps.ts';
import { now, startWorld, type World } from './world.ts';

/**
 * DynamoDB ends a page of a query at 1 MB. Here every item that is put has 150 KB, so that each list of the product takes
 * several pages.
 */
const padding = { S: 'x'.repeat(150_000) };
const count = 16;

let world: World;
let client: DynamoDBClient;
beforeAll(async () => {
  world = await startWorld();
  client = paddingClient();
});
afterAll(() => world.stop());

/** Returns a client of the same tables that adds the padding to every item that it puts. */
function paddingClient(): DynamoDBClient {
  const { endpoint } = world.db;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const padded = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  padded.middlewareStack.add((next) => (args) => next({ ...args, input: pad(args.input) }), { step: 'initialize' });
  return padded;
}

function pad<T>(value: T): T {
  if (Array.isArray(value)) return value.map(pad) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]: [string, unknown]) => [
    name,
    name === 'Item'
      ? { ...(each as object), padding }
      : ['RequestItems', 'TransactItems', 'catalog', 'Put', 'PutRequest'].includes(name)
        ? pad(each)
        : each,
  ]);
  return Object.fromEntries(entries) as T;
}

function numbers(): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

const listing = z.object({ rows: z.array(z.looseObject({})), next: z.string().nullable() });

/** Reads a list to its end, and checks that no page but the last is shorter than asked for. */
async function readAll(path: string, limit: number, as = 'root'): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  let cursor: string | null = null;
  do {
    const query = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`;
    const app = world.again({ client });
    const response = await world.ask(as, query, { app });
    expect(response.status).toBe(200);
    const found = listing.parse(await response.json());
    if (found.next !== null && !path.includes('search')) expect(found.rows).toHaveLength(limit);
    rows.push(...found.rows);
    cursor = found.next;
  } while (cursor !== null);
  return rows;
}

it('DynamoDB ends a page at 1 MB here, too', async () => {
  const catalog = createCatalogAdmin({ client, table: 'catalog' });
  for (const at of numbers()) await catalog.createPage({ ...plainPage, path: `/cut${at}`, agency: 'cut' });
  const { gpk } = listingKeys.pages();
  const condition = { KeyConditionExpression: 'gpk = :gpk', ExpressionAttributeValues: { ':gpk': { S: gpk } } };
  const page = await client.send(new QueryCommand({ TableName: 'catalog', IndexName: 'listing', ...condition }));
  expect(page.Items?.length).toBeLessThan(count);
  expect(page.LastEvaluatedKey).toBeDefined();
});

describe.each([3, 200])('every list of the API is complete over several pages, %i rows at a time:', (limit) => {
  let deps: ReturnType<typeof apiDependencies>;
  beforeAll(async () => {
    deps = apiDependencies({
      db: world.db,
      now: () => now,
      identify: async () => ({ subject: 'root', email: null }),
      client,
    });
  });
  const createdAt = new Date(now).toISOString();
  function idOf(at: number): string {
    return `${limit}`.padStart(4, '0').padEnd(24, 'A') + String(at).padStart(2, '0');
  }

  it('pages of an agency and of an admin, with a search', async () => {
    const agency = `large${limit}`;
    for (const at of numbers())
      await deps.catalog.createPage({ ...plainPage, path: `/m${limit}-${at}`, title: `Page ${at}`, agency });
    await deps.catalog.createPage({ ...plainPage, path: `/zz${limit}`, title: 'Ada Lovelace', agency });
    await deps.catalog.createUser({ subject: agency, email: null, role: 'agency', agency, pages: [] });
    expect(await readAll('pages', limit, agency)).toHaveLength(count + 1);
    expect((await readAll('pages', limit)).length).toBeGreaterThan(count);
    const found = await readAll('pages?search=lovelace', limit);
    expect(found.map(({ path }) => path)).toContain(`/zz${limit}`);
    expect(new Set(await createZones({ client, table: 'catalog' })())).toContain(plainPage.timeZone);
  });

  it('links of a page, of all pages, and on the link page', async () => {
    const page = `/links${limit}`;
    await deps.catalog.createPage({ ...plainPage, path: page });
    const codes = numbers().map((at) => `l${limit}-${String(at).padStart(2, '0')}`);
    for (const code of codes) await deps.catalog.createLink({ ...plainLink, code, page, title: `Tour ${code}` });
    expect((await readAll(`links?page=${page}`, limit)).map(({ code }) => code)).toEqual(codes);
    const all = (await readAll('links', limit)).map(({ code }) => code);
    expect(all.filter((code) => codes.includes(String(code)))).toEqual(codes);
    const [last = ''] = codes.slice(-1);
    expect((await readAll(`links?search=${last}`, limit)).map(({ code }) => code)).toEqual([last]);
    const shown = await createCatalogReader({ client, table: 'catalog' }).linksOfPage(page);
    expect(shown.map(({ code }) => code)).toEqual(codes);
  });

  it('users, invitations, keys, shares, exports, erasures and rules', async () => {
    const page = `/owned${limit}`;
    await deps.catalog.createPage({ ...plainPage, path: page });
    const secret = { hash: 'h', createdAt };
    for (const at of numbers()) {
      const id = idOf(at);
      await deps.catalog.createUser({ subject: `user${id}`, email: null, role: 'creator', agency: null, pages: [] });
      const email = `${id}@example.org`;
      const invited = { email, subject: null, agency: null, pages: [page], invitedAt: createdAt };
      await deps.invitations.put({ ...invited, role: 'creator' });
      await deps.keys.create({ id, subject: 'root', label: id, scopes: ['read'], ...secret, lastUsedAt: null });
      await deps.shares.create({ ...plainShare, id, page });
      const export_ = { id: `E${id.slice(1)}`, page, from: '2026-11-01', to: '2026-11-02', format: 'csv' } as const;
      await deps.jobs.put({ kind: 'export', ...export_, createdAt });
      await deps.jobs.put({ kind: 'erasure', id, subject: 'page', createdAt });
      await deps.rules.putRule({ id, page, field: 'asn', value: '1', outcome: 'bot', state: 'applied' });
    }
    const users = await world.ask('root', `users?limit=200`, { app: world.again({ client }) });
    const { rows } = listing.parse(await users.json());
    expect(rows.filter(({ subject }) => String(subject).startsWith(`user${idOf(0).slice(0, 6)}`))).toHaveLength(count);
    expect(rows.filter(({ email }) => String(email).startsWith(idOf(0).slice(0, 6)))).toHaveLength(count);
    expect((await readAll('keys', limit)).filter(({ id }) => String(id).startsWith(idOf(0).slice(0, 6)))).toHaveLength(
      count,
    );
    expect(await readAll(`shares?page=${page}`, limit)).toHaveLength(count);
    expect(await deps.jobs.exportsAfter(page, undefined, 200)).toHaveLength(count);
    const erasures = await deps.jobs.erasuresAfter(undefined, 200);
    expect(erasures.filter(({ id }) => id.startsWith(idOf(0).slice(0, 6)))).toHaveLength(count);
    const rules = await world.ask('root', `pages${page}/reclassify`, { app: world.again({ client }) });
    expect(listing.parse(await rules.json()).rows).toHaveLength(count);
  });
});

describe('what jobs read is complete over several pages:', () => {
  it('incidents and mails', async () => {
    const alerts = createAlerts({ client, table: 'catalog', now: () => now });
    const mails = createOutgoingMails({ client, table: 'catalog' });
    const content = mailContentSchema.options[0].parse(dropMail('Ada'));
    const dates = numbers().map((at) => `2026-10-${String(at + 1).padStart(2, '0')}`);
    const notBefore = new Date(now).toISOString();
    for (const date of dates) {
      const incident = { ...content.incident, id: `${date}#traffic`, page: '/ada', since: date, lastAlert: date };
      const calm = { kind: 'calm', through: date } as const;
      const states = { traffic: calm, 'click-through': calm };
      await alerts.commitDay({ page: '/ada', through: date, states, incidents: [incident], mails: [] });
      const recipient = `r-${date}`;
      await mails.queue({ id: date, kind: 'alert', address: 'a@example.org', recipient, content, notBefore });
    }
    expect((await alerts.incidents('/ada')).map(({ since }) => since)).toEqual(dates.toReversed());
    const keys = dates.map((since) => ({ page: '/ada', since, metric: 'traffic' as const }));
    expect(await alerts.incidentsAt(keys)).toHaveLength(count);
    expect(await mails.due(now, 100)).toHaveLength(count);
    expect(await mails.due(now, 3)).toHaveLength(3);
  });

  it("settle's hours, runs, tombstones, rules and marks", async () => {
    const state = createSettleState({ client, table: 'catalog', now: () => now });
    const record = { previous: 'none', listing: '', head: '', tail: '', events: 1, files: 1, localDates: [] };
    const hours = numbers().map((at) => String(at).padStart(2, '0'));
    for (const hr of hours) {
      const hour = { dt: '2026-11-22', hr };
      await state.commitHour({ ...hour, run: hr, ...record, unreadable: [], purge: false, erased: 0, settledAt: now });
      await state.putPartition('view', `2026-11-${hr}`, { run: hr, zones: [] });
      await state.putTombstone({ hash: hr, kind: 'page', createdAt: now });
    }
    await state.mark(hours.map((hr) => `2026-11-22T${hr}`));
    expect(await state.hoursOfDate('2026-11-22')).toHaveLength(count);
    expect(await state.partitions('view')).toHaveLength(count);
    expect(await state.tombstones()).toHaveLength(count);
    expect((await state.rules()).length).toBeGreaterThanOrEqual(count);
    expect((await state.work()).forced.map(({ hr }) => hr)).toEqual(hours);
  });

  it('days and top lists', async () => {
    const rollups = createSettledRollups({ client, table: 'rollups', now: () => now, hotDays: 90 });
    const days = numbers().map((at) => ({
      entity: 'page#/days',
      date: `2026-11-${String(at + 1).padStart(2, '0')}`,
      numbers: { views: 1 },
      tops: { city: [['Wien, AT', 1, 0] as [string, number, number]] },
    }));
    await rollups.writeDays(days, '0'.repeat(26));
    const table = { client, table: 'rollups' };
    expect(await readDayNumbers(table, 'page#/days', '2026-11-01', '2026-11-30')).toHaveLength(count);
    expect(await readTopLists(table, 'page#/days', '2026-11-01', '2026-11-30')).toHaveLength(count);
    expect(await rollups.deleteEntity('page#/days')).toBe(2 * count + 1);
  });
});

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDays } from '#core/ledger/time-range.ts';
import { statsSchema } from '#schemas/api.ts';
import { agencyDashboardSchema, homeSchema } from '#schemas/api/agencies.ts';
import { dashboardSchema } from '#schemas/api/dashboard.ts';
import { pageSchema } from '#schemas/catalog.ts';
import { canaryCode, scratchPageTitle } from '#schemas/catalog-rules.ts';
import { progressKeys } from '#stores/counters/counter-items.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';
import { now, startWorld, type World } from './world.ts';

/** One change for one page and period, wherever it is shown. It is 08:30 in Vienna on 22 November. */

const entity = 'page#/ada';
const range = 'from=2026-11-16&to=2026-11-22';
/** Clicks of the settled days of this week and of the last one. */
const daily = { current: 7, previous: 3 };
/** Clicks by hour of the day that today is compared with: 5 until 08:30. */
const hours = { '2026-11-15T07+01:00': 3, '2026-11-15T08+01:00': 2, '2026-11-15T20+01:00': 50 };

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const { client, tables } = world.db;
  const settled = createSettledRollups({ client, table: tables.rollups, now: () => now, hotDays: 90 });
  const days = Array.from({ length: 13 }, (_, at) => addDays('2026-11-09', at));
  const run = '0'.repeat(26);
  await settled.writeDays(
    days.map((date) => ({
      entity,
      date,
      numbers: { clicks: date < '2026-11-15' ? daily.previous : date === '2026-11-15' ? 55 : daily.current },
      tops: {},
    })),
    run,
  );
  await settled.writeFinals(
    Object.entries(hours).map(([hour, clicks]) => ({ entity, hour, final: { clicks } })),
    run,
  );
  await client.send(
    new PutItemCommand({
      TableName: tables.rollups,
      Item: marshall({ ...progressKeys.settled, at: '2026-11-21T23:00:00.000Z' }),
    }),
  );
});
afterAll(() => world.stop());

async function ask(path: string): Promise<unknown> {
  const response = await world.ask('root', path);
  expect(response.status).toBe(200);
  return response.json();
}

/** Six settled days, and the four clicks of this morning, against six days and the five clicks until the same time. */
const clicks = 6 * daily.current + 4;
const before = 6 * daily.previous + 5;

it('is the same in stats, dashboards, agencies and at home', async () => {
  const current = statsSchema.parse(await ask(`pages/ada/stats?${range}`));
  const previous = statsSchema.parse(await ask(`pages/ada/stats?${range}&period=previous`));
  expect([current.totals.clicks, previous.totals.clicks]).toEqual([clicks, before]);

  const dashboard = dashboardSchema.parse(await ask(`pages/ada/dashboard?${range}&compare=previous`));
  expect([dashboard.current?.totals.clicks, dashboard.previous?.totals.clicks]).toEqual([clicks, before]);

  const agency = agencyDashboardSchema.parse(await ask(`agencies/north/dashboard?${range}`));
  expect([agency.totals.clicks, agency.previous.clicks]).toEqual([clicks, before]);
  const home = homeSchema.parse(await ask(`home?${range}`));
  for (const { pages } of [agency, home]) {
    const page = pages.find(({ path }) => path === '/ada');
    expect(page).toMatchObject({ clicks, change: { clicks: clicks / before - 1 } });
  }
});

it('estimates the part of a day whose hours have expired', async () => {
  const long = 'from=2026-08-25&to=2026-11-22';
  const { client, tables } = world.db;
  const settled = createSettledRollups({ client, table: tables.rollups, now: () => now, hotDays: 90 });
  const run = '1'.repeat(26);
  await settled.writeDays([{ entity, date: '2026-08-24', numbers: { clicks: 240 }, tops: {} }], run);
  const home = homeSchema.parse(await ask(`home?${long}`));
  // 8.5 of 24 hours.
  expect(home.previous.clicks).toBe(85);
});

it('at home are the pages that the caller can see, with the events of the last five minutes', async () => {
  const dates = { createdAt: '2026-11-01T00:00:00Z', updatedAt: '2026-11-01T00:00:00Z' };
  const internal = [
    { path: `/${canaryCode}`, title: 'Canary' },
    { path: '/verify-0123', title: scratchPageTitle },
  ];
  for (const page of internal) await world.deps.catalog.createPage(pageSchema.parse({ ...page, ...dates }));
  async function pathsOf(as: string, query = ''): Promise<{ paths: string[]; next: string | null }> {
    const response = await world.ask(as, `home?limit=1${query}`);
    const { pages, next } = homeSchema.parse(await response.json());
    return { paths: pages.map(({ path }) => path), next };
  }
  const first = await pathsOf('root');
  expect(first.paths).toEqual(['/ada']);
  expect(await pathsOf('root', `&cursor=${first.next}`)).toEqual({ paths: ['/zoe'], next: null });
  expect(await pathsOf('ada')).toEqual({ paths: ['/ada'], next: null });
  expect(await pathsOf('bob')).toEqual({ paths: [], next: null });
  // A click in the running minute, and two views in the one before.
  const home = homeSchema.parse(await ask('home'));
  expect(home.pages.map(({ path, recent }) => [path, recent])).toEqual([
    ['/ada', 3],
    ['/zoe', 0],
  ]);
  expect((await world.ask('root', 'home?from=tomorrow')).status).toBe(400);
  expect((await world.ask('root', 'home?limit=201')).status).toBe(400);
});

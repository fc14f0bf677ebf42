import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDays } from '#core/ledger/time-range.ts';
import { type Changes, changesSchema } from '#schemas/api/changes.ts';
import { linkInputSchema } from '#schemas/catalog.ts';
import { progressKeys } from '#stores/counters/counter-items.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';
import { now, startWorld, type World } from './world.ts';

/** From 10 to 15 November, and from 16 to 21, when a link lost most of its clicks and visitors came on phones. */

const before = {
  views: 100,
  clicks: 50,
  'x.bot': 10,
  'vc.AT': 100,
  'c.AT': 50,
  'vd.desktop': 80,
  'd.desktop': 48,
  'vd.mobile': 20,
  'd.mobile': 2,
};
const after = {
  views: 100,
  clicks: 20,
  'x.bot': 10,
  'vc.AT': 100,
  'c.AT': 20,
  'vd.desktop': 25,
  'd.desktop': 15,
  'vd.mobile': 75,
  'd.mobile': 5,
};

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const { client, tables } = world.db;
  const dates = { createdAt: '2026-11-01T00:00:00Z', updatedAt: '2026-11-01T00:00:00Z' };
  const shop = { code: 'shop', title: 'The shop', page: '/ada', url: 'https://shop.example/', ...dates };
  const blog = { ...shop, code: 'blog', title: 'The blog' };
  await world.deps.catalog.importLinks([shop, blog].map((link) => linkInputSchema.parse(link)));
  const settled = createSettledRollups({ client, table: tables.rollups, now: () => now, hotDays: 90 });
  await settled.writeDays(
    Array.from({ length: 12 }, (_, at) => addDays('2026-11-10', at)).map((date) => {
      const [numbers, shopClicks] = date < '2026-11-16' ? ([before, 40] as const) : ([after, 10] as const);
      return {
        entity: 'page#/ada',
        date,
        numbers,
        tops: {
          link: [
            ['shop', shopClicks, 0],
            ['blog', 10, 0],
          ],
        },
      };
    }),
    '0'.repeat(26),
  );
  await client.send(
    new PutItemCommand({
      TableName: tables.rollups,
      Item: marshall({ ...progressKeys.settled, at: '2026-11-21T23:00:00.000Z' }),
    }),
  );
});
afterAll(() => world.stop());

async function changes(query: string, as = 'ada'): Promise<Changes> {
  const response = await world.ask(as, `pages/ada/changes?${query}`);
  expect(response.status).toBe(200);
  return changesSchema.parse(await response.json());
}

const range = 'from=2026-11-16&to=2026-11-21';

it('says what changed, and names the link it came from', async () => {
  const found = await changes(`${range}&measure=clicks`);
  expect(found).toMatchObject({
    measure: 'clicks',
    periods: {
      before: { from: '2026-11-10', to: '2026-11-15' },
      after: { from: '2026-11-16', to: '2026-11-21' },
    },
    before: 300,
    after: 120,
    cause: { change: -0.6, bots: { before: 60 / 360, after: 60 / 180 } },
  });
  expect(found.words).toEqual([
    '120 clicks, before: 300 clicks (−60%).',
    'Only The shop (/shop) changed; other links did not.',
    '100% of the change comes from desktop (288 → 90).',
  ]);
  const links = found.dimensions.find(({ dimension }) => dimension === 'link');
  expect(links).toMatchObject({
    values: [
      { value: 'shop', title: 'The shop', before: { clicks: 240 }, after: { clicks: 60 }, change: -180, share: 1 },
      { value: 'blog', title: 'The blog', before: { clicks: 60 }, after: { clicks: 60 }, change: 0 },
    ],
    others: null,
  });
});

it('tells other visitors from visitors who click less often', async () => {
  const found = await changes(`${range}&measure=rate`);
  expect([found.before, found.after]).toEqual([0.5, 0.2]);
  const devices = found.dimensions.find(({ dimension }) => dimension === 'device');
  expect(devices?.parts?.mix).toBeCloseTo(-0.28875);
  expect(devices?.parts?.rate).toBeCloseTo(-0.01125);
  expect(found.dimensions.find(({ dimension }) => dimension === 'country')?.parts).toEqual({
    mix: 0,
    rate: expect.closeTo(-0.3),
  });
});

it('compares any two periods of equal length, and says that a small difference is chance', async () => {
  const found = await changes('from=2026-11-12&to=2026-11-13&period=2026-11-10');
  expect(found).toMatchObject({ measure: 'views', before: 200, after: 200, chance: 1 });
  expect(found.words).toEqual(['200 views, before: 200 views (unchanged).', expect.stringContaining('chance')]);
  expect((await changes('from=2025-01-01&to=2025-01-02')).words).toEqual(['0 views, before: 0 views (unchanged).']);
});

it('refuses what it cannot compare, and other pages', async () => {
  for (const query of [`${range}&period=requested`, `${range}&measure=sales`, 'from=yesterday'])
    expect((await world.ask('ada', `pages/ada/changes?${query}`)).status, query).toBe(400);
  expect((await world.ask('bob', `pages/ada/changes?${range}`)).status).toBe(404);
});

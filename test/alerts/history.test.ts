import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDays } from '#core/ledger/time-range.ts';
import { settle } from '#jobs/settle/settle.ts';
import { createHistory, type History } from '#stores/alerts/detection-history.ts';
import { startWorld, type World } from '#test/lake/settle-world.ts';
import { rowsOf } from './traffic.ts';

const first = '2026-10-20';
const evaluated = addDays(first, 14);

/** Views and clicks of 15 days; the last one is evaluated. Vienna's clock changes on the 25th. */
const pages = {
  '/steady': { zone: 'Europe/Vienna', views: () => 120, clicks: () => 24 },
  '/dropped': { zone: 'Europe/Vienna', views: (day: number) => (day === 14 ? 55 : 120), clicks: () => 30 },
  '/surged': { zone: 'America/Los_Angeles', views: (day: number) => (day === 14 ? 300 : 130), clicks: () => 20 },
  '/small': { zone: 'Asia/Kolkata', views: (day: number) => (day === 14 ? 2 : 40), clicks: () => 4 },
  '/young': { zone: 'UTC', views: (day: number) => (day < 3 ? 0 : day === 14 ? 10 : 400), clicks: () => 0 },
} as const;

function daysOf(path: keyof typeof pages) {
  return Array.from({ length: 15 }, (_, day) => {
    const { views, clicks } = pages[path];
    const date = addDays(first, day);
    const counted = views(day);
    return { date, views: counted, clicks: counted === 0 ? 0 : clicks() };
  });
}
const paths = ['/steady', '/dropped', '/surged', '/small', '/young'] as const;

let world: World;
let history: History;
beforeAll(async () => {
  world = await startWorld(['Europe/Vienna', 'America/Los_Angeles', 'Asia/Kolkata', 'UTC']);
  for (const path of paths)
    await world.write(daysOf(path).flatMap((day) => rowsOf({ page: path, zone: pages[path].zone, ...day })));
  await settle(world.deps, { time: Date.parse(`${addDays(evaluated, 1)}T12:12:00Z`) });
  const { athena } = world.deps;
  history = createHistory({ athena, client: world.db.client, rollups: world.tables.rollups });
});
afterAll(() => world.stop());

const wanted = paths.map((path) => ({ path, zone: pages[path].zone }));

it('reads every page in its own time zone, in one query', async () => {
  const before = world.queries.length;
  const { days, cost } = await history.daily(wanted, first, evaluated);
  expect(world.queries.length - before).toBe(1);
  expect(cost.queries).toBe(1);
  for (const path of paths)
    expect(days.get(path), path).toEqual(daysOf(path).filter(({ views, clicks }) => views + clicks > 0));
});

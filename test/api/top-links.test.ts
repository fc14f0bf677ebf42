import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countEvents } from '#core/aggregate/count-events.ts';
import { readEventColumns } from '#core/aggregate/event-columns.ts';
import { createApp } from '#functions/api/create-app.ts';
import { type DashboardResponse, dashboardSchema } from '#schemas/api/dashboard.ts';
import { createdShareSchema } from '#schemas/api/shares.ts';
import { linkInputSchema, pageSchema } from '#schemas/catalog.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { eventRow, rawFileOf } from '#test/raw-file.ts';
import { now, startWorld, type World } from './world.ts';

/** The most clicked links of pages with many links, from counters that have not settled. */

const linkCount = 1_368;
const clickCount = 6_681;
const created = '2026-11-01T00:00:00Z';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** Creates a page with links `<name>-0000` and so on, and counts clicks on them in two hours of today. */
async function createPage(name: string, links: number, clicks: readonly number[]): Promise<void> {
  const { catalog } = world.deps;
  const path = `/${name}`;
  const dates = { createdAt: created, updatedAt: created };
  await catalog.createPage(
    pageSchema.parse({ path, title: name, agency: 'north', timeZone: 'Europe/Vienna', ...dates }),
  );
  const codes = Array.from({ length: links }, (_, at) => codeOf(name, at));
  for (let at = 0; at < codes.length; at += 500)
    await catalog.importLinks(
      codes
        .slice(at, at + 500)
        .map((code) => linkInputSchema.parse({ code, page: path, url: 'https://a.example/', ...dates })),
    );
  const stored = await catalog.getLinks(codes);
  const ids = new Map(stored.map(({ code, id }) => [code, id]));
  const rows = clicks.flatMap((count, at) =>
    Array.from({ length: count }, (_, click) => ({
      page_path: path,
      link_id: ids.get(codeOf(name, at)) ?? '',
      ...(click % 3 === 0 && { local_hour: '2026-11-22T08+01:00', occurred_at: Date.parse('2026-11-22T07:05:00Z') }),
    })),
  );
  const columns = await readEventColumns(rawFileOf(rows.map((row, at) => eventRow({ ...row, event_id: BigInt(at) }))));
  const backoff = { now: () => now, sleep: async () => undefined, random: () => 0.5 };
  const writer = createRollupWriter({
    client: world.db.client,
    table: world.db.tables.rollups,
    backoff,
    hotDays: 90,
    markerDays: 40,
  });
  const { failures } = await writer.applyFiles([`raw/${name}`], {
    count: async () => countEvents(columns),
    deadline: now + 60_000,
  });
  expect(failures.size).toBe(0);
}

function codeOf(name: string, at: number): string {
  return `${name}-${String(at).padStart(4, '0')}`;
}

async function dashboard(name: string, as = 'root', app = world.app): Promise<DashboardResponse> {
  const response = await world.ask(as, `pages/${name}/dashboard?from=2026-11-22&parts=links`, { app });
  expect(response.status).toBe(200);
  return dashboardSchema.parse(await response.json());
}

/** Returns clicks by link as on a page that is read like others: few links have most of them, in no order of their codes. */
function skewed(links: number, clicks: number): number[] {
  const weights = Array.from({ length: links }, (_, at) => 1 / (((at * 577) % links) + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const counts = weights.map((weight) => Math.floor((clicks * weight) / sum));
  const rest = clicks - counts.reduce((total, count) => total + count, 0);
  return counts.map((count, at) => (at < rest ? count + 1 : count));
}

function best(name: string, clicks: readonly number[], most: number): [string, number][] {
  return clicks
    .map((count, at): [string, number] => [codeOf(name, at), count])
    .sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .slice(0, most);
}

function rowsOf({ links }: DashboardResponse): [string, number][] {
  return (links ?? []).map(({ code, clicks }) => [code, clicks]);
}

describe('a page with 1,368 links and 6,681 clicks today', () => {
  const clicks = skewed(linkCount, clickCount);
  beforeAll(() => createPage('wide', linkCount, clicks));

  it('shows its true top 15, with few reads', async () => {
    const { stats } = world.deps;
    let reads = 0;
    const totalsOfDates: typeof stats.totalsOfDates = (...args) => {
      reads += 1;
      return stats.totalsOfDates(...args);
    };
    const app = createApp({ ...world.deps, stats: { ...stats, totalsOfDates } });
    const answer = await dashboard('wide', 'root', app);
    expect(clicks.reduce((sum, count) => sum + count, 0)).toBe(clickCount);
    expect(rowsOf(answer)).toEqual(best('wide', clicks, 15));
    expect(answer.sources.links?.approximate).toBeUndefined();
    expect(reads).toBeLessThanOrEqual(250);
  });

  it('shows the same to someone with a share link', async () => {
    const share = { page: '/wide', expiresAt: '2026-11-23T00:00:00Z' };
    const response = await world.ask('root', 'shares', { method: 'post', body: share });
    const { token } = createdShareSchema.parse(await response.json());
    expect(rowsOf(await dashboard('wide', `Share ${token}`))).toEqual(best('wide', clicks, 15));
  });
});

it('says that the list is approximate where too many links have as many clicks', async () => {
  const even = Array.from({ length: 400 }, (_, at) => 3 + (at % 2));
  await createPage('even', 400, even);
  const answer = await dashboard('even');
  expect(answer.sources.links?.approximate).toBe(true);
  // What is shown is exact.
  for (const [code, count] of rowsOf(answer)) expect(count).toBe(even[Number(code.slice(-4))]);
});

it('leaves out links without clicks', async () => {
  await createPage('few', 20, [5, 0, 7]);
  expect(rowsOf(await dashboard('few'))).toEqual([
    ['few-0002', 7],
    ['few-0000', 5],
  ]);
});

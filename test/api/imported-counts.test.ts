import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectCounts } from '#core/history/counts/collect-counts.ts';
import type { CountRow } from '#core/history/history-row.ts';
import { importCounts, undoCounts } from '#jobs/history/import-counts.ts';
import { importedCountsSchema } from '#schemas/history/imported-counts-api.ts';
import { createImportedCounts } from '#stores/counters/imported-counts.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** The page /ada counts in Vienna. */
async function importRows(id: string, tool: string, rows: readonly CountRow[]) {
  const { client, tables } = world.db;
  const counts = createImportedCounts({ client, table: tables.rollups });
  const collection = collectCounts({ zone: 'Europe/Vienna', today: '2026-11-22' });
  for (const row of rows) expect(collection.add(row).kind).toBe('collected');
  await importCounts(
    { counts, countedDays: async () => new Map() },
    {
      id,
      tool,
      page: '/ada',
      ownSince: '2026-11-01',
      until: undefined,
      today: '2026-11-22',
      dryRun: false,
      entities: collection.entities(),
      links: new Map([
        [
          'k3x9',
          {
            id: 'k3x9',
            ownSince: '2026-11-01',
          },
        ],
      ]),
    },
  );
  return () => undoCounts(counts, { page: '/ada', id });
}

async function ask(path: string, as = 'ada') {
  const response = await world.ask(as, path);
  expect(response.status).toBe(200);
  return importedCountsSchema.parse(await response.json());
}

const plausible: CountRow[] = [
  { grain: 'day', line: 2, at: '2025-09-30', views: 10, visitors: 4 },
  { grain: 'day', line: 3, at: '2025-10-01', views: 20, visitors: 9 },
  { grain: 'day', line: 2, at: '2025-10-01', views: 12, dimension: 'country', value: 'AT' },
  { grain: 'day', line: 3, at: '2025-10-01', views: 8, dimension: 'country', value: '' },
];
const bitly: CountRow[] = [
  { grain: 'hour', line: 1, code: 'k3x9', at: '2025-10-25T23', clicks: 3 },
  { grain: 'hour', line: 2, code: 'k3x9', at: '2025-10-26T00', clicks: 4 },
  { grain: 'hour', line: 3, code: 'k3x9', at: '2025-10-26T01', clicks: 5 },
  { grain: 'total', line: 4, code: 'k3x9', at: '2025-11-01', clicks: 12_034 },
];

describe('imported counts', () => {
  it('are empty without an import', async () => {
    expect(await ask('pages/ada/imported-counts')).toMatchObject({ series: [], before: [], imports: [], dates: null });
  });

  it('are those of the dates of the range, of the page and of the link', async () => {
    const undo = [await importRows('A', 'plausible', plausible), await importRows('B', 'bitly', bitly)];
    const page = await ask('pages/ada/imported-counts?from=2025-10-01&to=2025-10-31');
    expect(page).toMatchObject({
      totals: { views: 20, clicks: 12, visitors: 9 },
      series: [
        { start: '2025-10-01', views: 20, clicks: null },
        { start: '2025-10-26', views: null, clicks: 12 },
      ],
      tools: ['Plausible', 'Bitly'],
      dates: { first: '2025-10-01', last: '2025-10-26' },
      before: [{ tool: 'Bitly', measure: 'clicks', count: 12_034, links: 1, asOf: '2025-11-01' }],
      imports: [
        { tool: 'Plausible', first: '2025-09-30', last: '2025-10-01' },
        { tool: 'Bitly', first: '2025-10-26', last: '2025-10-26' },
      ],
    });
    expect(page.lists.country).toEqual({
      measure: 'views',
      rows: [
        { value: 'AT', count: 12 },
        { value: null, count: 8 },
      ],
    });
    const link = await ask('links/k3x9/imported-counts?from=2025-10-01&to=2025-10-31');
    expect(link.totals).toEqual({ views: null, clicks: 12, visitors: null });
    expect(link.before).toMatchObject([{ count: 12_034, links: null }]);
    for (const each of undo) await each();
    expect(await ask('pages/ada/imported-counts?from=2025-10-01&to=2025-10-31')).toMatchObject({
      series: [],
      before: [],
    });
  });

  it('are shown by hour where the import has hours, twice where the clock repeats one', async () => {
    const undo = [await importRows('A', 'plausible', plausible), await importRows('B', 'bitly', bitly)];
    const hours = await ask('pages/ada/imported-counts?from=2025-10-26&to=2025-10-26&interval=hour');
    expect(hours.series.map(({ start, clicks }) => [start, clicks])).toEqual([
      ['2025-10-26T01:00:00+02:00', 3],
      ['2025-10-26T02:00:00+02:00', 4],
      ['2025-10-26T02:00:00+01:00', 5],
    ]);
    const utc = await ask('pages/ada/imported-counts?from=2025-10-26&to=2025-10-26&interval=hour&tz=UTC');
    expect(utc.series.map(({ start }) => start)).toEqual(['2025-10-26T00:00:00+00:00', '2025-10-26T01:00:00+00:00']);
    const days = await ask('pages/ada/imported-counts?from=2025-10-01&to=2025-10-01&interval=hour');
    expect([days.series, days.daysWithoutHours]).toEqual([[], 1]);
    for (const each of undo) await each();
  });

  it('change nothing in other numbers, and are new in the next conditional request', async () => {
    const range = 'from=2025-10-01&to=2025-10-31';
    const paths = ['stats', 'dashboard', 'ledger', 'changes'].map((part) => `pages/ada/${part}?${range}`);
    async function others() {
      const responses = await Promise.all(
        [...paths, 'pages/ada/forecast', `links/k3x9/stats?${range}`].map((path) => world.ask('ada', path)),
      );
      return Promise.all(responses.map((response) => response.text()));
    }
    const before = await others();
    const first = await world.ask('ada', `pages/ada/imported-counts?${range}`);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const again = await world.ask('ada', `pages/ada/imported-counts?${range}`, { headers });
    expect(again.status).toBe(304);
    const undo = await importRows('A', 'plausible', plausible);
    const changed = await world.ask('ada', `pages/ada/imported-counts?${range}`, { headers });
    expect(changed.status).toBe(200);
    expect(await others()).toEqual(before);
    await undo();
    expect((await world.ask('ada', `pages/ada/imported-counts?${range}`, { headers })).status).toBe(304);
  });

  it('have the limits of ranges, and name unknown parameters', async () => {
    const long = await world.ask('ada', 'pages/ada/imported-counts?from=2024-01-01&to=2025-10-31');
    expect(long.status).toBe(400);
    expect((await world.ask('ada', 'pages/ada/imported-counts?country=AT')).status).toBe(400);
  });
});

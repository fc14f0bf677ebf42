import { addDays } from '#core/ledger/time-range.ts';
import { type ImportedCounts, importedCountsSchema } from '#schemas/history/imported-counts-api.ts';
import { recordOf } from '#schemas/dimensions.ts';
import { importedLists } from '#schemas/history/imported-counts.ts';

/** The last imported date: from the next one on, the fixtures' page counts itself. */
export const lastImported = '2026-11-01';
export const firstImported = '2024-03-01';

/** Returns imported counts of Plausible and totals of Bitly for ranges that begin before their last date; else none. */
export function fixtureImported(url: URL): ImportedCounts {
  const [from, to] = [url.searchParams.get('from') ?? '', url.searchParams.get('to') ?? ''];
  const range = { from: from.slice(0, 10), to: to.slice(0, 10), zone: 'Europe/Vienna' };
  if (!(range.from <= lastImported)) return importedCountsSchema.parse({ ...nothing, range });
  const dates: string[] = [];
  for (let date = range.from; date <= lastImported && date <= range.to; date = addDays(date, 1)) dates.push(date);
  const series = dates.map((start, at) => ({ start, views: 700 + ((at * 97) % 310), clicks: null }));
  return importedCountsSchema.parse({
    ...nothing,
    range,
    totals: { views: series.reduce((sum, { views }) => sum + views, 0), clicks: null, visitors: 9_001 },
    series,
    tools: ['Plausible'],
    dates: { first: dates[0], last: dates.at(-1) },
    lists: {
      ...nothing.lists,
      source: {
        measure: 'views',
        rows: [
          { value: 'Google', count: 9_120 },
          { value: null, count: 4_020 },
        ],
      },
      country: { measure: 'views', rows: [{ value: 'AT', count: 8_000 }] },
    },
    before: [
      {
        tool: 'Bitly',
        measure: 'clicks',
        count: 12_034,
        visitors: null,
        asOf: '2026-11-01',
        from: null,
        to: null,
        links: 57,
      },
    ],
    imports: [{ tool: 'Plausible', first: firstImported, last: lastImported }],
  });
}

const nothing = {
  totals: { views: null, clicks: null, visitors: null },
  series: [],
  daysWithoutHours: 0,
  tools: [],
  dates: null,
  lists: recordOf(importedLists, () => ({ measure: 'views' as const, rows: [] })),
  before: [],
  imports: [],
};

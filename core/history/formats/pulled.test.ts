import { expect, it } from 'vitest';
import { collectCounts } from '../counts/collect-counts.ts';
import { toLines } from '../pulls/pulled-lines.ts';
import type { EntryKind } from '../pulls/source.ts';
import { detectFormat, historyFormats } from '../formats.ts';
import type { HistoryRow, Refusal } from '../history-row.ts';

/** Reads lines as a pull writes them, in pieces of a few characters. */
function read(lines: readonly string[]) {
  const rows: HistoryRow[] = [];
  const refused: Refusal[] = [];
  const notes: string[] = [];
  const text = `${lines.join('\n')}\n`;
  const format = detectFormat({ name: 'pull.ndjson', text, siblings: [] });
  const sink = {
    row: (row: HistoryRow) => void rows.push(row),
    refuse: (refusal: Refusal) => void refused.push(refusal),
    note: (note: string) => void notes.push(note),
    ignore: () => {},
  };
  const reading = format?.open({ file: 'pull.ndjson', zone: undefined, shared: new Map() }, sink);
  for (let at = 0; at < text.length; at += 7) reading?.push(text.slice(at, at + 7));
  reading?.end();
  return { format: format?.name, rows, refused, notes };
}

function lines(kind: EntryKind, link: string | null, ...values: unknown[]): string[] {
  return toLines([{ kind, link, values }]);
}

it('reads days of Bitly by the code of their link, custom domains and all', () => {
  const { format, rows, refused } = read([
    ...lines('bitly-days', 'bit.ly/3xYz', { date: '2026-11-01T00:00:00+0000', clicks: 3 }),
    ...lines('bitly-days', 'go.brand.example/größe', { date: '2026-11-01T00:00:00+0000', clicks: 1 }),
  ]);
  expect(format).toBe('bitly-api');
  expect(rows).toEqual([{ grain: 'day', line: 1, code: '3xYz', at: '2026-11-01', clicks: 3 }]);
  expect(refused).toEqual([expect.objectContaining({ line: 2, column: 'link', value: 'go.brand.example/größe' })]);
});

it('reads clicks and days of Dub', () => {
  const click = {
    id: 'c1',
    country: 'AT',
    region: 'Unknown',
    city: 'Vienna',
    device: 'Mobile',
    browser: 'Mobile Safari',
    os: 'iOS',
    refererUrl: '(direct)',
  };
  const { format, rows } = read([
    ...lines('dub-events', null, {
      timestamp: '2026-11-01T05:05:03.000Z',
      click,
      link: { shortLink: 'https://dub.sh/launch' },
    }),
    ...lines('dub-days', 'dub.sh/launch', { date: '2026-10-01', clicks: 7 }),
  ]);
  expect(format).toBe('dub-api');
  expect(rows).toEqual([
    {
      grain: 'raw',
      line: 1,
      kind: 'click',
      at: Date.parse('2026-11-01T05:05:03Z'),
      code: 'launch',
      nativeId: 'c1',
      referrer: null,
      country: 'AT',
      region: null,
      city: 'Vienna',
      device: 'Mobile',
      browser: 'Mobile Safari',
      os: 'iOS',
      bot: false,
    },
    { grain: 'day', line: 2, code: 'launch', at: '2026-10-01', clicks: 7 },
  ]);
});

it('reads a visit of Shlink as its web client exports it, so that both are one event', () => {
  const visit = {
    date: '2015-08-20T05:05:03+04:00',
    referer: 'https://t.co',
    userAgent: 'Mozilla/5.0',
    visitLocation: { countryCode: 'US', regionName: 'California', cityName: 'Cupertino' },
    potentialBot: false,
  };
  const pulled = read(lines('shlink-visits', 's.test/abc', visit));
  const exported: HistoryRow[] = [];
  const reading = historyFormats['shlink-web'].open(
    { file: 'visits.csv', zone: undefined, shared: new Map() },
    { row: (row) => void exported.push(row), refuse: () => {}, note: () => {}, ignore: () => {} },
  );
  reading.push(
    'date,userAgent,referer,country,region,city,potentialBot,visitedUrl\n' +
      '2015-08-20T05:05:03+04:00,Mozilla/5.0,https://t.co,United States,California,Cupertino,false,https://s.test/abc\n',
  );
  reading.end();
  expect(pulled.rows.map((row) => ({ ...row, line: 0 }))).toEqual(exported.map((row) => ({ ...row, line: 0 })));
  expect(read(lines('shlink-visits', 's.test/abc', { date: '2015-08-20T05:05:03+04:00' })).rows).toHaveLength(1);
});

it('reads days of Plausible, and what breaks them down', () => {
  const day = { date: '2026-11-01', pageviews: 9, visitors: 5, visits: null };
  const { rows } = read(
    lines(
      'plausible-days',
      null,
      { ...day, table: 'days', value: null, visits: 6 },
      { ...day, table: 'page', value: '/größe' },
      { ...day, table: 'source', value: 'Direct / None' },
    ),
  );
  expect(rows).toEqual([
    { grain: 'day', line: 1, at: '2026-11-01', views: 9, visitors: 5, visits: 6 },
    { grain: 'day', line: 2, at: '2026-11-01', views: 9, dimension: 'page', value: '/größe' },
    { grain: 'day', line: 3, at: '2026-11-01', views: 9, dimension: 'source', value: '' },
  ]);
});

it('refuses a line that no pull writes, and goes on', () => {
  const { rows, refused } = read([
    ...lines('bitly-days', 'bit.ly/a', { date: '2026-11-01', clicks: 1 }),
    '{"kind":"bitly-days"',
    ...lines('bitly-days', 'bit.ly/a', { date: '2026-11-02', clicks: -1 }),
    ...lines('bitly-days', 'bit.ly/a', { date: '2026-11-03', clicks: 2 }),
  ]);
  expect(rows).toHaveLength(2);
  expect(refused.map(({ line }) => line)).toEqual([2, 3]);
});

it('has a format for each tool that a pull asks', () => {
  for (const tool of ['bitly', 'dub', 'shlink', 'plausible'] as const)
    expect(historyFormats[`${tool}-api`].tool).toBe(tool);
});

it('has counts that imports take', () => {
  const day = { date: '2026-11-01', pageviews: 9, visitors: 5, visits: null };
  const collection = collectCounts({ zone: 'Europe/Vienna', today: '2026-11-22' });
  for (const { rows } of [
    read(lines('bitly-days', 'bit.ly/3xYz', { date: '2026-11-01T00:00:00+0000', clicks: 3 })),
    read(lines('dub-days', 'dub.sh/launch', { date: '2026-11-01', clicks: 4 })),
    read(
      ['days', 'page', 'source', 'country', 'device', 'browser', 'os'].flatMap((table) =>
        lines('plausible-days', null, { ...day, table, value: table === 'days' ? null : 'x' }),
      ),
    ),
  ])
    for (const row of rows)
      if (row.grain !== 'raw') expect(collection.add(row)).toEqual({ kind: 'collected', month: '2026-11' });
  expect(collection.entities().size).toBe(3);
});

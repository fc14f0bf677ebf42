import { describe, expect, it } from 'vitest';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import type { HistoryFormat } from '../format.ts';
import type { CountRow, Refusal } from '../history-row.ts';
import { bitlyClicks } from './bitly.ts';
import { dubAnalytics } from './dub-analytics.ts';
import { goatcounterJson } from './goatcounter-json.ts';
import { kuttVisits } from './kutt-visits.ts';
import { linkTotals } from './link-totals.ts';
import { plausible, plausibleDashboard } from './plausible.ts';
import { umami } from './umami.ts';

/** In the order in which files are tried. */
const formats = [
  plausibleDashboard,
  plausible,
  goatcounterJson,
  umami,
  bitlyClicks,
  dubAnalytics,
  kuttVisits,
  ...Object.values(linkTotals),
];

type Files = Readonly<Record<string, string>>;

/** Reads the files of an archive as the job does: by format, in the order that it asks for, in small pieces. */
function read(files: Files, { zone, piece = 7 }: { zone?: string; piece?: number } = {}) {
  const siblings = Object.keys(files);
  const shared = new Map<string, unknown>();
  const result = {
    formats: [] as string[],
    rows: [] as CountRow[],
    refused: [] as Refusal[],
    unknown: [] as string[],
    notes: new Set<string>(),
    ignored: new Set<string>(),
  };
  const chosen = Object.entries(files).flatMap(
    ([name, text]): { name: string; text: string; format: HistoryFormat }[] => {
      const format = formats.find((each) => each.detects({ name, text: text.slice(0, 64_000), siblings }));
      if (format === undefined) result.unknown.push(name);
      return format === undefined ? [] : [{ name, text, format }];
    },
  );
  for (const { name, text, format } of chosen.toSorted((a, b) => place(a) - place(b))) {
    result.formats.push(format.name);
    const reading = format.open(
      { file: name, zone, shared },
      {
        row: (row) => {
          if (row.grain !== 'raw') result.rows.push(row);
        },
        refuse: (refusal) => result.refused.push(refusal),
        note: (note) => result.notes.add(note),
        ignore: (column) => result.ignored.add(column),
      },
    );
    for (let at = 0; at < text.length; at += piece) reading.push(text.slice(at, at + piece));
    reading.end();
  }
  return result;
}

function place({ name, format }: { name: string; format: HistoryFormat }): number {
  return format.order?.(name) ?? 0;
}

function lines(...rows: string[]): string {
  return rows.map((row) => `${row}\n`).join('');
}

describe('Plausible', () => {
  const visitors = lines(
    '"date","visitors","pageviews","bounces","visits","visit_duration"',
    '"2023-02-09",119,304,77,134,21070',
  );
  it('reads a row a date, and breakdowns', () => {
    const {
      formats: found,
      rows,
      refused,
      unknown,
    } = read({
      'imported_visitors_20230209_20240123.csv': visitors,
      'imported_sources_20230209_20240123.csv': lines(
        '"date","source","referrer","utm_source","utm_medium","utm_campaign","utm_content","utm_term","pageviews","visitors","visits","visit_duration","bounces"',
        '"2023-02-09","Größe, ""AG""","x.example","","","","","",2,1,1,19,0',
        '"2023-02-09","Direct / None","","","","","","",9,1,1,19,0',
      ),
      'imported_locations_20230209_20240123.csv': lines(
        '"date","country","region","city","visitors","visits","visit_duration","bounces","pageviews"',
        '"2023-02-09","FR","FR-PAC",3027647,1,1,4,0,2',
      ),
      'imported_operating_systems_20230209_20240123.csv': lines(
        '"date","operating_system","operating_system_version","visitors","visits","visit_duration","bounces","pageviews"',
        '"2023-02-09","Mac","10.14",1,1,19,0,2',
      ),
      'imported_entry_pages_20230209_20240123.csv': lines(
        '"date","entry_page","visitors","entrances","visit_duration","bounces","pageviews"',
        '"2023-02-09","/",1,1,922,0,7',
      ),
      'imported_custom_events_20230209_20240123.csv': lines(
        '"date","name","link_url","path","visitors","events"',
        '"2023-02-09","Signup","","",3,3',
      ),
    });
    expect(new Set(found)).toEqual(new Set(['plausible']));
    expect(refused).toEqual([]);
    expect(unknown).toEqual([
      'imported_entry_pages_20230209_20240123.csv',
      'imported_custom_events_20230209_20240123.csv',
    ]);
    const date = { grain: 'day', at: '2023-02-09' };
    expect(rows).toEqual([
      { ...date, line: 2, views: 304, visitors: 119, visits: 134, bounces: 77 },
      { ...date, line: 2, views: 2, dimension: 'source', value: 'Größe, "AG"' },
      { ...date, line: 3, views: 9, dimension: 'source', value: '' },
      { ...date, line: 2, views: 2, dimension: 'country', value: 'FR' },
      { ...date, line: 2, views: 2, dimension: 'os', value: 'Mac' },
    ]);
  });
  it('refuses what is no date or count', () => {
    const { rows, refused } = read({
      'imported_visitors.csv': lines(
        'date,visitors,pageviews',
        '2023-02-30,1,1',
        '09/02/2023,1,1',
        '2023-02-09,1,-4',
        '2023-02-09,1,1e3',
        '2023-02-09,x,3',
        '2023-02-09,1,1,1',
        '2023-02-09,1,9999999999999',
      ),
    });
    expect(rows).toEqual([]);
    expect(refused.map(({ line, column, value }) => [line, column, value])).toEqual([
      [2, 'date', '2023-02-30'],
      [3, 'date', '09/02/2023'],
      [4, 'pageviews', '-4'],
      [5, 'pageviews', '1e3'],
      [6, 'visitors', 'x'],
      [7, null, null],
      [8, 'pageviews', '9999999999999'],
    ]);
  });
  it('reads an empty table', () => {
    expect(read({ 'imported_visitors.csv': lines('date,visitors,pageviews') })).toMatchObject({
      rows: [],
      refused: [],
    });
  });
  it('refuses a download of the dashboard, and says what to do', () => {
    const dashboard = lines(
      'date,visitors,pageviews,visits,views_per_visit,bounce_rate,visit_duration',
      '2021-01-01,1,1,1,1,100,0',
    );
    expect(() => read({ 'visitors.csv': dashboard })).toThrow(/Imports & exports/);
  });
});

describe('GoatCounter', () => {
  const names = {
    'hit_stats.jsonl': lines(
      '{"hour":"2026-03-05T19:00:00Z","path_id":211,"ref_id":1,"count":4}',
      '{"hour":"2026-03-05T19:00:00Z","path_id":211,"ref_id":69853,"count":2}',
      '{"hour":"2026-03-05T19:00:00Z","path_id":7,"ref_id":1,"count":2}',
      '{"hour":"2026-03-07T15:00:00Z","path_id":211,"ref_id":1,"count":1}',
    ),
    'location_stats.jsonl': lines(
      '{"day":"2026-03-05","path_id":211,"location":"RO-B","count":1}',
      '{"day":"2026-03-05","path_id":211,"location":"","count":1}',
    ),
    'browser_stats.jsonl': lines('{"day":"2026-03-05","path_id":211,"browser_id":1,"count":1}'),
    'language_stats.jsonl': lines('{"day":"2026-03-05","path_id":211,"language":"eng","count":1}'),
    'paths.jsonl': lines('{"id":211,"path":"/ü","title":"Home"}', '{"id":7,"event":true,"path":"banana","title":""}'),
    'refs.jsonl': lines('{"id":1,"ref":"","ref_scheme":"o"}', '{"id":69853,"ref":"Google","ref_scheme":"g"}'),
    'browsers.jsonl': lines('{"id":1,"name":"Chrome","version":"46"}'),
    'info.json': '{"export_version":"1.0","created_at":"2026-03-07T16:49:27Z"}',
  };
  it('reads hours by path and referrer, days by browser and country, and not the day of the export', () => {
    const { rows, refused, unknown } = read(names);
    expect(unknown).toEqual(['language_stats.jsonl']);
    const hour = { grain: 'hour', at: '2026-03-05T19', adds: true };
    const date = { grain: 'day', at: '2026-03-05', adds: true };
    expect(rows).toEqual([
      { ...hour, line: 1, views: 4, parts: { page: { '/ü': 4 }, source: { '': 4 } } },
      { ...hour, line: 2, views: 2, parts: { page: { '/ü': 2 }, source: { Google: 2 } } },
      { ...date, line: 1, views: 1, dimension: 'country', value: 'RO' },
      { ...date, line: 2, views: 1, dimension: 'country', value: '' },
      { ...date, line: 1, views: 1, dimension: 'browser', value: 'Chrome' },
    ]);
    expect(refused.map(({ line, column }) => [line, column])).toEqual([
      [3, 'path_id'],
      [4, 'hour'],
    ]);
    expect(refused[1]?.reason).toContain('was not over when the file was exported on 2026-03-07');
  });
  it('refuses records without a time, a path or a count', () => {
    const records = [
      '{"hour":"2026-03-05T19:30:00Z","path_id":211,"ref_id":1,"count":4}',
      '{"hour":"2026-03-05T19:00:00Z","path_id":99,"ref_id":1,"count":4}',
      '{"hour":"2026-03-05T19:00:00Z","path_id":"__proto__","ref_id":1,"count":4}',
      '{"hour":"2026-03-05T19:00:00Z","path_id":211,"ref_id":1,"count":"4"}',
    ];
    const { rows, refused } = read({
      ...names,
      'hit_stats.jsonl': lines(...records),
      'location_stats.jsonl': '',
      'browser_stats.jsonl': '',
    });
    expect(rows).toEqual([]);
    expect(refused.map(({ column }) => column)).toEqual(['hour', 'path_id', 'path_id', 'count']);
    expect(() => read({ ...names, 'hit_stats.jsonl': 'no json\n' })).toThrow(UnreadableFile);
    expect(() => read({ ...names, 'hit_stats.jsonl': `{"a":"${'x'.repeat(100_000)}"}` }, { piece: 1000 })).toThrow(
      /line 1/,
    );
  });
  it('reads an export without views', () => {
    expect(read({ 'paths.jsonl': '', 'hit_stats.jsonl': '', 'info.json': '{}' })).toMatchObject({
      rows: [],
      refused: [],
    });
  });
});

describe('Bitly', () => {
  const clicks = [
    { clicks: 3, date: '2025-05-01T00:00:00+0000' },
    { clicks: 0, date: '2025-05-02T00:00:00+0000' },
  ];
  function readOne(value: unknown, name = 'bit.ly_3xYz.json') {
    return read({ [name]: JSON.stringify(value) });
  }
  it('reads days, and the link from the response or the name of the file', () => {
    const expected = [
      { grain: 'day', line: 1, code: '3xYz', at: '2025-05-01', clicks: 3 },
      { grain: 'day', line: 2, code: '3xYz', at: '2025-05-02', clicks: 0 },
    ];
    expect(readOne({ unit: 'day', units: -1, link_clicks: clicks }).rows).toEqual(expected);
    expect(readOne([{ bitlink: 'bit.ly/3xYz', link_clicks: clicks }], 'all.json').rows).toEqual(expected);
    expect(readOne({ link_clicks: clicks }, '3xYz.json').rows).toEqual(expected);
  });
  it('reads hours with their offset', () => {
    const hours = [
      { clicks: 1, date: '2025-05-01T02:00:00+0200' },
      { clicks: 2, date: '2025-05-01T01:00:00+0000' },
    ];
    expect(readOne({ unit: 'hour', link_clicks: hours }).rows.map(({ grain, at }) => [grain, at])).toEqual([
      ['hour', '2025-05-01T00'],
      ['hour', '2025-05-01T01'],
    ]);
  });
  it('refuses months, links without a code, and what is no count or date', () => {
    expect(() => readOne({ unit: 'month', link_clicks: clicks })).toThrow(/unit=day/);
    expect(readOne([{ link_clicks: clicks }]).refused).toHaveLength(2);
    const bad = [
      { clicks: '3', date: '2025-05-01T00:00:00+0000' },
      { clicks: 3, date: 'May' },
      null,
      { clicks: 3, date: '2025-05-01T00:00:00' },
    ];
    expect(readOne({ link_clicks: bad }).refused.map(({ line, column }) => [line, column])).toEqual([
      [1, 'clicks'],
      [2, 'date'],
      [3, 'clicks'],
      [4, 'date'],
    ]);
    expect(() => readOne([{ link_clicks: clicks }, { other: 1 }])).toThrow(UnreadableFile);
  });
  it('reads a link without clicks', () => {
    expect(readOne({ link_clicks: [] })).toMatchObject({ rows: [], refused: [] });
  });
});

describe('Dub: clicks over time', () => {
  function readSeries(...rows: string[]) {
    return read({
      'timeseries.csv': lines('start,clicks,leads,sales,saleAmount', ...rows),
      'countries.csv': lines('country,clicks', 'AT,3'),
    });
  }
  it('finds out whether the intervals are days or hours', () => {
    const days = readSeries('2024-01-01T00:00:00.000Z,3,0,0,0', '2024-01-02T00:00:00.000Z,4,0,0,0');
    expect(days.rows.map(({ grain, at, clicks }) => [grain, at, clicks])).toEqual([
      ['day', '2024-01-01', 3],
      ['day', '2024-01-02', 4],
    ]);
    expect(days.unknown).toEqual(['countries.csv']);
    expect(days.ignored).toEqual(new Set(['leads', 'sales', 'saleAmount']));
    const hours = readSeries('2024-01-01T00:00:00.000Z,3,0,0,0', '2024-01-01T01:00:00.000Z,4,0,0,0');
    expect(hours.rows.map(({ grain, at }) => [grain, at])).toEqual([
      ['hour', '2024-01-01T00'],
      ['hour', '2024-01-01T01'],
    ]);
  });
  it('reads days across a clock change', () => {
    const { rows } = readSeries('2024-03-31T00:00:00.000+01:00,3,,,', '2024-04-01T00:00:00.000+02:00,4,,,');
    expect(rows.map(({ grain, at }) => [grain, at])).toEqual([
      ['day', '2024-03-31'],
      ['day', '2024-04-01'],
    ]);
  });
  it('refuses months, and what is no count or time', () => {
    const months = readSeries('2024-01-01T00:00:00Z,3,0,0,0', '2024-02-01T00:00:00Z,4,0,0,0');
    expect([months.rows, months.refused.length]).toEqual([[], 2]);
    expect(
      readSeries('2024-01-01T00:00:00,3,0,0,0', 'x,1,,,', '2024-01-01T00:00:00Z,-1,0,0,0').refused.map(
        ({ column }) => column,
      ),
    ).toEqual(['start', 'start', 'clicks']);
    expect(readSeries()).toMatchObject({ rows: [], refused: [] });
  });
});

describe('Kutt', () => {
  const links = lines(
    'id,address,target,description,visit_count,created_at',
    '5,spring,https://example.com,,40,2020-01-01 10:00:00+00',
    '6,größe,https://example.com,,1,2020-01-01 10:00:00+00',
  );
  const header =
    'id,countries,created_at,updated_at,link_id,referrers,total,br_chrome,br_edge,br_firefox,br_ie,br_opera,br_other,br_safari,os_android,os_ios,os_linux,os_macos,os_other,os_windows,user_id';
  const visit = `1,"{""at"":2,""unknown"":1,""__proto__"":1}",2020-05-01 10:30:00,,5,"{""direct"":1,""t[dot]co"":2}",3,2,0,0,0,0,1,0,0,1,0,0,0,2,1`;
  it('reads an hour of a link with its divisions, and totals of the list of links', () => {
    const { rows, refused } = read(
      { 'visits.csv': lines(header, visit), 'links.csv': links },
      { zone: 'Europe/Vienna' },
    );
    expect(rows[0]).toEqual({ grain: 'total', line: 2, code: 'spring', at: null, clicks: 40 });
    expect(rows[1]).toMatchObject({ grain: 'hour', code: 'spring', at: '2020-05-01T08', clicks: 3, adds: true });
    expect(JSON.parse(JSON.stringify(rows[1]?.parts))).toEqual({
      browser: { Chrome: 2, '': 1 },
      os: { iOS: 1, Windows: 2 },
      country: { AT: 2, '': 2 },
      source: { '': 1, 't.co': 2 },
    });
    expect(refused.map(({ value }) => value)).toEqual(['größe']);
  });
  it('refuses visits without the links, unknown links and times without a zone', () => {
    expect(read({ 'visits.csv': lines(header, visit) }, { zone: 'UTC' }).refused[0]?.reason).toContain(
      'put both tables into one ZIP',
    );
    const bad = [visit, visit.replace(',5,', ',99,'), visit.replace('2020-05-01 10:30:00', 'x').replace(',5,', ',5,')];
    const { refused } = read({ 'visits.csv': lines(header, ...bad), 'links.csv': links });
    expect(refused.slice(1).map(({ column }) => column)).toEqual(['created_at', 'link_id', 'created_at']);
    const unreadable = visit.replace(/"\{""at.*?\}"/, '"{{"');
    expect(
      read({ 'visits.csv': lines(header, unreadable), 'links.csv': links }, { zone: 'UTC' }).rows.at(-1),
    ).toMatchObject({ clicks: 3 });
  });
  it('reads a table without visits', () => {
    expect(read({ 'visits.csv': lines(header) })).toMatchObject({ rows: [], refused: [] });
  });
});

describe('totals of lists of links', () => {
  it.each<[string, Files, string[]]>([
    [
      'bitly-links',
      { 'links.csv': lines('Title,Long URL,Bitlink,Clicks', 'A,https://example.com,bit.ly/3xYz,12') },
      ['3xYz'],
    ],
    [
      'dub-links',
      {
        'links.csv': lines(
          'Short link,Destination URL,Clicks,Created at',
          "'dub.sh/x,https://example.com,12,2024-01-01T00:00:00.000Z",
        ),
      },
      ['x'],
    ],
    [
      'shlink-links',
      {
        'urls.csv': lines(
          'createdAt,domain,shortCode,shortUrl,longUrl,title,tags,visits',
          '2024-01-01,s.example,abc,https://s.example/abc,https://e.com,,,12',
        ),
      },
      ['abc'],
    ],
    [
      'shlink-links',
      {
        'urls.json': JSON.stringify({
          shortUrls: { data: [{ shortCode: 'abc', longUrl: 'https://e.com', visitsSummary: { total: 12 } }] },
        }),
      },
      ['abc'],
    ],
    [
      'yourls-links',
      { 'url.csv': lines('keyword;url;title;timestamp;ip;clicks', 'oz;https://e.com;t;2020-01-01 00:00:00;::1;12') },
      ['oz'],
    ],
    ['kutt-links', { 'links.csv': lines('address,target,visit_count', 'k,https://e.com,12') }, ['k']],
    [
      'rebrandly-links',
      { 'links.json': JSON.stringify([{ slashtag: 'r', destination: 'https://e.com', clicks: 12 }]) },
      ['r'],
    ],
  ])('reads %s', (format, files, codes) => {
    const { formats: found, rows, refused } = read(files);
    expect(found).toEqual([format]);
    expect(refused).toEqual([]);
    expect(rows).toEqual(
      codes.map((code) => ({ grain: 'total', line: expect.any(Number), code, at: null, clicks: 12 })),
    );
  });
  it('refuses codes and counts that are none, and takes an empty cell as 0', () => {
    const { rows, refused } = read({
      'links.csv': lines(
        'keyword,url,timestamp,clicks',
        'a/b c,https://e.com,,1',
        'ok,https://e.com,,many',
        'ok,https://e.com,,-1',
        'ok,https://e.com,,',
        '../x?,https://e.com,,1',
      ),
    });
    expect(refused.map(({ line, column }) => [line, column])).toEqual([
      [2, 'keyword'],
      [3, 'clicks'],
      [4, 'clicks'],
    ]);
    expect(rows.map(({ code, clicks }) => [code, clicks])).toEqual([
      ['ok', 0],
      ['x', 1],
    ]);
  });
  it('reads a list without links', () => {
    expect(read({ 'links.csv': lines('keyword,url,timestamp,clicks') })).toMatchObject({ rows: [], refused: [] });
  });
});

describe('the size of a file', () => {
  const ignore = { row: () => undefined, refuse: () => undefined, note: () => undefined, ignore: () => undefined };
  const options = { file: 'x.json', zone: undefined, shared: new Map() };
  it('has a limit of characters for JSON', () => {
    const reading = bitlyClicks.open(options, ignore);
    reading.push(' '.repeat(50_000_000));
    expect(() => reading.push(' ')).toThrow(/50000000/);
  });
  it('has a limit of intervals', () => {
    const reading = dubAnalytics.open(options, ignore);
    reading.push('start,clicks\n');
    reading.push('2024-01-01T00:00:00Z,1\n'.repeat(100_000));
    expect(() => reading.push('2024-01-01T00:00:00Z,1\n')).toThrow(/100000 rows/);
  });
  it('has a limit of characters for a line of JSON', () => {
    const stats = { ...options, file: 'hit_stats.jsonl' };
    const line = `{"a":"${'x'.repeat(100_000 - 8)}"}`;
    expect(() => goatcounterJson.open(stats, ignore).push(`${line}\n`)).not.toThrow();
    expect(() => goatcounterJson.open(stats, ignore).push(`${line} \n`)).toThrow(/line 1/);
  });
});

describe('Umami', () => {
  it('reads one total of its pages', () => {
    const { rows, notes, unknown } = read({
      'pages.csv': lines('x,y', '/,10', '"/a,b",4'),
      'browsers.csv': lines('x,y', 'chrome,3'),
    });
    expect(rows.map(({ grain, views, adds }) => [grain, views, adds])).toEqual([
      ['total', 10, true],
      ['total', 4, true],
    ]);
    expect([...notes][0]).toContain('no dates');
    expect(unknown).toEqual(['browsers.csv']);
  });
  it('refuses what is no count, and a packed response', () => {
    expect(read({ 'pages.csv': lines('x,y', '/,x', '/,1.5') }).refused).toHaveLength(2);
    expect(() => read({ 'export.json': '{"zip":"UEsDBAoAAAA"}' })).toThrow(/base64/);
    expect(read({ 'pages.csv': lines('x,y') })).toMatchObject({ rows: [], refused: [] });
  });
});

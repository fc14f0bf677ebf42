import { describe, expect, it } from 'vitest';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import type { HistoryFormatName } from '#schemas/history/history-formats.ts';
import { detectFormat, historyFormats } from './formats.ts';
import type { HistoryRow, Refusal } from './history-row.ts';
import { mostElementCharacters } from './json-elements.ts';

/** Formats of single clicks, views and events. */
const rawNames = [
  'shlink-web',
  'shlink-cli',
  'yourls',
  'goatcounter',
  'dub-events',
  'matomo',
] as const satisfies HistoryFormatName[];
type RawFormatName = (typeof rawNames)[number];

interface Read {
  rows: HistoryRow[];
  refusals: Refusal[];
  notes: string[];
  ignored: string[];
}

/** Reads a file in pieces of a few characters, so that every boundary is somewhere in a row. */
function read(name: RawFormatName, text: string, zone?: string, size = 7): Read {
  const found: Read = { rows: [], refusals: [], notes: [], ignored: [] };
  const reading = historyFormats[name].open(
    { file: 'file', zone, shared: new Map() },
    {
      row: (row) => found.rows.push(row),
      refuse: (refusal) => found.refusals.push(refusal),
      note: (note) => found.notes.push(note),
      ignore: (column) => found.ignored.push(column),
    },
  );
  for (let at = 0; at < text.length; at += size) reading.push(text.slice(at, at + size));
  reading.end();
  return found;
}

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';

/** Files as the tools write them: sources in the readers. */
const normal: Record<RawFormatName, string> = {
  'shlink-web': [
    'date,userAgent,referer,country,region,city,latitude,longitude,potentialBot,visitedUrl,browser,os',
    `2024-03-05T10:00:00+01:00,"${chrome}",https://news.example/a,Austria,Vienna,Wien,48.2,16.3,false,https://s.example/spring?x=1,Chrome,Linux`,
    '2024-03-05T11:00:00+01:00,curl/8.1,,,,,,,true,https://s.example/spring,,',
  ].join('\n'),
  'shlink-cli': [
    'Date,"Potential bot","User agent",Referer,Country,Region,City,"Visited URL","Redirect URL",Type',
    `2024-03-05T10:00:00+01:00,,"${chrome}",https://news.example/a,Austria,Vienna,Wien,https://s.example/spring,https://shop.example/,valid_short_url`,
    '2024-03-05T11:00:00+01:00,"Potential bot",curl/8.1,,Unknown,Unknown,Unknown,https://s.example/spring,https://shop.example/,valid_short_url',
  ].join('\n'),
  yourls: [
    '"click_id","click_time","shorturl","referrer","user_agent","ip_address","country_code"',
    `"1","2024-03-05 10:00:00","spring","https://news.example/a","${chrome}","203.0.113.7","AT"`,
    '"2","2024-03-05 11:00:00","Spring","direct","curl/8.1","203.0.113.8",""',
  ].join('\n'),
  goatcounter: [
    '2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,Date',
    '/pricing,Prices,0,,Firefox 139,Windows 10,abc1,0,news.example/a,h,"1920,1080,1",AT-9,1,2024-03-05T09:00:00Z',
    'signup,Sign up,true,,Firefox 139,Linux,abc1,3,Hacker News,g,"1920,1080,1",US,false,2024-03-05T10:00:00Z',
  ].join('\n'),
  'dub-events': [
    'Date,Event,Link,Country,City,Region,Device,Browser,OS,Referrer,Referrer URL,Click ID',
    "2024-03-05T09:00:00.000Z,Link Click,dub.sh/spring,Austria,Wien,AT-9,Desktop,Chrome,Linux,news.example,https://news.example/a,'=c1",
    '2024-03-05T10:00:00.000Z,QR Scan Click,dub.sh/spring,Nowhere,,,Mobile,Safari,iOS,(direct),(direct),c2',
  ].join('\n'),
  matomo: JSON.stringify([
    {
      idVisit: '12',
      visitorId: 'aa11',
      serverTimestamp: 1_709_629_200,
      referrerType: 'website',
      referrerUrl: 'https://news.example/a',
      countryCode: 'at',
      deviceType: 'Smartphone',
      browserName: 'Chrome',
      operatingSystemName: 'Android',
      actionDetails: [
        {
          type: 'action',
          url: 'https://ada.example/pricing?utm_source=x',
          pageTitle: 'Prices',
          timestamp: 1_709_629_200,
        },
        {
          type: 'event',
          url: 'https://ada.example/pricing',
          eventCategory: 'Form',
          eventAction: 'sent',
          timestamp: 1_709_629_260,
        },
        { type: 'outlink', url: 'https://shop.example/', timestamp: 1_709_629_270 },
        { type: 'goal', timestamp: 1_709_629_270 },
      ],
    },
  ]),
};

describe.each(rawNames)('%s', (name) => {
  it('is recognized by its first line, also after a byte order mark, and as nothing else', () => {
    for (const mark of ['', '\uFEFF'])
      expect(detectFormat({ name: 'x.csv', text: mark + normal[name], siblings: [] })?.name).toBe(name);
  });

  it('reads the same from pieces of any size', () => {
    const whole = read(name, normal[name], 'Europe/Vienna', 1_000_000);
    for (const size of [1, 7, 64]) expect(read(name, normal[name], 'Europe/Vienna', size)).toEqual(whole);
    expect(whole.refusals).toEqual([]);
    expect(whole.rows[0]).toMatchObject({ grain: 'raw', at: Date.parse('2024-03-05T09:00:00Z'), country: 'AT' });
  });

  it('has no rows without any, and says what an empty file lacks', () => {
    const head = name === 'matomo' ? '[]' : (normal[name].split('\n')[0] ?? '');
    expect(read(name, head)).toMatchObject({ rows: [], refusals: [] });
    expect(read(name, '')).toMatchObject({ rows: [], refusals: [] });
  });
});

describe('a normal file', () => {
  it('of Shlink has what both of its programs write', () => {
    for (const name of ['shlink-web', 'shlink-cli'] as const)
      expect(read(name, normal[name]).rows).toMatchObject([
        {
          kind: 'click',
          code: 'spring',
          userAgent: chrome,
          referrer: 'https://news.example/a',
          country: 'AT',
          region: 'Vienna',
          city: 'Wien',
        },
        { kind: 'click', code: 'spring', userAgent: 'curl/8.1', referrer: null, country: null, bot: true },
      ]);
  });

  it('of YOURLS has times of the zone that was said, and codes with their capitals', () => {
    const { rows } = read('yourls', normal.yourls, 'America/New_York');
    expect(rows).toMatchObject([
      {
        code: 'spring',
        at: Date.parse('2024-03-05T15:00:00Z'),
        address: '203.0.113.7',
        nativeId: '1 2024-03-05 10:00:00 spring',
      },
      { code: 'Spring', referrer: null, country: null },
    ]);
    expect(rows[0]).not.toHaveProperty('bot');
  });

  it('of GoatCounter has views and events; without a user agent, none is stored', () => {
    const { rows } = read('goatcounter', normal.goatcounter);
    expect(rows).toMatchObject([
      {
        kind: 'view',
        url: '/pricing',
        title: 'Prices',
        browser: 'Firefox',
        os: 'Windows',
        region: 'AT-9',
        referrer: 'https://news.example/a',
        visitor: 'abc1',
        bot: false,
      },
      { kind: 'event', name: 'signup', bot: true, country: 'US', region: null },
    ]);
    for (const row of rows) expect(row).not.toHaveProperty('userAgent');
    expect(rows[1]).not.toHaveProperty('referrer');
  });

  it('of Dub has names of countries as codes, an unknown one as none with a note, and no apostrophe before a formula', () => {
    const { rows, notes } = read('dub-events', normal['dub-events']);
    expect(rows).toMatchObject([
      { code: 'spring', nativeId: '=c1', country: 'AT', device: 'Desktop', referrer: 'https://news.example/a' },
      { code: 'spring', nativeId: 'c2', country: null, referrer: null },
    ]);
    expect(notes).toEqual(['Country `Nowhere` is not known; its rows have no country.']);
  });

  it('of Matomo has the actions of each visit', () => {
    const { rows, ignored } = read('matomo', normal.matomo);
    expect(rows).toMatchObject([
      {
        kind: 'view',
        url: 'https://ada.example/pricing?utm_source=x',
        referrer: 'https://news.example/a',
        visitor: 'aa11',
        nativeId: '12.0 1709629200',
      },
      { kind: 'event', name: 'Form: sent', at: Date.parse('2024-03-05T09:01:00Z') },
      { kind: 'click', url: 'https://shop.example/' },
    ]);
    expect(ignored).toEqual(['actions of the type `goal`']);
  });
});

describe('a hostile file', () => {
  const rowOf: Record<
    'shlink-web' | 'shlink-cli' | 'yourls' | 'goatcounter' | 'dub-events',
    (changes: Record<string, string>) => string
  > = {
    'shlink-web': (changes) => csvRow('shlink-web', changes),
    'shlink-cli': (changes) => csvRow('shlink-cli', changes),
    yourls: (changes) => csvRow('yourls', changes),
    goatcounter: (changes) => csvRow('goatcounter', changes),
    'dub-events': (changes) => csvRow('dub-events', changes),
  };

  it.each([
    ['shlink-web', { date: 'yesterday' }, 'date', 'must be a date and time'],
    ['shlink-web', { date: '2024-02-30T10:00:00Z' }, 'date', 'must be a date and time'],
    ['shlink-web', { date: '2024-03-05 10:00:00' }, 'date', 'names no time zone'],
    ['shlink-web', { visitedUrl: 'https://s.example/' }, 'visitedUrl', 'no short link'],
    ['shlink-web', { visitedUrl: 'https://s.example/../../etc' }, 'visitedUrl', 'must end in a code'],
    ['shlink-web', { potentialBot: 'perhaps' }, 'potentialBot', 'must be `true` or `false`'],
    ['shlink-cli', { Type: 'invalid_short_url' }, 'Type', 'no visit of a short link'],
    ['shlink-cli', { 'Visited URL': 'https://s.example/größe' }, 'Visited URL', 'must end in a code'],
    ['yourls', { shorturl: "x'; DROP TABLE" }, 'shorturl', 'must be up to 64'],
    ['yourls', { click_time: '0000-00-00 00:00:00' }, 'click_time', 'must be a date and time'],
    ['goatcounter', { Event: '2' }, 'Event', 'must be `0`, `1`'],
    ['goatcounter', { '2Path': '' }, '2Path', 'is missing'],
    ['dub-events', { Event: 'Sale' }, 'Event', 'no click'],
    ['dub-events', { Link: '=HYPERLINK("x")' }, 'Link', 'must end in a code'],
  ] as const)('%s with %j is refused by its column', (name, changes, column, reason) => {
    const { rows, refusals } = read(name, rowOf[name](changes), name === 'yourls' ? 'UTC' : undefined);
    expect(rows).toEqual([]);
    expect(refusals).toMatchObject([{ line: 2, column, reason: expect.stringContaining(reason) as string }]);
  });

  it('with more cells than columns is refused by the row', () => {
    const { refusals } = read('shlink-web', `${normal['shlink-web'].split('\n')[0] ?? ''}\n${'a,'.repeat(20)}`);
    expect(refusals).toMatchObject([{ line: 2, column: null }]);
  });

  it('without a required column, or with a quote that is never closed, ends', () => {
    expect(() => read('yourls', 'click_id,shorturl\n1,x')).toThrow(/no column `click_time`/);
    expect(() => read('yourls', `${normal.yourls}\n"3","2024`)).toThrow(UnreadableFile);
  });

  it('of JSON is refused by the record, and ends where it is none', () => {
    expect(
      read('matomo', '[1,"x",{"idVisit":1},{"idVisit":1,"actionDetails":[7,{"type":"action","timestamp":"x"}]}]')
        .refusals,
    ).toMatchObject([
      { line: 1 },
      { line: 2 },
      { line: 3, column: 'actionDetails' },
      { line: 4, column: 'actionDetails.0' },
      { line: 4, column: 'actionDetails.1' },
    ]);
    expect(() => read('matomo', '[{"idVisit":1,')).toThrow(/ends within record 1/);
    expect(() => read('matomo', '[{"idVisit":1}')).toThrow(/ends within record 2/);
    expect(() => read('matomo', '[{"a":1}, {oops}]')).toThrow(/record 2 is not JSON/);
  });

  it('with a record at the limit of characters is read, and beyond it ends', () => {
    function record(length: number) {
      return `["${'x'.repeat(length - 2)}"]`;
    }
    expect(read('matomo', record(mostElementCharacters), undefined, 1_000_000).refusals).toHaveLength(1);
    expect(() => read('matomo', record(mostElementCharacters + 2_000_000), undefined, 1_000_000)).toThrow(
      UnreadableFile,
    );
  });

  it('cannot bring a country that is none, or a name of the prototype', () => {
    for (const country of ['__proto__', 'constructor', 'XX', 'toString'])
      expect(read('dub-events', csvRow('dub-events', { Country: country })).rows).toMatchObject([{ country: null }]);
  });
});

function csvRow(name: RawFormatName, changes: Record<string, string>): string {
  const [head = '', first = ''] = normal[name].split('\n');
  const names = head.split(',').map((cell) => cell.replaceAll('"', ''));
  const cells = /"/.test(first)
    ? [...first.matchAll(/"([^"]*)"|([^,]+)|(?<=,|^)(?=,|$)/g)].map(([, a, b]) => a ?? b ?? '')
    : first.split(',');
  return `${head}\n${names.map((column, at) => `"${(changes[column] ?? cells[at] ?? '').replaceAll('"', '""')}"`).join(',')}`;
}

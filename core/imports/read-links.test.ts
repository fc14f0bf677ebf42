import { describe, expect, it } from 'vitest';
import { type LinksRead, type ReadOptions, readLinks } from './read-links.ts';
import { readTable, tableLimits } from './read-table.ts';

function read(text: string | Uint8Array, options: ReadOptions = {}): LinksRead {
  const reading = readTable();
  reading.push(typeof text === 'string' ? Buffer.from(text) : text);
  const found = readLinks(reading.end(), options);
  const refused = new Set(found.refused.map(({ line }) => line)).size;
  expect(found.links.length + refused + found.repeated.length).toBe(found.rows);
  return found;
}
function linksOf(text: string | Uint8Array, options: ReadOptions = {}) {
  const { questions, refused, links } = read(text, options);
  expect([questions, refused]).toEqual([[], []]);
  return links.map(({ link }) => link);
}
function problemsOf(text: string, options: ReadOptions = {}) {
  return read(text, options).refused.map(({ line, field, message }) => `${line} ${field}: ${message}`);
}

const url = 'https://shop.example/a';

/** A normal file of each tool, in the shape that docs/imports.md names, and its link. */
const normal: [tool: string, text: string, link: object, zone?: string][] = [
  [
    'Bitly',
    `Created Date,Title,Long URL,Bitlink,Custom Bitlink,Tags,Archived,Clicks\n2024-01-02T03:04:05+0000,Hi,${url},bit.ly/3xYz,brand.example/sale,"a, b",true,12\n`,
    {
      createdAt: '2024-01-02T03:04:05.000Z',
      title: 'Hi',
      url,
      code: '3xYz',
      aliases: ['sale'],
      tags: ['a', ' b'],
      archived: true,
    },
  ],
  ['Bitly', `long_url,custom_bitlink,title\n${url},brand.example/sale,Hi\n`, { url, code: 'sale', title: 'Hi' }],
  [
    'Bitly',
    JSON.stringify({
      links: [
        {
          id: 'bit.ly/3xYz',
          link: 'https://bit.ly/3xYz',
          long_url: url,
          archived: false,
          created_at: '2024-01-02T03:04:05+0000',
          custom_bitlinks: ['https://brand.example/sale', 'https://brand.example/sale-2'],
          tags: ['a'],
        },
      ],
      pagination: { total: 1 },
    }),
    {
      code: '3xYz',
      aliases: ['sale', 'sale-2'],
      url,
      archived: false,
      tags: ['a'],
      createdAt: '2024-01-02T03:04:05.000Z',
    },
  ],
  [
    'Dub',
    `Short link,Destination URL,Clicks,Created at,Tags,Archived\ndub.sh/launch,${url},3,2024-01-02T03:04:05.000Z,"a, b",Yes\n`,
    { code: 'launch', url, createdAt: '2024-01-02T03:04:05.000Z', tags: ['a', ' b'], archived: true },
  ],
  [
    'Dub',
    JSON.stringify([
      {
        domain: 'dub.sh',
        key: 'launch',
        url,
        shortLink: 'https://dub.sh/launch',
        expiresAt: '2027-01-01T00:00:00.000Z',
        expiredUrl: 'https://shop.example/over',
        password: null,
        ios: 'https://apps.example/',
        geo: { DE: 'https://shop.example/de' },
        tags: [{ id: 'tag_1', name: 'a', color: 'red' }],
        utm_source: 'bio',
      },
    ]),
    {
      code: 'launch',
      url,
      expiresAt: '2027-01-01T00:00:00.000Z',
      expiredUrl: 'https://shop.example/over',
      deviceUrls: { ios: 'https://apps.example/' },
      countryUrls: { DE: 'https://shop.example/de' },
      tags: ['a'],
      utm: { utm_source: 'bio' },
    },
  ],
  [
    'Shlink',
    `createdAt,title,shortUrl,domain,shortCode,longUrl,tags,visits\n2024-01-02T03:04:05+02:00,Hi,https://s.example/abc,s.example,abc,${url},a|b,7\n`,
    { createdAt: '2024-01-02T03:04:05+02:00', title: 'Hi', code: 'abc', url, tags: ['a', 'b'] },
  ],
  [
    'Shlink',
    JSON.stringify({
      shortUrls: {
        data: [
          {
            shortCode: 'abc',
            shortUrl: 'https://s.example/abc',
            longUrl: url,
            dateCreated: '2024-01-02T03:04:05+00:00',
            tags: ['a'],
            meta: { validSince: null, validUntil: '2027-01-01T00:00:00+00:00', maxVisits: 5 },
            forwardQuery: true,
          },
        ],
        pagination: { currentPage: 1 },
      },
    }),
    {
      code: 'abc',
      url,
      createdAt: '2024-01-02T03:04:05+00:00',
      tags: ['a'],
      expiresAt: '2027-01-01T00:00:00+00:00',
      clickLimit: 5,
      passQuery: true,
    },
  ],
  [
    'YOURLS',
    `"keyword","url","title","timestamp","ip","clicks"\n"abc","${url}","Hi","2024-01-02 03:04:05","192.0.2.1","9"\n`,
    { code: 'abc', url, title: 'Hi', createdAt: '2024-01-02T02:04:05.000Z' },
    'Europe/Vienna',
  ],
  [
    'YOURLS',
    JSON.stringify({
      links: {
        link_1: {
          shorturl: 'https://y.example/abc',
          url,
          title: 'Hi',
          timestamp: '2024-01-02 03:04:05',
          ip: '192.0.2.1',
          clicks: '9',
        },
      },
      statusCode: 200,
    }),
    { code: 'abc', url, title: 'Hi', createdAt: '2024-01-02T03:04:05.000Z' },
    'UTC',
  ],
  [
    'Kutt',
    JSON.stringify({
      limit: 10,
      data: [
        {
          id: '1',
          address: 'abc',
          target: url,
          link: 'https://kutt.example/abc',
          description: 'Hi',
          banned: true,
          password: false,
          visit_count: 3,
          created_at: '2024-01-02T03:04:05.000Z',
          expire_in: null,
        },
      ],
    }),
    { code: 'abc', url, title: 'Hi', enabled: false, createdAt: '2024-01-02T03:04:05.000Z' },
  ],
  [
    'Rebrandly',
    JSON.stringify([
      {
        id: 'f',
        title: 'Hi',
        slashtag: 'burn',
        destination: url,
        shortUrl: 'rebrand.ly/burn',
        domain: { id: 'd', fullName: 'rebrand.ly' },
        status: 'active',
        createdAt: '2016-07-13T10:54:12.000Z',
        tags: [{ name: 'a' }],
        forwardParameters: false,
      },
    ]),
    { title: 'Hi', code: 'burn', url, createdAt: '2016-07-13T10:54:12.000Z', tags: ['a'], passQuery: false },
  ],
  [
    'Short.io',
    JSON.stringify({
      links: [
        {
          path: 'abc',
          originalURL: url,
          title: 'Hi',
          iphoneURL: 'https://apps.example/i',
          androidURL: 'https://apps.example/a',
          expiresAt: 1_798_761_600_000,
          expiredURL: 'https://shop.example/over',
          clicksLimit: 9,
          redirectType: 301,
          utmSource: 'bio',
          archived: false,
          tags: ['a'],
          createdAt: '2024-01-02T03:04:05.000Z',
          shortURL: 'https://s.example/abc',
        },
      ],
    }),
    {
      code: 'abc',
      url,
      title: 'Hi',
      deviceUrls: { ios: 'https://apps.example/i', android: 'https://apps.example/a' },
      expiresAt: '2027-01-01T00:00:00.000Z',
      expiredUrl: 'https://shop.example/over',
      clickLimit: 9,
      status: 301,
      utm: { utm_source: 'bio' },
      archived: false,
      tags: ['a'],
      createdAt: '2024-01-02T03:04:05.000Z',
    },
  ],
  [
    'TinyURL',
    `alias,domain,url,tiny_url,created_at,expires_at,archived\nabc,tinyurl.com,${url},https://tinyurl.com/abc,2024-01-02T03:04:05+00:00,,false\n`,
    { code: 'abc', url, createdAt: '2024-01-02T03:04:05+00:00', archived: false },
  ],
  [
    'Hopcount',
    `\uFEFFcode,url,page,passQuery,countryUrls,aliases,title\nabc,${url},/ada,true,"{""DE"":""https://shop.example/de""}","b c",'=1+1\n`,
    {
      code: 'abc',
      url,
      page: '/ada',
      passQuery: true,
      countryUrls: { DE: 'https://shop.example/de' },
      aliases: ['b', 'c'],
      title: '=1+1',
    },
  ],
];

it.each([
  ['an address', `short link,url\nhttps://Go.Acme.example:443/a,${url}\n`, 'go.acme.example'],
  ['an address without a scheme', `bitlink,long url\nbit.ly/a,${url}\n`, 'bit.ly'],
  ['a column, before the address', `short link,url,domain\nhttps://bit.ly/a,${url},brand.example\n`, 'brand.example'],
  ['an object', JSON.stringify([{ code: 'a', url, domain: { id: 'd', fullName: 'rebrand.ly' } }]), 'rebrand.ly'],
  ['nothing', `code,url\na,${url}\n`, undefined],
])('the domain of a link is that of %s', (_name, text, domain) => {
  expect(linksOf(text).map((link) => link['domain'])).toEqual([domain]);
});

it('rows that differ in their domain only are repeated: a code is one code on all domains', () => {
  const { links, repeated } = read(`short link,url\nhttps://a.example/x,${url}\nhttps://b.example/x,${url}\n`);
  expect([links.length, repeated]).toEqual([1, [3]]);
});

describe.each(normal)('a file of %s', (tool, text, link, zone) => {
  it('is recognized, and keeps what links here have', () => {
    expect(read(text, { zone }).tool).toBe(tool);
    expect(linksOf(text, { zone }).map(({ domain: _domain, ...rest }) => rest)).toEqual([link]);
  });

  it('without rows has none', () => {
    const isJson = text.trim().startsWith('{') || text.trim().startsWith('[');
    const empty = isJson ? '[]' : (text.split('\n')[0] ?? '');
    expect(read(empty, { zone })).toMatchObject({ rows: 0, links: [], refused: [] });
  });

  it('is refused where a code would change, and a repeated row is not written twice', () => {
    const hostile = text.replaceAll(/abc|3xYz|launch|burn|brand\.example\/sale\b(?!-)/g, (code) => `${code}/ü`);
    expect(read(hostile, { zone }).links).toEqual([]);
    expect(read(hostile, { zone }).refused[0]?.message).toContain('must be 1 to 64 of the characters');
    if (text.startsWith('[') || text.startsWith('{')) return;
    const [head = '', row = ''] = text.split('\n');
    expect(read([head, row, row].join('\n'), { zone })).toMatchObject({ links: [{ line: 2 }], repeated: [3] });
  });
});

describe('nothing is silent', () => {
  it('a row with more cells than the head, by line and value', () => {
    expect(problemsOf(`code,url\na,https://shop.example/?x=1,2`)).toEqual([
      '2 null: The row has more cells than the first line: `2` belongs to no column. Put values with a separator in quotes.',
    ]);
    expect(linksOf(`code,url\na,${url},,\n`)).toHaveLength(1);
    expect(read(`code,url,title\na,${url}\n`).notes).toEqual([
      'Rows with fewer cells than the first line: 1, the first on line 2. Missing cells are empty.',
    ]);
  });

  it.each([
    ['docs/start', 'must be 1 to 64'],
    ['https://dub.sh/docs/start', 'must be 1 to 64'],
    ['https://dub.sh/', 'the root of a domain cannot be a link'],
    ['dub.sh', 'must be 1 to 64'],
    ['file.pdf', 'must be 1 to 64'],
    ['größe', 'must be 1 to 64'],
    ['gr%C3%B6', 'must be 1 to 64'],
    ['x'.repeat(65), 'must be 1 to 64'],
    ['1.2E+05', 'must be 1 to 64'],
  ])('the code %s', (code, message) => {
    expect(problemsOf(`code,url\n"${code}",${url}`)).toEqual([expect.stringContaining(`2 code: \`code\`: ${message}`)]);
  });

  it('the root of a domain, and addresses with a port', () => {
    expect(
      linksOf(`code,url\nhttp://localhost:8787/a/,${url}\ndub.sh/b,${url}/b\n/c,${url}/c`).map(({ code }) => code),
    ).toEqual(['a', 'b', 'c']);
  });

  it('two columns for one field, until one is chosen', () => {
    const text = `Short URL,Slug,Destination\nhttps://s.example/a,b,${url}`;
    expect(read(text).questions.map(({ about, message }) => [about, message])).toEqual([
      ['code', 'The columns `Short URL`, `Slug` are all `code`. Choose the one to import.'],
    ]);
    expect(linksOf(text, { choices: { Slug: 'code' } })).toEqual([{ code: 'b', url }]);
    expect(linksOf(text, { choices: { Slug: 'ignore' } })).toEqual([{ code: 'a', domain: 's.example', url }]);
    expect(linksOf(text, { choices: { Slug: 'aliases' } })).toEqual([
      { code: 'a', domain: 's.example', url, aliases: ['b'] },
    ]);
    expect(read(`code,url,title,title\na,${url},x,y`).questions.map(({ about }) => about)).toEqual(['title']);
    expect(linksOf(`code,url,title,title\na,${url},x,y`, { choices: { 'title (2)': 'title' } })).toMatchObject([
      { title: 'y' },
    ]);
  });

  it('a column that is missing, and what a file holds in place of links', () => {
    expect(read(`Printed as,Leads to\na,${url}`).questions.map(({ about }) => about)).toEqual(['code', 'url']);
    expect(linksOf(`Printed as,Leads to\na,${url}`, { choices: { 'Printed as': 'code', 'Leads to': 'url' } })).toEqual([
      { code: 'a', url },
    ]);
    for (const [head, holds] of [
      ['2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,FirstVisit,Date', 'page views of GoatCounter'],
      ['date,userAgent,referer,country,visitedUrl', 'visits of Shlink'],
      ['date,visitors,pageviews,bounces', 'daily numbers of Plausible'],
      ['', 'The file has no columns'],
    ] as const)
      expect(read(head).questions[0]?.message).toContain(holds);
  });

  it('a lost character, by line, field and value', () => {
    expect(problemsOf(`code,url,title\na,${url},Caf\uFFFD`)).toEqual([
      '2 title: `title`: a character was lost before the file was saved; got `Caf\uFFFD`.',
    ]);
    const windows = read(Buffer.from(`code,url,title\na,${url},Caf\xe9`, 'latin1'));
    expect(windows.links[0]?.link).toMatchObject({ title: 'Café' });
    expect(windows.notes).toEqual([expect.stringContaining('Windows-1252')]);
  });

  it('a code that comes twice: repeated if the rows are equal, else refused', () => {
    const found = read(`code,url,aliases\na,${url},b\na,${url},b\na,${url}/2,\nc,${url}/3,b`);
    expect(found.repeated).toEqual([3]);
    expect(found.refused.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '4 `code`: `a` is already on line 2, for another link.',
      '5 `code`: `b` is already on line 2, for another link.',
    ]);
  });

  it('a password, unless there is none', () => {
    const text = `code,url,Password\na,${url},secret\nb,${url}/b,\nc,${url}/c,false`;
    expect(read(text).links.map(({ link }) => link['code'])).toEqual(['b', 'c']);
    expect(problemsOf(text)).toEqual([
      '2 password: `password`: a file cannot set a password; import the link without it, then set one.',
    ]);
  });

  it('a time without a zone is asked once; what is no time or truth value is refused', () => {
    const text = `code,url,Created\na,${url},2024-01-02 03:04\nb,${url}/b,2024-01-03 03:04`;
    expect(read(text).questions).toEqual([
      {
        about: 'zone',
        message:
          'Times in the column `Created` name no time zone (line 2: `2024-01-02 03:04`). Choose the zone in which they were written.',
      },
    ]);
    expect(linksOf(text, { zone: 'UTC' })[0]).toMatchObject({ createdAt: '2024-01-02T03:04:00.000Z' });
    expect(problemsOf(`code,url,Created,archived\na,${url},02.01.24,maybe`)).toEqual([
      '2 createdAt: `createdAt`: must be a time such as 2026-11-22T07:00:00Z; got `02.01.24`.',
      '2 archived: `archived`: must be true or false; got `maybe`.',
    ]);
  });

  it('columns that are not imported, with how many rows have a value', () => {
    expect(read(`code,url,Clicks\na,${url},12\nb,${url}/b,`).columns).toEqual([
      { name: 'code', field: 'code', filled: 2, sample: 'a' },
      { name: 'url', field: 'url', filled: 2, sample: url },
      { name: 'Clicks', field: null, filled: 1, sample: '12' },
    ]);
  });
});

it.each(['[{"code":', '[1]', `${'['.repeat(200)}${']'.repeat(200)}`, '{"a":1}\n{"b":'])(
  '%s is refused as a whole',
  (text) => {
    expect(() => read(text)).toThrow(/JSON|object/);
  },
);

it('a JSON object a line', () => {
  expect(linksOf(`{"code":"a","url":"${url}"}\n{"code":"b","url":"${url}"}\n`).map(({ code }) => code)).toEqual([
    'a',
    'b',
  ]);
});

it('a file has limits', () => {
  function row(at: number): string {
    return `c${at},${url}\n`;
  }
  const rows = Array.from({ length: tableLimits.rows }, (_, at) => row(at)).join('');
  expect(read(`code,url\n${rows}`).rows).toBe(tableLimits.rows);
  expect(() => read(`code,url\n${rows}${row(-1)}`)).toThrow(`more than ${tableLimits.rows} rows`);
  const reading = readTable();
  expect(() => reading.push(new Uint8Array(tableLimits.bytes + 1))).toThrow(`more than ${tableLimits.bytes} bytes`);
});

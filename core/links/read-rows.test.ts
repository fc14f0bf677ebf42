import { expect, test } from 'vitest';
import { plainLink } from './link.fixture.ts';
import { readRows, refuseLoops } from './read-rows.ts';

const context = { now: Date.UTC(2026, 10, 22), ownHost: 'go.example', ignoreCase: false };

test('rows become links; defaults are the catalog’s', () => {
  const { links, problems, ignored } = readRows(
    'code,url,page,title,status,enabled,colour\nk3x9,https://example.com/a,/ada,"Hi, there",301,false,red\nb,https://example.com/b,,,,,\n',
    '/bob',
    context,
  );
  expect(problems).toEqual([]);
  expect(ignored).toEqual(['colour']);
  expect(links.map(({ link }) => link)).toMatchObject([
    { code: 'k3x9', page: '/ada', title: 'Hi, there', status: 301, enabled: false },
    { code: 'b', page: '/bob', title: null, status: 302, enabled: true, createdAt: '2026-11-22T00:00:00.000Z' },
  ]);
});

test('every field of a link can be a column', () => {
  const variants = [{ url: 'https://example.com/b', weight: 50 }];
  const card = { title: 'Spring', description: null, image: 'https://example.com/card.png' };
  const quoted = [variants, card, { DE: 'https://example.com/de' }].map((value) =>
    JSON.stringify(value).replaceAll('"', '""'),
  );
  const { links, problems } = readRows(
    `code,url,tags,archived,listed,section,icon,position,passQuery,variants,card,countryUrls\nk3x9,https://example.com/a,"Spring, bio,",true,FALSE,Shop,true,-3,true,"${quoted.join('","')}"`,
    '/ada',
    context,
  );
  expect(problems).toEqual([]);
  expect(links[0]?.link).toMatchObject({
    tags: ['spring', 'bio'],
    archived: true,
    listed: false,
    section: 'Shop',
    icon: true,
    position: -3,
    passQuery: true,
    variants,
    card,
    countryUrls: { DE: 'https://example.com/de' },
  });
});

test('a row with a password is refused, because it would be open here', () => {
  const csv = 'code,url,Password\na,https://example.com/,secret\nb,https://example.com/,';
  const { links, problems } = readRows(csv, '/ada', context);
  expect(links.map(({ link }) => link.code)).toEqual(['b']);
  expect(problems).toEqual([{ line: 2, message: expect.stringContaining('cannot set a `password`') }]);
});

test('a cell that is not JSON is refused by its field', () => {
  const { problems } = readRows('code,url,card\nk3x9,https://example.com/a,Spring', '/ada', context);
  expect(problems).toEqual([{ line: 2, message: '`card` must be an object; got `Spring`.' }]);
});

test('a refused row reports its line, field and value, and does not affect the others', () => {
  const { links, problems } = readRows(
    [
      'code,url,status',
      'ok,https://example.com/,',
      'a b,https://example.com/,',
      'js,javascript:alert(1),',
      'api,https://example.com/,',
      'ok,https://example.com/2,',
      'teapot,https://example.com/,418',
      'last,https://example.com/3,',
    ].join('\n'),
    '/ada',
    context,
  );
  expect(links.map(({ link }) => link.code)).toEqual(['ok', 'last']);
  expect(problems.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7]);
  expect(problems[1]?.message).toMatch(/`url` must be .*schemes.*`javascript:alert\(1\)`/);
  expect(problems[3]?.message).toBe('The code `ok` is already on line 2.');
});

test('exports of Bitly and Dub are read as they are', () => {
  expect(
    readRows('Bitlink,Long URL,Title\nhttps://bit.ly/3xYz,https://example.com/,Hi\n', '/ada', context).links,
  ).toMatchObject([{ link: { code: '3xYz', url: 'https://example.com/', title: 'Hi' } }]);
  expect(
    readRows('Short link;Destination URL\ndub.sh/launch;https://example.com/\n', '/ada', context).links,
  ).toMatchObject([{ link: { code: 'launch' } }]);
});

test('a file without a needed column says which', () => {
  expect(() => readRows('code,link\na,b', '/ada', context)).toThrow('no column is named url or destination');
});

test('a row without a page is refused when none is given', () => {
  expect(readRows('code,url\na,https://example.com/', undefined, context).problems[0]?.message).toMatch(
    /^`page` must be/,
  );
});

test('rows that lead back to themselves are refused, through other rows and existing links', async () => {
  const rows = readRows(
    [
      'code,url',
      'a,https://go.example/b',
      'b,https://go.example/a',
      'c,https://go.example/old',
      'd,https://go.example/a',
      'last,https://example.com/',
    ].join('\n'),
    '/ada',
    context,
  );
  const { links, problems } = await refuseLoops(rows, {
    ...context,
    findLink: async (code) => (code === 'old' ? { ...plainLink, code, url: 'https://go.example/c' } : undefined),
  });
  expect(links.map(({ link }) => link.code)).toEqual(['d', 'last']);
  expect(problems.map(({ line }) => line)).toEqual([2, 3, 4]);
  expect(problems[2]?.message).toMatch(/`url` must be a URL that does not lead back to the link \(\/old → \/c\)/);
});

test('codes are stored in lower case where the stack ignores case', () => {
  const csv = 'code,url\nSale,https://example.com/1\nsale,https://example.com/2\nloop,https://go.example/LOOP';
  const { links, problems } = readRows(csv, '/ada', { ...context, ignoreCase: true });
  expect(links.map(({ link }) => link.code)).toEqual(['sale']);
  expect(problems.map(({ message }) => message)).toEqual([
    'The code `sale` is already on line 2.',
    expect.stringContaining('a URL other than the link itself'),
  ]);
});

import { expect, test } from 'vitest';
import { readRows } from './read-rows.ts';

const context = { now: Date.UTC(2026, 10, 22), ownHost: 'go.example' };

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

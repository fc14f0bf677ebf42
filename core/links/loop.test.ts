import { describe, expect, it } from 'vitest';
import { findLoop, followedLinks } from './loop.ts';
import { plainLink } from './link.fixture.ts';

/** Links by code, each with its destinations. */
function world(links: Record<string, Partial<typeof plainLink>>) {
  const asked: string[] = [];
  return {
    asked,
    find: (code: string, ignoreCase = false) =>
      findLoop(
        { ...plainLink, code, ...links[code] },
        {
          ownHosts: ['go.example'],
          ignoreCase,
          findLink: async (each) => {
            asked.push(each);
            return links[each] && { ...plainLink, code: each, ...links[each] };
          },
        },
      ),
  };
}

function to(code: string): string {
  return `https://go.example/${code}`;
}

describe('a link that leads back to itself', () => {
  it.each([
    ['through another link', { a: { url: to('b') }, b: { url: to('a') } }, ['b', 'a']],
    [
      'through three',
      { a: { url: to('b') }, b: { url: to('c') }, c: { url: to('d') }, d: { url: to('a') } },
      ['b', 'c', 'd', 'a'],
    ],
    ['through a destination of a device', { a: { url: to('b') }, b: { deviceUrls: { ios: to('a') } } }, ['b', 'a']],
    ['of a country', { a: { countryUrls: { DE: to('b') } }, b: { url: to('a') } }, ['b', 'a']],
    ['after it has expired', { a: { expiredUrl: to('b') }, b: { url: to('a') } }, ['b', 'a']],
    ['with what redirect ignores', { a: { url: to('/b.') }, b: { url: to('%61/?x=1') } }, ['b', 'a']],
  ] as const)('is found %s', async (_how, links, codes) => {
    expect((await world(links).find('a'))?.codes).toEqual(codes);
  });

  it('is found through its aliases', async () => {
    const links = world({ a: { aliases: ['old'], url: to('b') }, b: { url: to('old') } });
    expect(await links.find('a')).toMatchObject({ field: 'url', codes: ['b', 'old'] });
  });

  it('is found in other capitals only where the stack ignores them', async () => {
    const links = { a: { url: to('B') }, b: { url: to('A') } };
    expect((await world(links).find('a', true))?.codes).toEqual(['b', 'a']);
    expect(await world(links).find('a')).toBeUndefined();
  });
});

it.each([
  ['another site', { a: { url: 'https://shop.example/a' } }],
  ['a link that does not exist', { a: { url: to('gone') } }],
  ['a chain that ends', { a: { url: to('b') }, b: { url: 'https://shop.example/' } }],
  ['a loop that it only leads into', { a: { url: to('b') }, b: { url: to('c') }, c: { url: to('b') } }],
  ['the same code on another host', { a: { url: 'https://go.example:8443/a' } }],
])('is not %s', async (_what, links) => {
  expect(await world(links).find('a')).toBeUndefined();
});

it.each([
  [followedLinks, true],
  [followedLinks + 1, false],
])('follows %i links: found %s', async (others, found) => {
  const codes = ['a', ...Array.from({ length: others }, (_, n) => `n${n}`)];
  const links = Object.fromEntries(codes.map((code, n) => [code, { url: to(codes[n + 1] ?? 'a') }]));
  const { find, asked } = world(links);
  expect((await find('a')) !== undefined).toBe(found);
  expect(asked).toHaveLength(followedLinks);
});

it('looks up nothing for destinations on other sites', async () => {
  const { find, asked } = world({ a: { url: 'https://shop.example/', deviceUrls: { ios: 'https://apps.example/' } } });
  await find('a');
  expect(asked).toEqual([]);
});

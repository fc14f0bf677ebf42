import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import type { Link } from '#schemas/catalog.ts';
import { locationLimit } from '#schemas/catalog-rules.ts';
import { plainLink } from './link.fixture.ts';
import { chooseDestination, type Visitor } from './target.ts';

const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148';
const pixel = 'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36';
const desktop = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';

function target(link: Partial<Link>, visitor: Partial<Visitor> = {}) {
  const plain = { userAgent: desktop, country: null, query: '', address: '203.0.113.7' };
  return chooseDestination({ ...plainLink, ...link }, { ...plain, ...visitor }).url;
}

describe('device and country', () => {
  const deviceUrls = { ios: 'https://apps.example/ios', mobile: 'https://m.example/' };
  const countryUrls = { DE: 'https://shop.example/de' };

  it.each([
    [iphone, null, 'https://apps.example/ios'],
    [pixel, null, 'https://m.example/'],
    [desktop, null, plainLink.url],
    [desktop, 'DE', 'https://shop.example/de'],
    [desktop, 'FR', plainLink.url],
    [iphone, 'DE', 'https://apps.example/ios'],
    ['', 'DE', 'https://shop.example/de'],
  ])('%s in %s', (userAgent, country, url) => {
    expect(target({ deviceUrls, countryUrls }, { userAgent, country })).toBe(url);
  });

  it('sends desktops where they have their own', () => {
    expect(target({ deviceUrls: { desktop: 'https://d.example/' } })).toBe('https://d.example/');
  });
});

describe('a split test', () => {
  const a = 'https://shop.example/a';
  const variants = [
    { url: 'https://shop.example/b', weight: 30 },
    { url: 'https://shop.example/c', weight: 10 },
  ];
  const addresses = Array.from({ length: 20_000 }, (_, n) => `198.51.${n >> 8}.${n & 255}`);

  it('divides visitors by weight; the rest get the destination of the link', () => {
    const counts = new Map<string, number>();
    for (const address of addresses) {
      const url = target({ url: a, variants }, { address });
      counts.set(url, (counts.get(url) ?? 0) + 1);
    }
    // Five standard deviations of 20,000 draws.
    for (const [url, percent] of [[a, 60] as const, ...variants.map(({ url, weight }) => [url, weight] as const)]) {
      const share = percent / 100;
      const spread = 5 * Math.sqrt(addresses.length * share * (1 - share));
      expect(Math.abs((counts.get(url) ?? 0) - addresses.length * share), url).toBeLessThan(spread);
    }
  });

  it('sends a visitor to the same destination each time, and divides anew for each link and browser', () => {
    function seen(link: Partial<Link>, visitor: Partial<Visitor> = {}) {
      return addresses
        .slice(0, 200)
        .map((address) => target({ url: a, variants, ...link }, { address, ...visitor }))
        .join();
    }
    expect(seen({})).toBe(seen({}));
    expect(seen({ id: 'other' })).not.toBe(seen({}));
    expect(seen({}, { userAgent: pixel })).not.toBe(seen({}));
  });

  it('comes after the rules for devices and countries', () => {
    const rules = { url: a, variants: [{ url: 'https://shop.example/b', weight: 99 }] };
    expect(target({ ...rules, countryUrls: { DE: 'https://shop.example/de' } }, { country: 'DE' })).toBe(
      'https://shop.example/de',
    );
    expect(target({ ...rules, deviceUrls: { ios: 'https://apps.example/' } }, { userAgent: iphone })).toBe(
      'https://apps.example/',
    );
  });
});

describe('query', () => {
  it.each([
    ['https://s.example/', 'a=1', 'https://s.example/?a=1'],
    ['https://s.example/?b=2', 'a=1', 'https://s.example/?b=2&a=1'],
    ['https://s.example/?a=2', 'a=1&c=3', 'https://s.example/?a=2&c=3'],
    ['https://s.example/#top', 'a=1', 'https://s.example/?a=1#top'],
    ['https://s.example/?x=a%20b+c#top', 'a=1', 'https://s.example/?x=a%20b+c&a=1#top'],
    ['https://s.example/?', 'a=1', 'https://s.example/?a=1'],
    ['https://s.example/', '%61=1&&', 'https://s.example/?%61=1'],
    ['mailto:ada@s.example', 'subject=x', 'mailto:ada@s.example'],
  ])('%s with %s leads to %s', (url, query, expected) => {
    expect(target({ url, passQuery: true }, { query })).toBe(expected);
  });

  it('is not passed unless the link says so', () => {
    expect(target({}, { query: 'a=1' })).toBe(plainLink.url);
  });

  it('precedes the UTM defaults and follows the destination', () => {
    const link = {
      url: 'https://s.example/?utm_source=own',
      utm: { utm_source: 'x', utm_medium: 'bio', utm_term: 'a b' },
      passQuery: true,
    };
    expect(target(link, { query: 'utm_medium=asked' })).toBe(
      'https://s.example/?utm_source=own&utm_medium=asked&utm_term=a%20b',
    );
  });

  it('is passed as far as it fits into a `Location`, parameter by parameter', () => {
    const url = `https://s.example/${'p'.repeat(2000)}`;
    const utm = { utm_source: 'bio' };
    const room = locationLimit - url.length - '?'.length - '&utm_source=bio'.length;
    function sent(query: string) {
      return target({ url, utm, passQuery: true }, { query });
    }
    const fitting = `a=${'v'.repeat(room - 2)}`;
    expect(sent(fitting)).toBe(`${url}?${fitting}&utm_source=bio`);
    expect(sent(fitting)).toHaveLength(locationLimit);
    expect(sent(`${fitting}v`)).toBe(`${url}?utm_source=bio`);
    expect(sent(`${fitting}v&b=2&${fitting}&c=3`)).toBe(`${url}?b=2&c=3&utm_source=bio`);
    // Measured as it is sent.
    expect(sent(`a=${'"'.repeat(room - 2)}&b="`)).toBe(`${url}?b=%22&utm_source=bio`);
  });

  it('never changes what the destination says of itself', () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.webQueryParameters(),
        (url, query) => {
          const before = new URL(url);
          const after = new URL(target({ url, passQuery: true }, { query }));
          expect(after.origin + after.pathname + after.hash).toBe(before.origin + before.pathname + before.hash);
          for (const name of before.searchParams.keys())
            expect(after.searchParams.getAll(name)).toEqual(before.searchParams.getAll(name));
        },
      ),
    );
  });
});

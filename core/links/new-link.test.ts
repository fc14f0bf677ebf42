import { describe, expect, it } from 'vitest';
import { linkLimits } from '#schemas/catalog-rules.ts';
import { checkLink } from './new-link.ts';

const now = Date.parse('2026-11-22T07:00:00Z');
function check(input: unknown, ignoreCase = false) {
  return checkLink(input, { now, ownHosts: ['go.example'], ignoreCase });
}
function rulesOf(input: unknown, ignoreCase = false) {
  const result = check(input, ignoreCase);
  return result.kind === 'refused' ? result.problems.map(({ field, rule }) => `${field} ${rule}`) : [];
}
const link = { code: 'spring', page: '/ada', url: 'https://shop.example/' };

describe('checkLink', () => {
  it('fills in what is not said', () => {
    expect(check(link)).toMatchObject({
      kind: 'accepted',
      link: { ...link, status: 302, enabled: true, createdAt: '2026-11-22T07:00:00.000Z' },
    });
  });

  it('keeps device and country destinations, in the form that may be emitted', () => {
    const targets = { deviceUrls: { ios: 'https://apps.example/é' }, countryUrls: { DE: 'https://shop.example/de' } };
    expect(check({ ...link, ...targets })).toMatchObject({
      link: { deviceUrls: { ios: 'https://apps.example/%C3%A9' }, countryUrls: { DE: 'https://shop.example/de' } },
    });
  });

  it('stores tags in one spelling, once', () => {
    const tags = ['  Spring   SALE ', 'spring sale', 'Cafe\u0301', 'İ'];
    expect(check({ ...link, tags })).toMatchObject({ link: { tags: ['spring sale', 'caf\u00e9', 'i\u0307'] } });
  });

  it('checks aliases like the code, in the capitals that the stack stores', () => {
    const aliases = ['Sale', 'sale-2'];
    expect(check({ ...link, aliases })).toMatchObject({ link: { aliases } });
    expect(check({ ...link, aliases }, true)).toMatchObject({
      link: { aliases: ['sale', 'sale-2'] },
    });
    function problems(given: string[], ignoreCase = false) {
      return rulesOf({ ...link, aliases: given }, ignoreCase);
    }
    expect(problems([link.code])).toEqual(['aliases.0 code.repeated']);
    expect(problems(['a', 'A'])).toEqual([]);
    expect(problems(['a', 'A'], true)).toEqual(['aliases.1 code.repeated']);
    expect(problems(['api'])).toEqual(['aliases.0 code.reserved']);
    expect(problems(['a b'])).toEqual(['aliases.0 link.field']);
    const most = Array.from({ length: linkLimits.aliases }, (_, at) => `a${at}`);
    expect(problems(most)).toEqual([]);
    expect(problems([...most, 'more'])).toEqual(['aliases link.field']);
  });

  it('checks the destinations of a split test like others', () => {
    const variants = [
      { url: 'https://shop.example/é', weight: 50 },
      { url: 'javascript:alert(1)', weight: 1 },
    ];
    expect(rulesOf({ ...link, variants })).toEqual(['variants.1.url destination.scheme']);
    expect(check({ ...link, variants: variants.slice(0, 1) })).toMatchObject({
      link: { variants: [{ url: 'https://shop.example/%C3%A9', weight: 50 }] },
    });
  });

  it('reports every problem by field and rule', () => {
    const input = {
      code: 'api',
      page: '/ada',
      url: 'javascript:alert(1)',
      expiredUrl: 'https://a:b@shop.example/',
      deviceUrls: { ios: 'data:,x' },
      countryUrls: { DE: 'https://go.example/api' },
    };
    expect(rulesOf(input)).toEqual([
      'code code.reserved',
      'url destination.scheme',
      'expiredUrl destination.credentials',
      'deviceUrls.ios destination.scheme',
      'countryUrls.DE destination.loop',
    ]);
  });

  it.each([
    [{ ...link, code: 'a b' }, 'code link.field'],
    [{ ...link, status: 200 }, 'status link.field'],
    [{ ...link, startsAt: 'tomorrow' }, 'startsAt link.field'],
    [{ ...link, deviceUrls: { toaster: 'https://a.example/' } }, 'deviceUrls link.field'],
    [{ ...link, code: '_canary' }, 'code code.reserved'],
    [{ ...link, countryUrls: { de: 'https://a.example/' } }, 'countryUrls.de link.field'],
    [null, 'link link.field'],
  ])('%j: %s', (input, problem) => {
    expect(rulesOf(input)[0]).toBe(problem);
  });

  it('names the value in the message', () => {
    const result = check({ ...link, status: 200 });
    expect(result.kind === 'refused' && result.problems[0]?.message).toContain(
      '`status` must be one of 301, 302, 307, 308; got `200`.',
    );
  });
});

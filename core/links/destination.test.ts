import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import { destinationSchemes } from '#schemas/catalog-rules.ts';
import { destinationLimit } from '#schemas/catalog-rules.ts';
import { checkDestination, toSafeLocation } from './destination.ts';

function check(value: string) {
  return checkDestination(value, {
    field: 'url',
    own: { ownHosts: ['go.example'], ignoreCase: false, code: 'spring' },
  });
}
function ruleOf(value: string) {
  const result = check(value);
  return result.kind === 'refused' ? result.rule : 'accepted';
}

describe('checkDestination', () => {
  it.each([
    ['javascript:alert(1)', 'scheme'],
    ['JaVaScRiPt:alert(1)', 'scheme'],
    ['data:text/html,<script>alert(1)</script>', 'scheme'],
    ['vbscript:x', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['java\tscript:alert(1)', 'control-characters'],
    ['https://ok.example/\r\nSet-Cookie: a=b', 'control-characters'],
    ['https://ok.example/\u0000', 'control-characters'],
    ['https://ok.example/\u2028', 'control-characters'],
    ['https://user:secret@ok.example/', 'credentials'],
    ['https://user@ok.example/', 'credentials'],
    ['/relative', 'url'],
    ['//ok.example/', 'url'],
    ['ok.example', 'url'],
    ['https://', 'url'],
    ['', 'length'],
    [`https://ok.example/${'a'.repeat(destinationLimit)}`, 'length'],
    ['https://go.example/spring', 'loop'],
    ['https://GO.example/spring/?again=1', 'loop'],
    ['https://go.example//spring', 'loop'],
    ['https://go.example/spr%69ng', 'loop'],
    ['https://go.example/spring.', 'loop'],
    ['https://go.example./spring', 'loop'],
  ])('refuses %j by rule %s', (value, rule) => {
    expect(ruleOf(value)).toBe(rule);
  });

  it('names the field, the value and what is allowed', () => {
    const allowed =
      'a URL with one of the schemes http, https, mailto, tel, sms, whatsapp, tg, spotify, itms-apps, market';
    expect(check('javascript:alert(1)')).toEqual({
      kind: 'refused',
      rule: 'scheme',
      allowed,
      message: `\`url\` must be ${allowed}; got \`javascript:alert(1)\`.`,
    });
  });

  it.each([
    ['https://ok.example', 'https://ok.example'],
    ['https://ok.example/a?b=c%20d#e', 'https://ok.example/a?b=c%20d#e'],
    ['mailto:ada@ok.example', 'mailto:ada@ok.example'],
    ['tel:+441234', 'tel:+441234'],
    ['https://ok.example/ä b', 'https://ok.example/%C3%A4%20b'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['https:\\\\ok.example\\a', 'https://ok.example/a'],
    ['https:ok.example', 'https://ok.example/'],
    ['https://go.example/Spring', 'https://go.example/Spring'],
  ])('accepts %j as %j', (value, url) => {
    expect(check(value)).toEqual({ kind: 'accepted', url });
  });

  it('accepts only what may stand in a header, has an allowed scheme, and is accepted again unchanged', () => {
    const anything = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.constantFrom(...destinationSchemes, 'javascript:', 'data:'), fc.string({ unit: 'binary' }))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const result = check(value);
        if (result.kind === 'refused') return;
        expect(result.url).toMatch(/^[\x21-\x7e]+$/);
        expect(destinationSchemes).toContain(URL.parse(result.url)?.protocol);
        expect(check(result.url)).toEqual(result);
        expect(toSafeLocation(result.url)).toBe(result.url);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('emittable', () => {
  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'https://ok.example/\r\nx: y',
    'nothing',
    '',
  ])('emits nothing for %j', (value) => {
    expect(toSafeLocation(value)).toBeUndefined();
  });

  it('encodes what a header cannot hold', () => {
    expect(toSafeLocation('https://ok.example/☕?a="b"')).toBe('https://ok.example/%E2%98%95?a=%22b%22');
  });
});

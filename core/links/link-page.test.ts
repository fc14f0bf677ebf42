import { fc } from '#test/property.ts';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { renderCard } from './card-page.ts';
import { htmlSecurityPolicy } from './link-page-style.ts';
import { plainLink, plainPage } from './link.fixture.ts';
import { listEntries, renderLinkPage } from './link-page.ts';
import { renderNotice } from './notice-page.ts';

const now = Date.parse('2026-11-22T07:00:00Z');

describe('renderCard', () => {
  it('escapes its texts, and says only what it has', () => {
    const html = renderCard({ title: '"><script>', description: null, image: 'https://a.example/?a="&b' });
    expect(html).not.toContain('<script>');
    expect(html).toContain('<meta property="og:title" content="&quot;&gt;&lt;script&gt;">');
    expect(html).toContain('<meta property="og:image" content="https://a.example/?a=&quot;&amp;b">');
    expect(html).toContain('content="summary_large_image"');
    expect(html).not.toContain('description');
    expect(renderCard({ title: 'T', description: 'D', image: null })).toMatch(
      /og:description" content="D">[^]*content="summary">/,
    );
  });
});

describe('renderLinkPage', () => {
  it('points its links to their short codes', () => {
    const html = renderLinkPage(plainPage, [plainLink], now);
    expect(html).toContain(
      '<a href="/k3x9"><span dir="auto">Spring sale</span><small dir="ltr">shop.example</small></a>',
    );
  });

  it('does not show where a protected link leads', () => {
    const link = { ...plainLink, title: null, passwordHash: 'scrypt$…' };
    expect(listEntries([link], now)).toEqual([{ code: 'k3x9', title: 'k3x9', host: null }]);
  });

  it('shows only links that are open now, by position, then by creation', () => {
    function codes(links: object[]) {
      return listEntries(
        links.map((link) => ({ ...plainLink, ...link })),
        now,
      ).map(({ code }) => code);
    }
    expect(
      codes([
        { code: 'late', createdAt: '2026-11-03T00:00:00Z' },
        { code: 'early', createdAt: '2026-11-02T00:00:00Z' },
        { code: 'first', position: 1 },
        { code: 'off', enabled: false },
        { code: 'hidden', listed: false },
        { code: 'away', archived: true },
        { code: 'tomorrow', startsAt: '2026-11-23T00:00:00Z' },
        { code: 'gone', expiresAt: '2026-11-21T00:00:00Z' },
        { code: 'moved', expiresAt: '2026-11-21T00:00:00Z', expiredUrl: 'https://a.example/', position: 2 },
      ]),
    ).toEqual(['first', 'moved', 'early', 'late']);
  });

  it('says so when there is no link', () => {
    expect(renderLinkPage(plainPage, [], now)).toContain('No links yet');
  });

  it('keeps hostile titles as text', () => {
    const hostile = "</title><script>alert(1)</script>\" onload='x'";
    const html = renderLinkPage(
      { ...plainPage, title: hostile, description: hostile },
      [{ ...plainLink, title: hostile }],
      now,
    );
    expect(html).not.toMatch(/<script|<\/title><script|" onload/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('never lets a text open a tag or end an attribute', () => {
    function tags(html: string) {
      return html.match(/<[a-z!/][^>]*>/gi)?.length;
    }
    const usual = tags(renderLinkPage(plainPage, [plainLink], now));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('<b>', '"', "'", '&', '<!--', ''), (text, extra) => {
        const title = `x${text}${extra}`;
        expect(tags(renderLinkPage({ ...plainPage, title }, [{ ...plainLink, title }], now))).toBe(usual);
      }),
    );
  });

  it('stays within 14 KB compressed with 60 links of long titles', () => {
    function title(n: number) {
      return createHash('sha512').update(String(n)).digest('base64');
    }
    const links = Array.from({ length: 60 }, (_, n) => ({ ...plainLink, code: `code${n}`, title: title(n) }));
    expect(gzipSync(renderLinkPage(plainPage, links, now)).length).toBeLessThan(14 * 1024);
  });

  it('carries exactly the style that its policy allows, and no script', () => {
    for (const html of [renderLinkPage(plainPage, [plainLink], now), renderNotice('Nothing here', 'Sorry')]) {
      const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? '';
      expect(htmlSecurityPolicy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
      expect(html).not.toMatch(/<script|style=|onclick/);
    }
  });
});

import { fc } from '#test/property.ts';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { renderCard } from './card-page.ts';
import { designLimits } from '#schemas/catalog-rules.ts';
import { htmlSecurityPolicy } from './link-page-style.ts';
import { plainLink, plainPage } from './link.fixture.ts';
import { linkPagePolicy, listEntries, renderLinkPage } from './link-page.ts';
import { iconPath } from '#schemas/link-page/network-icons.ts';
import { renderNotice } from './notice-page.ts';
import { contrast, palettes, readableAccent, textOn } from '#schemas/link-page/page-theme.ts';

const plainDesign = { picture: null, accent: null, theme: 'system' as const, sections: [] };

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
    const html = renderLinkPage(plainPage, [plainLink], { now });
    expect(html).toContain(
      '<a href="/k3x9"><span dir="auto">Spring sale</span><small dir="ltr">shop.example</small></a>',
    );
  });

  it('does not show where a protected link leads', () => {
    const link = { ...plainLink, title: null, passwordHash: 'scrypt$…' };
    expect(listEntries([link], { now })).toEqual([
      { href: '/k3x9', title: 'k3x9', host: null, section: null, icon: null },
    ]);
  });

  it('shows only links that are open now, by position, then by creation', () => {
    function codes(links: object[]) {
      return listEntries(
        links.map((link) => ({ ...plainLink, ...link })),
        { now },
      ).map(({ href }) => href.slice(1));
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
    expect(renderLinkPage(plainPage, [], { now })).toContain('No links yet');
  });

  it('keeps hostile titles as text', () => {
    const hostile = "</title><script>alert(1)</script>\" onload='x'";
    const html = renderLinkPage(
      { ...plainPage, title: hostile, description: hostile },
      [{ ...plainLink, title: hostile }],
      { now },
    );
    expect(html).not.toMatch(/<script|<\/title><script|" onload/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('never lets a text open a tag or end an attribute', () => {
    function tags(html: string) {
      return html.match(/<[a-z!/][^>]*>/gi)?.length;
    }
    const usual = tags(renderLinkPage(plainPage, [plainLink], { now }));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('<b>', '"', "'", '&', '<!--', ''), (text, extra) => {
        const title = `x${text}${extra}`;
        expect(tags(renderLinkPage({ ...plainPage, title }, [{ ...plainLink, title }], { now }))).toBe(usual);
      }),
    );
  });

  it('stays within 14 KB compressed with 60 links of long titles', () => {
    function title(n: number) {
      return createHash('sha512').update(String(n)).digest('base64');
    }
    const links = Array.from({ length: 60 }, (_, n) => ({ ...plainLink, code: `code${n}`, title: title(n) }));
    expect(gzipSync(renderLinkPage(plainPage, links, { now })).length).toBeLessThan(14 * 1024);
  });

  it('stays within 14 KB compressed with the largest picture, all sections and 20 icons, too', () => {
    function random(n: number) {
      return createHash('sha512').update(String(n)).digest('base64');
    }
    const pixels = Array.from({ length: 80 }, (_, n) => random(n).replaceAll('=', '')).join('');
    const picture = `data:image/webp;base64,${pixels}`.slice(0, designLimits.picture);
    const sections = Array.from({ length: designLimits.sections }, (_, n) => random(n).slice(0, designLimits.section));
    const links = Array.from({ length: 60 }, (_, n) => ({
      ...plainLink,
      code: `code${n}`,
      title: n < 40 ? random(n).slice(0, 50) : `Profile ${n}`,
      url: n % 2 === 0 ? 'https://instagram.com/ada' : 'https://discord.gg/ada',
      section: sections[n % 20] ?? null,
      icon: n >= 40,
    }));
    const page = { ...plainPage, design: { picture, accent: '#7c3aed', theme: 'dark' as const, sections } };
    const html = renderLinkPage(page, links, { now });
    expect(html).toContain(picture);
    expect(html.match(/<h2/g)).toHaveLength(20);
    expect(html.match(/<svg/g)).toHaveLength(20);
    expect(gzipSync(html).length).toBeLessThan(14 * 1024);
  });

  it('stays within 14 KB compressed with 100 links and the largest picture', () => {
    const pixels = Array.from({ length: 80 }, (_, n) =>
      createHash('sha512').update(String(n)).digest('base64url'),
    ).join('');
    const picture = `data:image/webp;base64,${pixels}`.slice(0, designLimits.picture);
    const links = Array.from({ length: 100 }, (_, n) => ({
      ...plainLink,
      code: createHash('sha1').update(String(n)).digest('hex').slice(0, 7),
      title: `Episode ${n}: ${createHash('sha1').update(String(n)).digest('base64').slice(0, 20)}`,
    }));
    const page = { ...plainPage, design: { ...plainDesign, picture } };
    expect(gzipSync(renderLinkPage(page, links, { now })).length).toBeLessThan(14 * 1024);
  });

  it('is small with the longest text of an owner', () => {
    const owner = { page: '/ada', prefix: '//go.acme.example:8787', text: 'ا🌸'.repeat(250) };
    expect(gzipSync(renderNotice({ title: 'x', text: 'y', owner })).length).toBeLessThan(14 * 1024);
  });

  it('carries exactly the style that its policy allows, and no script', () => {
    for (const html of [
      renderLinkPage(plainPage, [plainLink], { now }),
      renderNotice({ title: 'Nothing here', text: 'Sorry' }),
    ]) {
      const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? '';
      expect(htmlSecurityPolicy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
      expect(html).not.toMatch(/<script|style=|onclick/);
    }
  });
});

describe('the design', () => {
  it('groups links under headings in order, with the others above, and omits empty sections', () => {
    const page = { ...plainPage, design: { ...plainDesign, sections: ['Music', '<b>Shop</b>', 'Empty'] } };
    const links = [
      { code: 'shop', section: '<b>Shop</b>' },
      { code: 'free', section: null },
      { code: 'song', section: 'Music' },
      { code: 'stray', section: 'Removed' },
    ].map((link, position) => ({ ...plainLink, position, ...link }));
    const shown = renderLinkPage(page, links, { now }).match(/<h2 dir="auto">[^<]*|href="[^"]*/g);
    expect(shown).toEqual([
      'href="/free',
      'href="/stray',
      '<h2 dir="auto">Music',
      'href="/song',
      '<h2 dir="auto">&lt;b&gt;Shop&lt;/b&gt;',
      'href="/shop',
    ]);
  });

  it('shows icons in the header, named by their title, and counts them as clicks of their links', () => {
    const links = [{ ...plainLink, icon: true, section: 'Music', title: 'Ada "on" X', url: 'https://x.com/ada' }];
    const html = renderLinkPage({ ...plainPage, design: { ...plainDesign, sections: ['Music'] } }, links, { now });
    expect(html).toContain('<a href="/k3x9" aria-label="Ada &quot;on&quot; X" title="Ada &quot;on&quot; X">');
    expect(html.indexOf('<svg')).toBeLessThan(html.indexOf('</header>'));
    expect(html).not.toMatch(/<h2|No links yet/);
  });

  it('chooses icons by the host, not by a part of its name, and hides that of a protected link', () => {
    const globe = iconPath(null);
    expect(iconPath('https://www.instagram.com/ada')).toBe(iconPath('https://instagram.com/'));
    expect(iconPath('https://open.spotify.com/x')).toBe(iconPath('spotify:artist:1'));
    expect(iconPath('mailto:ada@ada.example')).not.toBe(globe);
    for (const url of ['https://notinstagram.com/', 'https://instagram.com.evil.example/', 'https://ada.example/x.com'])
      expect(iconPath(url), url).toBe(globe);
    const hidden = { ...plainLink, icon: true, url: 'https://x.com/ada', passwordHash: 'scrypt$…' };
    expect(listEntries([hidden], { now })[0]?.icon).toBe(globe);
  });

  it('makes every accent readable on ground and card, and its text on it', () => {
    const grounds = { light: ['#f5f3ef', '#ffffff'], dark: ['#141210', '#1f1c19'] };
    expect(palettes.light).toContain('--ground:#f5f3ef;--card:#fff;');
    expect(palettes.dark).toContain('--ground:#141210;--card:#1f1c19;');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffff }), fc.constantFrom('light', 'dark'), (number, scheme) => {
        const accent = readableAccent(`#${number.toString(16).padStart(6, '0')}`, scheme);
        expect(accent).toMatch(/^#[0-9a-f]{6}$/);
        for (const ground of grounds[scheme]) expect(contrast(accent, ground)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(accent, textOn(accent))).toBeGreaterThanOrEqual(4.5);
      }),
    );
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21);
    expect(readableAccent('#b3461f', 'light')).toBe('#b3461f');
    expect(readableAccent('#ffff00', 'light')).not.toBe('#ffff00');
  });

  it.each([
    ['system', 'light dark'],
    ['light', 'light'],
    ['dark', 'dark'],
  ] as const)('with the theme %s has the color scheme %s, and a policy of exactly its styles', (theme, scheme) => {
    const picture = 'data:image/png;base64,iVBORw0KGgo=';
    const page = { ...plainPage, design: { ...plainDesign, theme, accent: '#7c3aed', picture } };
    const html = renderLinkPage(page, [plainLink], { now });
    expect(html).toContain(`<meta name="color-scheme" content="${scheme}">`);
    const styles = [...html.matchAll(/<style>(.*?)<\/style>/gs)].map(([, style = '']) => style);
    const hashes = styles.map((style) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(hashes).toHaveLength(2);
    expect(linkPagePolicy(page)).toBe(
      `default-src 'none'; style-src ${hashes.join(' ')}; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'`,
    );
    expect(html).not.toMatch(/<script|style=|onclick|src="http/);
  });

  it('changes nothing of a page without one', () => {
    expect(linkPagePolicy(plainPage)).toBe(htmlSecurityPolicy);
    expect(renderLinkPage({ ...plainPage, design: plainDesign }, [plainLink], { now })).toBe(
      renderLinkPage(plainPage, [plainLink], { now }),
    );
  });
});

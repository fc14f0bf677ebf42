import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkPagePolicy, renderLinkPage } from '#core/links/link-page.ts';
import { plainLink, plainPage } from '#core/links/link.fixture.ts';
import { renderNotice } from '#core/links/notice-page.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const now = Date.parse('2026-11-22T07:00:00Z');
const titles = [
  'A title that goes on and on about analytical engines, punched cards and the poetry of numbers',
  'Wordwithoutanyspace'.repeat(12),
  'قائمة الروابط الجديدة',
  '🎉 Launch party 🎈',
  '</a><script>document.title = "owned"</script>',
];
const links = Array.from({ length: 60 }, (_, n) => ({
  ...plainLink,
  code: `c${n}`,
  title: titles[n % titles.length] ?? '',
}));
const designedPage = {
  ...plainPage,
  design: {
    // One transparent pixel.
    picture:
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    accent: '#ffe000',
    theme: 'system' as const,
    sections: ['Music', 'المتجر', 'Wordwithoutanyspace'.repeat(3)],
  },
};
const designedLinks = links.map((link, n) => ({
  ...link,
  section: designedPage.design.sections[n % 4] ?? null,
  icon: n % 5 === 3,
}));
const pages = {
  'a page with a design': renderLinkPage(designedPage, designedLinks, { now }),
  'a dark page': renderLinkPage({ ...designedPage, design: { ...designedPage.design, theme: 'dark' } }, designedLinks, {
    now,
  }),
  'a full page': renderLinkPage({ ...plainPage, title: 'Ada 🌸', description: titles[0] ?? '' }, links, { now }),
  'an empty page': renderLinkPage(plainPage, [], { now }),
  'a notice': renderNotice({ title: 'Nothing here', text: 'There is no link at this address.' }),
  'a notice of a page': renderNotice({
    title: 'This link has expired',
    text: 'It was open for a limited time.',
    owner: { page: '/ada', prefix: '', text: 'انتهى العرض\nNächster Termin: Mai 🌸' },
  }),
};

/** The policy of the page, which its styles make. */
const policies: Readonly<Record<string, string>> = {
  [pages['a page with a design']]: linkPagePolicy(designedPage),
  [pages['a dark page']]: linkPagePolicy({ ...designedPage, design: { ...designedPage.design, theme: 'dark' } }),
};

async function open(html: string, width: number, colorScheme: 'light' | 'dark') {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  const headers = { 'content-security-policy': policies[html] ?? linkPagePolicy(plainPage) };
  await page.route('**/*', (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8', headers }));
  await page.goto('https://go.example/@ada');
  return { page, complaints, close: () => context.close() };
}

describe.each(Object.entries(pages))('%s', (_name, html) => {
  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('fits %i px in %s, styled under its policy, accessible', async (width, scheme) => {
    const { page, complaints, close } = await open(html, width, scheme);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).marginTop)).toBe('0px');
    expect(complaints).toEqual([]);
    // The page's policy forbids scripts, including axe, so the audit runs without it.
    await close();
    const audited = await (
      await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme })
    ).newPage();
    await audited.setContent(html);
    const { violations } = await new AxeBuilder({ page: audited }).analyze();
    expect(violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
    await audited.context().close();
  });
});

it('runs no script from a title, and links to the short codes', async () => {
  const { page, close } = await open(pages['a full page'], 360, 'light');
  expect(await page.title()).toBe('Ada 🌸');
  expect(await page.getByRole('link').count()).toBe(60);
  expect(await page.getByRole('link').first().getAttribute('href')).toBe('/c0');
  await close();
});

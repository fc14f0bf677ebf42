import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { linkPreviewSchema } from '#schemas/api/links.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { temporaryDirectory } from '../../pipeline/stack-facts.ts';
import { launchChromium } from '../chromium.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';

/** Links in the dashboard and as visitors see them, with real requests to the synthesized stack. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([
    startLocalStack({ dataDirectory: directory, port: 0, schedules: false, batchWindowSeconds: 0.3 }),
    launchChromium(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  remove();
});

const person = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** One transparent pixel. */
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

async function open(look: { width: number; scheme: 'light' | 'dark' } = { width: 1440, scheme: 'light' }) {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.scheme,
    userAgent: person,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  await signIn(page, stack.url, 'creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/links`);
  await page.getByRole('button', { name: 'Add link' }).waitFor();
  return { page, close: () => context.close() };
}

async function addLink(page: Page, { code, title }: { code: string; title: string }): Promise<void> {
  await page.goto(`${stack.url}/app/pages/demo/links`);
  await page.getByRole('button', { name: 'Add link' }).click();
  await page.getByLabel('Destination', { exact: true }).fill(`${stack.url}/app/`);
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Short code').fill(code);
}

async function createLink(page: Page, code: string): Promise<void> {
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.waitForURL(`${stack.url}/app/links/${code}/share`);
  await page.getByRole('img', { name: `QR code of ${stack.url}/${code}` }).waitFor();
}

it('asks for the password of a protected link, and counts the visit that has it', async () => {
  const { page, close } = await open();
  await addLink(page, { code: 'cave', title: 'The cave' });
  await page.locator('summary', { hasText: 'Password' }).click();
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill('open-sesame');
  await createLink(page, 'cave');

  const visitor = await browser.newContext({ userAgent: person });
  const visit = await visitor.newPage();
  const complaints: string[] = [];
  visit.on('console', (message) => complaints.push(message.text()));
  await visit.goto(`${stack.url}/cave?utm_source=bio`);
  await savePicture(visit, 'password-1440-light');
  expect((await new AxeBuilder({ page: visit }).setLegacyMode().analyze()).violations).toEqual([]);
  await visit.getByLabel('Password').fill('open-barley');
  await visit.keyboard.press('Enter');
  await visit.getByRole('alert').getByText('Wrong password.').waitFor();
  await visit.getByLabel('Password').fill('open-sesame');
  await visit.getByRole('button', { name: 'Continue' }).click();
  await expect.poll(() => new URL(visit.url()).pathname).toMatch(/^\/app/);
  expect(complaints.filter((text) => /Content Security Policy/.test(text))).toEqual([]);
  await visitor.close();

  await stack.idle();
  await page.goto(`${stack.url}/app/pages/demo/links`);
  await page.getByRole('listitem').filter({ hasText: 'The cave' }).getByText('1 click', { exact: true }).waitFor();
  await close();
});

it('filters, changes and exports many links', async () => {
  const { page, close } = await open();
  for (const name of ['first', 'second', 'third']) {
    await addLink(page, { code: `bulk-${name}`, title: `The ${name}` });
    await createLink(page, `bulk-${name}`);
  }
  await page.goto(`${stack.url}/app/pages/demo/links?search=bulk-`);
  const rows = page.locator('.link-row');
  await expect.poll(() => rows.count()).toBe(3);
  // What is selected while another change is saved stays selected.
  const saved = Promise.withResolvers<void>();
  await page.route('**/api/v1/links/bulk-third', async (route) => {
    await saved.promise;
    await route.continue();
  });
  await page.getByLabel('Select The third').check();
  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByText('Saving…').waitFor();
  await page.getByLabel('Select The third').uncheck();
  await page.getByLabel('Select The first').check();
  saved.resolve();
  await page.locator('.link-row').filter({ hasText: 'The third' }).getByText('Switched off').waitFor();
  await page.getByText('1 link selected').waitFor();
  await page.getByLabel('Select The second').check();
  await page.getByRole('button', { name: 'Add tags…' }).click();
  await page.getByLabel('Tags, separated by commas').fill('Spring  SALE, bio');
  await page.getByRole('button', { name: 'Save links' }).click();
  await page.getByLabel('Tag', { exact: true }).selectOption('spring sale');
  await expect.poll(() => rows.count()).toBe(2);
  expect(new URL(page.url()).searchParams.get('tag')).toBe('spring sale');

  await page.getByLabel('Select all').check();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  expect((await saving).suggestedFilename()).toBe('links.csv');
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await page.getByText('No links match these filters.').waitFor();
  await page.getByLabel('State').selectOption('archived');
  await expect.poll(() => rows.count()).toBe(2);
  // Archived links still redirect.
  expect((await fetch(`${stack.url}/bulk-first`, { redirect: 'manual' })).status).toBe(302);

  await page.getByRole('button', { name: 'More for The first' }).click();
  await page.getByRole('button', { name: 'Take out of the archive' }).click();
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('button', { name: 'Reset filters' }).click();
  await page.getByRole('button', { name: 'Saved view' }).click();
  await expect.poll(() => rows.count()).toBe(1);
  await close();
});

/** What the API would read of a page: these tests request no other site. */
const preview = linkPreviewSchema.parse({
  title: 'The spring collection',
  description: 'Linen, cotton and colors',
  image: 'https://shop.example/card.png',
  picture: pixel,
  icon: pixel,
  codes: ['spring-collection', 'spring', 'shop'],
  problem: null,
});

it('makes a link of a pasted address, with the title and a code of its page', async () => {
  const { page, close } = await open();
  await page.route('**/api/v1/link-preview?*', (route) => route.fulfill({ json: preview }));
  await page.getByRole('button', { name: 'Add link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a link' });
  await dialog.getByLabel('Destination', { exact: true }).fill('shop.example/spring');
  await dialog.getByLabel('Title', { exact: true }).focus();
  await expect.poll(() => dialog.getByLabel('Title', { exact: true }).inputValue()).toBe(preview.title);
  expect(await dialog.getByLabel('Destination', { exact: true }).inputValue()).toBe('https://shop.example/spring');
  expect(await dialog.getByLabel('Short code').inputValue()).toBe('spring-collection');
  const result = dialog.getByRole('region', { name: 'Preview of the link' });
  await result.getByRole('img', { name: `QR code of ${stack.url}/spring-collection` }).waitFor();
  await result.getByText('Linen, cotton and colors').waitFor();
  await savePicture(page, 'new-link-pasted-1440-light');
  // What is typed stays, and the result follows.
  await dialog.getByLabel('Title', { exact: true }).fill('Spring');
  await dialog.getByRole('button', { name: 'shop', exact: true }).click();
  await result.getByRole('img', { name: `QR code of ${stack.url}/shop` }).waitFor();
  await dialog.getByText('Preview card').click();
  await dialog.getByLabel('Card title').fill('Only this week');
  await result.getByText('Only this week').waitFor();
  await createLink(page, 'shop');
  expect((await fetch(`${stack.url}/shop`, { redirect: 'manual' })).headers.get('location')).toBe(
    'https://shop.example/spring',
  );
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  // Sections in use are open.
  expect(await page.getByLabel('Card title').inputValue()).toBe('Only this week');
  expect(await page.getByLabel('Click limit').isVisible()).toBe(false);
  await close();
});

it('says why a page could not be read, and makes the link anyway', async () => {
  const { page, close } = await open();
  await page.getByRole('button', { name: 'Add link' }).click();
  const inside = 'http://127.0.0.1/inside-story';
  await page.route('**/api/v1/link-preview?*', (route) => route.fulfill({ status: 400, json: { title: 'Broken' } }));
  await page.getByLabel('Destination', { exact: true }).fill(inside);
  await page.getByText('The page couldn’t be read. You can create the link anyway.').waitFor();
  await page.unroute('**/api/v1/link-preview?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('it leads to an address that is not public').waitFor();
  await createLink(page, 'inside-story');
  await close();
});

it('shows the icons of sites, and copies a short link from the menu', async () => {
  const { page, close } = await open();
  await page.route('**/api/v1/link-icons?*', (route) => {
    const hosts = new URL(route.request().url()).searchParams.get('hosts')?.split(',') ?? [];
    return route.fulfill({
      json: { rows: hosts.map((host) => ({ host, icon: host === 'duckdb.org' ? pixel : null })) },
    });
  });
  await page.reload();
  const row = page.getByRole('listitem').filter({ hasText: 'DuckDB documentation' });
  await expect.poll(() => row.locator('img').getAttribute('src')).toBe(pixel);
  expect(await page.getByRole('listitem').filter({ hasText: 'How Lambda works' }).locator('img').count()).toBe(0);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await row.getByRole('button', { name: 'More for DuckDB documentation' }).click();
  await row.getByRole('button', { name: 'Copy short link' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(`${stack.url}/duckdb`);
  await close();
});

it.each([
  { width: 360, scheme: 'light' },
  { width: 1440, scheme: 'dark' },
] as const)('fits at $width px in $scheme, with a menu and selected links, for axe too', async (look) => {
  const { page, close } = await open(look);
  await page.locator('.link-row').first().waitFor();
  await page.getByLabel('Select all').check();
  await savePicture(page, `links-selected-${look.width}-${look.scheme}`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))])).toEqual([]);
  await page.getByRole('button', { name: 'Add link' }).click();
  for (const summary of ['Password', 'Split test', 'Preview card', 'Schedule and click limit'])
    await page.locator('summary', { hasText: summary }).click();
  await page.getByRole('button', { name: 'Add destination' }).click();
  await page.getByLabel('Card title').fill('Half price until Friday');
  await savePicture(page, `new-link-${look.width}-${look.scheme}`);
  const dialog = await new AxeBuilder({ page }).include('dialog').setLegacyMode().analyze();
  expect(dialog.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))])).toEqual([]);
  await close();
});

import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '#test/api/world.ts';
import { launchChromium } from './chromium.ts';
import { savePicture } from './dashboard/save-picture.ts';

let browser: Browser;
let world: World;
beforeAll(async () => {
  [browser, world] = await Promise.all([launchChromium(), startWorld()]);
});
afterAll(() => Promise.all([browser.close(), world.stop()]));

interface OpenOptions {
  width?: number;
  colorScheme?: 'light' | 'dark';
  javaScriptEnabled?: boolean;
}

async function open({ width = 1440, colorScheme = 'light', javaScriptEnabled = true }: OpenOptions) {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const viewport = { width, height: 800 };
  const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled, permissions });
  const page = await context.newPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.route('**/*', async (route) => {
    requested.push(route.request().url());
    const response = await world.app.request(new URL(route.request().url()).pathname);
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    });
  });
  await page.goto(address);
  return { page, requested, complaints, close: () => context.close() };
}

const address = 'https://go.example/api/v1/reference';

function article(page: Page, name: string) {
  return page.getByRole('article').filter({ has: page.getByRole('heading', { name, exact: true }) });
}

describe('the API reference', () => {
  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('fits %i px in %s, is accessible, and loads nothing else', async (width, colorScheme) => {
    const { page, requested, complaints, close } = await open({ width, colorScheme });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    // All articles are alike, and axe takes a minute for the whole page.
    const contents = page.getByText('Contents');
    if (width === 360) await contents.click();
    await page.getByLabel('Search').fill('click limit');
    if (width === 360) await contents.click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(await article(page, 'Create link').isVisible()).toBe(true);
    await savePicture(page, `reference-${width}-${colorScheme}`);
    expect(requested).toEqual([address]);
    expect(complaints).toEqual([]);
    await close();
  });

  it('finds routes and objects by the words in them, and shows what a link leads to', async () => {
    const { page, close } = await open({});
    await page.getByLabel('Search').fill('split test nonsense');
    await expect.poll(() => page.getByRole('status').textContent()).toBe('Nothing found.');
    await page.getByLabel('Search').fill('CSV  rows');
    expect(await article(page, 'Import links').isVisible()).toBe(true);
    expect(await article(page, 'Create share').isVisible()).toBe(false);
    expect(await page.getByRole('navigation').getByRole('link', { name: 'Create share' }).isVisible()).toBe(false);
    await article(page, 'Import links').getByRole('link', { name: 'ImportResult' }).click();
    await expect.poll(() => article(page, 'ImportResult').isVisible()).toBe(true);
    expect(await article(page, 'Create share').isVisible()).toBe(true);
    await close();
  });

  it('shows all examples in the chosen language, also at the next visit, and copies them', async () => {
    const { page, close } = await open({});
    const example = article(page, 'Create link').getByRole('group', { name: 'Example request' });
    await example.getByText('TypeScript').click();
    await expect.poll(() => article(page, 'List links').getByText('await fetch').isVisible()).toBe(true);
    await page.reload();
    expect(await example.getByText("method: 'POST'").isVisible()).toBe(true);
    await example.getByRole('button', { name: 'Copy' }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('"code": "spring"');
    await close();
  });

  it('has contents that open and close on a phone, and shows both languages without script', async () => {
    const phone = await open({ width: 360 });
    const contents = phone.page.getByRole('navigation');
    await contents.getByText('Contents').click();
    await contents.getByRole('link', { name: 'Create link' }).click();
    await expect.poll(() => contents.getByRole('link', { name: 'Create link' }).isVisible()).toBe(false);
    expect(new URL(phone.page.url()).hash).toBe('#createLink');
    await phone.close();
    const plain = await open({ javaScriptEnabled: false });
    const example = article(plain.page, 'Create link').getByRole('group', { name: 'Example request' });
    await example.getByText('TypeScript').click();
    expect(await example.getByText("method: 'POST'").isVisible()).toBe(true);
    expect(await plain.page.getByRole('searchbox').isVisible()).toBe(false);
    await plain.close();
  });
});

import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { launchChromium } from '../chromium.ts';
import { fixtureNow, hostile, type Role, serveFixtures } from './fixture-api.ts';
import { signIn } from './sign-in.ts';

/**
 * Every view as people see it, served by the local stack under its own policy. The API's answers are fixed, so that a
 * picture of today and one of tomorrow differ only where the dashboard does. Pictures go to `.local/screenshots`.
 */

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-views-'));
const pictures = path.join(import.meta.dirname, '../../../.local/screenshots');
let stack: LocalStack;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  [stack, browser] = await Promise.all([
    startLocalStack({ dataDirectory: directory, port: 0, schedules: false }),
    launchChromium(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  rmSync(directory, { recursive: true });
});

interface Look {
  width: number;
  scheme: 'light' | 'dark';
  /** One look at each width and in each scheme is audited: the audit takes most of the time. */
  audited?: true;
}

const looks: readonly Look[] = [
  { width: 360, scheme: 'light', audited: true },
  { width: 360, scheme: 'dark' },
  { width: 1440, scheme: 'light' },
  { width: 1440, scheme: 'dark', audited: true },
];

/** Signs in as a role and answers what the API is asked; `complaints` collects what the console says. */
const open = async ({ width, scheme }: Look, role: Role = 'admin', fail?: RegExp) => {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    timezoneId: 'Europe/Vienna',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await serveFixtures(page, role, fail);
  await signIn(page, stack.url, role);
  await page.clock.setFixedTime(fixtureNow);
  return { context, page, complaints };
};

/** Goes to a view within the session of the tab. */
const visit = async (page: Page, view: string): Promise<void> => {
  await page.evaluate((to) => {
    history.pushState(null, '', `/app${to}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, view);
  await page.locator('main h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
};

const fits = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

const audit = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
};

const views = {
  overview: '/pages/ada/overview?compare=previous',
  filtered: '/pages/ada/overview?country=AT&city=Wien&range=7d',
  links: '/pages/ada/links',
  ledger: '/pages/ada/ledger',
  live: '/pages/ada/live',
  editor: '/pages/ada/editor',
  settings: '/pages/ada/settings',
  link: '/links/ada-1/overview',
  share: '/links/ada-1/share',
  edit: '/links/ada-1/edit',
  agency: '/agencies/engines/overview',
  agencies: '/agencies',
  pages: '/pages',
  import: '/import',
  people: '/people',
  keys: '/keys',
  unknown: '/nowhere',
};

describe.each(looks)('at $width px in $scheme', (look) => {
  it('shows every view within its width, without a complaint, open to all', async () => {
    const { context, page, complaints } = await open(look);
    const problems: Record<string, unknown> = {};
    for (const [name, view] of Object.entries(views)) {
      await visit(page, view);
      await page.screenshot({ path: path.join(pictures, `${name}-${look.width}-${look.scheme}.png`), fullPage: true });
      const found = { overflow: Math.max(0, await fits(page)), axe: look.audited ? await audit(page) : [] };
      if (found.overflow > 0 || found.axe.length > 0) problems[name] = found;
    }
    expect(problems).toEqual({});
    expect(complaints).toEqual([]);
    await context.close();
  }, 120_000);
});

it('shows hostile texts as text', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  for (const view of [views.overview, views.links, views.agency, views.editor]) {
    await visit(page, view);
    expect(await page.getByText(hostile.slice(0, 20)).count(), view).toBeGreaterThan(0);
    expect(await page.title(), view).toContain('Hopcount');
    expect(await page.locator('img').count(), view).toBe(0);
  }
  await context.close();
});

describe('panels fail alone', () => {
  it('shows the settled lists while the counters fail', async () => {
    const { context, page } = await open({ width: 1440, scheme: 'light' }, 'creator', /\/stats$/);
    await page.getByRole('region', { name: 'Links' }).getByText('Bernoulli numbers').waitFor();
    await page.getByRole('region', { name: 'Traffic' }).getByRole('alert').waitFor();
    await page.screenshot({ path: path.join(pictures, 'counters-fail-1440-light.png'), fullPage: true });
    await context.close();
  });

  it('shows the counters while the settled lists fail', async () => {
    const { context, page } = await open({ width: 360, scheme: 'light' }, 'creator', /\/dashboard$/);
    await page.getByRole('region', { name: 'Links' }).getByRole('alert').waitFor();
    await page.getByRole('region', { name: 'Totals' }).getByText('31,320').waitFor();
    await context.close();
  });
});

it('reads the chart as a table, and keeps what it shows in the address', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  await visit(page, views.overview);
  const traffic = page.getByRole('region', { name: 'Traffic' });
  await traffic.getByRole('button', { name: 'Table' }).click();
  expect(await traffic.getByRole('row').count()).toBe(31);
  await page.getByRole('button', { name: '7 days' }).click();
  await page.getByRole('button', { name: /Austria/ }).click();
  await page.getByLabel('Time zone', { exact: true }).selectOption('Asia/Tokyo');
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    compare: 'previous',
    range: '7d',
    country: 'AT',
    tz: 'Asia/Tokyo',
  });
  await page.goBack();
  expect(new URL(page.url()).searchParams.get('tz')).toBeNull();
  await page.getByRole('button', { name: /Austria.*remove filter/ }).click();
  expect(new URL(page.url()).searchParams.get('country')).toBeNull();
  await context.close();
});

it('keeps the chosen appearance', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Dark' }).click();
  expect(await ground()).not.toBe(light);
  await page.reload();
  expect(await ground()).not.toBe(light);
  await context.close();
});

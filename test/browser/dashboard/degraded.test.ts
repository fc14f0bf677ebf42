import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { click, temporaryDirectory } from '../../pipeline/stack-facts.ts';
import { launchChromium } from '../chromium.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';

/** What a creator sees while stores fail in the running stack: one banner says so, the panels keep what they had, and recover. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let browser: Browser;
let page: Page;

const stale = /Temporarily unavailable. Showing data from \d\d:\d\d/;
const noAnswer = 'A data store is unavailable. Try again shortly.';
const overview = '/app/pages/demo/overview?range=7d';

beforeAll(async () => {
  [stack, browser] = await Promise.all([
    startLocalStack({
      dataDirectory: directory,
      port: 0,
      schedules: false,
      allowReplay: true,
      batchWindowSeconds: 0.3,
    }),
    launchChromium(),
  ]);
  const noonOfYesterday = `${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)}T12:00:00Z`;
  for (const code of ['duckdb', 'parquet'])
    await click(`${stack.url}/${code}`, { headers: { 'x-replay-ip': '8.8.8.8', 'x-replay-time': noonOfYesterday } });
  expect((await stack.idle()).idle).toBe(true);
  await stack.invoke(stack.outputs.SettleFunction, { time: new Date().toISOString() });
  // Bypasses caches, as a reload with Ctrl and Shift does.
  const extraHTTPHeaders = { 'cache-control': 'no-cache' };
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, extraHTTPHeaders })).newPage();
  await signIn(page, stack.url, 'creator', '/demo');
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  remove();
});

function open(view: string): Promise<unknown> {
  return page.goto(`${stack.url}${view}`);
}
function panel(name: string) {
  return page.getByRole('region', { name, exact: true });
}
function clicksAre(value: string): Promise<void> {
  return vi.waitFor(
    async () => {
      const figure = panel('Totals').locator('.figure', { hasText: /^\s*Clicks/ });
      expect(await figure.locator('.figure-value').innerText()).toBe(value);
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** The one place that says what failed. */
function banner() {
  return page.locator('.banner');
}

async function picture(name: string): Promise<void> {
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await savePicture(page, `${name}-${width}-light`);
  }
}

it('shows the last loaded data in every panel that uses the counters, and its time once', async () => {
  await open(overview);
  await clicksAre('2');
  await panel('Links').getByText('DuckDB documentation').waitFor();
  stack.serviceFaults.set({ rollups: 'failing' });
  await page.reload();
  await banner().getByText(stale).waitFor();
  await panel('Links').getByText('DuckDB documentation').waitFor();
  await panel('Places').getByText('United States').waitFor();
  for (const name of ['Totals', 'Traffic', 'Links', 'World', 'Places', 'Sources', 'Technology', 'UTM', 'Visits'])
    await expect.poll(() => panel(name).getByText(stale).count()).toBe(0);
  expect(await banner().count()).toBe(1);
  await clicksAre('2');
  await picture('counters-stale');
});

it('shows an error where there is no earlier data', async () => {
  await open('/app/pages/demo/live');
  await banner().getByText(noAnswer).waitFor();
  await banner().getByRole('button', { name: 'Try again' }).waitFor();
  await panel('Last 30 minutes').getByText('Not available.').waitFor();
  await open('/app/pages/demo/overview?range=90d');
  await banner().getByText(noAnswer).waitFor();
  for (const name of ['Totals', 'Links']) await panel(name).getByText('Not available.').waitFor();
  await picture('counters-unavailable');
});

it('recovers without a reload', async () => {
  await page.clock.install();
  await open(overview);
  await banner().getByText(stale).waitFor();
  stack.serviceFaults.set({ rollups: 'working' });
  // Totals and parts refresh every 15 seconds.
  await vi.waitFor(
    async () => {
      await page.clock.fastForward(15_000);
      expect(await page.getByText(stale).count()).toBe(0);
    },
    { timeout: 120_000, interval: 500 },
  );
  await clicksAre('2');
});

it('shows a filtered view with its last loaded data while Athena fails, and the unfiltered view live', async () => {
  await open(`${overview}&country=US`);
  await clicksAre('2');
  await panel('Links').getByText('DuckDB documentation').waitFor();
  stack.serviceFaults.set({ athena: 'failing' });
  await page.reload();
  await banner().getByText(stale).waitFor();
  await clicksAre('2');
  await open(overview);
  await clicksAre('2');
  expect(await page.getByText(stale).count()).toBe(0);
  stack.serviceFaults.set({ athena: 'working' });
});

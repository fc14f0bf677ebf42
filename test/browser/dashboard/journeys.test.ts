import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { exportSchema, exportsSchema } from '#schemas/api/exports.ts';
import { linkInputSchema, pageSchema, type Role } from '#schemas/catalog.ts';
import { click, temporaryDirectory } from '../../pipeline/stack-facts.ts';
import { launchChromium } from '../chromium.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';

/** User journeys through the dashboard, against the synthesized stack. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let browser: Browser;

const phone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';

/** Noon of yesterday, a day that settles. */
const yesterday = `${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)}T12:00:00Z`;

/** Past clicks: two from one city, one from another, and one by a bot. */
async function replay(): Promise<void> {
  const visits = [
    { ip: '8.8.8.8', code: 'duckdb' },
    { ip: '8.8.4.4', code: 'duckdb' },
    { ip: '193.99.144.80', code: 'parquet?utm_id=newsletter-11' },
  ];
  for (const [index, { ip, code }] of visits.entries()) {
    const time = new Date(Date.parse(yesterday) + index * 60_000).toISOString();
    const headers = { 'x-replay-ip': ip, 'x-replay-time': time };
    expect((await click(`${stack.url}/${code}`, { headers })).status).toBe(302);
  }
  const headers = { 'x-replay-ip': '8.8.8.8', 'x-replay-time': yesterday, 'user-agent': 'Googlebot/2.1' };
  await click(`${stack.url}/duckdb`, { headers });
  expect((await stack.idle()).idle).toBe(true);
}

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
  await replay();
  await stack.invoke(stack.outputs.SettleFunction, { time: new Date().toISOString() });
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  remove();
});

async function as(role: Role, target?: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  const page = await context.newPage();
  await signIn(page, stack.url, role, target);
  return { page, close: () => context.close() };
}

function figure(page: Page, name: string): Promise<string> {
  return page
    .getByRole('region', { name: 'Totals' })
    .locator('.figure', { hasText: new RegExp(`^\\s*${name}`) })
    .locator('.figure-value')
    .innerText();
}
function figureIs(page: Page, name: string, value: string): Promise<void> {
  return vi.waitFor(async () => expect(await figure(page, name)).toBe(value), { timeout: 60_000, interval: 200 });
}

describe('signing in', () => {
  it('opens the start view of each role, and no page of others', async () => {
    const admin = await as('admin');
    await admin.page.getByRole('link', { name: 'Hopcount demo' }).waitFor();
    await expect.poll(() => new URL(admin.page.url()).pathname).toBe('/app/pages');
    await admin.close();

    const creator = await as('creator', '/demo');
    await creator.page.getByRole('heading', { name: 'Hopcount demo' }).waitFor();
    await expect.poll(() => new URL(creator.page.url()).pathname).toBe('/app/pages/demo/overview');
    expect(await creator.page.getByRole('link', { name: 'Users' }).count()).toBe(0);
    await creator.close();

    const agency = await as('agency', 'engines');
    await agency.page.getByRole('heading', { name: 'engines' }).waitFor();
    await agency.page.goto(`${stack.url}/app/pages/demo/overview`);
    await agency.page.getByText('The page doesn’t exist, or you don’t have access to it.').waitFor();
    await agency.close();
  });

  it('survives a reload, and ends when the user signs out', async () => {
    const { page, close } = await as('creator', '/demo');
    await page.reload();
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByText('creator-demo@localhost').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await close();
  });
});

it('shows live what was sent, one by one and without a reload', async () => {
  const at = new Date().toISOString();
  await stack.catalog.putPage(pageSchema.parse({ path: '/live', title: 'Live', createdAt: at, updatedAt: at }));
  await stack.catalog.importLinks([
    linkInputSchema.parse({
      code: 'shown',
      page: '/live',
      url: 'https://example.com/shown',
      title: 'Shown',
      createdAt: at,
      updatedAt: at,
    }),
  ]);
  const { page, close } = await as('creator', '/live');
  await page.goto(`${stack.url}/app/pages/live/live`);
  const feed = page.getByRole('region', { name: 'Last events' });
  await feed.getByText('Waiting for views and clicks.').waitFor();
  const instagram = { referer: 'https://l.instagram.com/', 'user-agent': phone };
  expect((await click(`${stack.url}/shown`, { headers: instagram })).status).toBe(302);
  await click(`${stack.url}/shown`, { headers: { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' } });
  await stack.idle();

  const counted = feed.getByRole('listitem').filter({ hasText: 'Counted' });
  expect(await counted.getByRole('heading').innerText()).toBe('Click on shown');
  await counted.getByText('Phone · Instagram').waitFor();
  const bot = feed.getByRole('listitem').filter({ hasText: 'Bot:' });
  await bot.getByRole('heading', { name: 'Click on shown' }).waitFor();
  expect(await feed.getByText(/127\.0\.0\.1|iPhone|Mozilla/).count()).toBe(0);

  const links = page.getByRole('region', { name: /^Links since/ });
  // Lists are read again every 15 seconds.
  await links.getByRole('link', { name: 'Shown' }).waitFor();
  expect(await links.getByRole('listitem').allInnerTexts()).toEqual([expect.stringMatching(/^Shown\s+1\s/)]);
  const sources = page.getByRole('region', { name: /^Sources since/ });
  await sources.getByText('Social').waitFor();
  expect(await sources.getByRole('listitem').count()).toBe(1);

  await page.getByRole('button', { name: 'Pause updates' }).click();
  await feed.getByText('Paused at').waitFor();
  await click(`${stack.url}/shown`, { headers: { 'user-agent': phone, 'x-replay-ip': '8.8.8.8' } });
  await stack.idle();
  expect(await feed.getByRole('listitem').count()).toBe(2);
  await page.getByRole('button', { name: 'Resume updates' }).click();
  await expect.poll(() => feed.getByRole('listitem').count()).toBe(3);
  await savePicture(page, 'live-feed-1440-light');
  await close();
});

it('creates a link, clicks it, and sees the count move', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.clock.install();
  await page.goto(`${stack.url}/app/pages/demo/links`);
  await page.getByRole('button', { name: 'Add link' }).click();
  await page.getByLabel('Destination', { exact: true }).fill('https://example.com/launch');
  await page.getByLabel('Title', { exact: true }).fill('Launch');
  await page.getByLabel('Short code').fill('api');
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByText('a code that is not reserved').waitFor();
  await page.getByLabel('Short code').fill('launch');
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByRole('img', { name: `QR code of ${stack.url}/launch` }).waitFor();

  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download PNG' }).click();
  expect((await saving).suggestedFilename()).toBe('qr-launch.png');

  await page.getByRole('link', { name: 'Overview' }).click();
  await figureIs(page, 'Clicks', '0');
  for (const _ of [1, 2, 3]) expect((await click(`${stack.url}/launch`)).status).toBe(302);
  await stack.idle();
  // The overview refreshes every 15 seconds.
  await page.clock.fastForward(15_000);
  await figureIs(page, 'Clicks', '3');
  await page.goto(`${stack.url}/app/pages/demo/live`);
  await page.getByText('3 in the last 5 min').waitFor();
  await close();
});

it('leads with clicks where links are followed without a view, and shows no rates', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/overview?range=7d`);
  const totals = page.getByRole('region', { name: 'Totals' });
  await totals.locator('.figure').first().waitFor();
  const names = await totals.locator('.figure dt').allInnerTexts();
  expect(names.map((name) => name.split(/\s/u)[0])).toEqual(['Clicks', 'Daily', 'Sessions']);
  const visits = page.getByRole('region', { name: 'Visits' });
  await visits.getByText('it has no bounce rate and no duration').waitFor();
  expect(await visits.locator('dl').count()).toBe(0);
  await page.getByText(/As of \d\d:\d\d .* · UTC/).waitFor();
  await close();
});

it('shows one number and one change for a page, at home, in its overview and in its agency', async () => {
  const stored = await stack.catalog.getPage('/demo');
  if (stored === undefined) throw new Error('the demo page is missing');
  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/pages/demo/overview?range=7d&compare=previous`);
  const figures = page.getByRole('region', { name: 'Totals' }).locator('.figure', { hasText: /^\s*Clicks/ });
  await figures.locator('.delta').waitFor();
  const clicks = await figures.locator('.figure-value').innerText();
  const change = await figures.locator('.delta').innerText();
  expect(Number(clicks)).toBeGreaterThanOrEqual(3);
  await page.goto(`${stack.url}/app/pages?range=7d`);
  const row = page.getByRole('row', { name: new RegExp(stored.title) });
  await row.waitFor();
  const cells = await row.getByRole('cell').allInnerTexts();
  expect(cells[2]).toBe(clicks);
  expect(change === 'no previous data' ? '–' : change).toContain(cells[4]);
  // The canary's page is the stack's own.
  expect(await page.getByText('/_canary').count()).toBe(0);
  await close();
});

it('says when the lists of a day that has not settled are available', async () => {
  const { page, close } = await as('creator', '/demo');
  const today = new Date().toISOString().slice(0, 10);
  await click(`${stack.url}/parquet?utm_source=newsletter`);
  await stack.idle();
  await page.goto(`${stack.url}/app/pages/demo/overview?from=${today}&to=${today}`);
  const values = page.getByRole('region', { name: 'UTM' });
  await values.getByText(/Available after the day settles \(≈ \d+ \w+, 00:25, UTC\)\./).waitFor();
  expect(await page.getByText('No clicks in this period.').count()).toBe(0);
  await page.getByRole('region', { name: 'Links', exact: true }).getByText('Parquet').first().waitFor();
  await close();
});

it('filters by city and country, and names the source of the numbers', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/overview?range=7d`);
  const places = page.getByRole('region', { name: 'Places' });
  await places.getByRole('button', { name: 'Cities' }).click();
  // Only city rows have a country in small print; until they load, the list shows countries or nothing.
  const first = places
    .getByRole('listitem')
    .filter({ has: page.locator('small') })
    .first();
  await first.waitFor();
  expect(await first.locator('.bar-value').innerText()).toBe('2');
  await first.getByRole('button').click();
  await expect.poll(() => new URL(page.url()).searchParams.get('city')).toMatch(/^US\//);
  await figureIs(page, 'Clicks', '2');
  await page.getByText('From stored events, as of').waitFor();
  await close();
});

it('breaks down and filters by a dimension that one entry declares', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/overview?range=7d`);
  const values = page.getByRole('region', { name: 'UTM' });
  await values.getByRole('button', { name: 'ID', exact: true }).click();
  const row = values.getByRole('listitem').filter({ hasText: 'newsletter-11' });
  await row.waitFor();
  expect(await row.locator('.bar-value').innerText()).toBe('1');
  await row.getByRole('button').click();
  expect(new URL(page.url()).searchParams.get('utm_id')).toBe('newsletter-11');
  await page.getByRole('button', { name: 'UTM ID is newsletter-11 (edit filter)' }).waitFor();
  await figureIs(page, 'Clicks', '1');
  await page.getByRole('region', { name: 'Links' }).getByText('Parquet').first().waitFor();
  await close();
}, 60_000);

it('compares with the previous period', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/links/duckdb/overview?range=7d`);
  await page.getByLabel('Comparison').selectOption('previous');
  await page.getByRole('region', { name: 'Totals' }).getByText('no previous data').first().waitFor();
  await figureIs(page, 'Clicks', '2');
  await close();
});

it('shows why an event is not counted, previews a rule that counts it, and applies the rule', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/ledger?range=7d`);
  await page.getByRole('heading', { name: 'Bots' }).waitFor();
  await page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: 'Bots' }) })
    .getByText('Show examples')
    .click();
  await page
    .getByRole('row', { name: /Googlebot/ })
    .getByRole('button', { name: 'Count these…' })
    .click();
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('Changes 1 event in 1 hour').waitFor();
  await page.getByText('3 → 4').waitFor();
  await page.getByRole('button', { name: 'Apply rule' }).click();
  await page.getByText('Rule applied.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  const rules = page.getByRole('region', { name: 'Reclassification rules' });
  await rules.getByText('Googlebot').waitFor();
  await rules.getByRole('button', { name: 'Remove rule' }).click();
  await rules.getByText('No rules yet.').waitFor();
  await close();
});

it('shares a page read-only, and revokes the share link', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=sharing`);
  const shares = page.getByRole('region', { name: 'Share links' });
  const url = await createShare(page, { name: 'The sponsor' });

  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(url);
  await stranger.getByRole('heading', { name: 'Hopcount demo' }).waitFor();
  await stranger.getByRole('region', { name: 'Totals' }).waitFor();
  await stranger.getByLabel('Period', { exact: true }).selectOption('7d');
  await stranger.getByRole('button', { name: 'Outcomes', exact: true }).click();
  await stranger.getByRole('heading', { name: 'Counted', exact: true }).waitFor();
  expect(await stranger.getByRole('button', { name: 'Add rule' }).count()).toBe(0);

  await page.getByRole('button', { name: 'Close' }).click();
  await shares.getByRole('button', { name: 'Revoke link' }).click();
  await shares.getByText('Revoked').waitFor();
  await stranger.reload();
  await stranger.getByRole('heading', { name: 'This share link is invalid or has expired' }).waitFor();
  await stranger.context().close();
  await close();
});

/** Creates a share link in the settings, and leaves its dialog open. @returns the link */
async function createShare(
  page: Page,
  { name, password = '', site = '' }: { name: string; password?: string; site?: string },
) {
  await page.getByRole('button', { name: 'New share link' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByLabel('Sites that may embed it').fill(site);
  await dialog.getByLabel('Sites that may embed it').press('Tab');
  await dialog.getByRole('button', { name: 'Create share link' }).click();
  await dialog.getByText('You won’t be able to see it again.').waitFor();
  return dialog.locator('.secret code').innerText();
}

it('asks for the password of a share link, and takes it away again', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=sharing`);
  const url = await createShare(page, { name: 'The press', password: 'open-sesame' });
  await page.getByRole('button', { name: 'Close' }).click();

  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(url);
  await stranger.getByLabel('Password').fill('open-barley');
  await stranger.keyboard.press('Enter');
  await stranger.getByRole('alert').getByText('Wrong password.').waitFor();
  expect(await stranger.getByText('Hopcount demo').count()).toBe(0);
  await stranger.getByLabel('Password').fill('open-sesame');
  await stranger.keyboard.press('Enter');
  await stranger.getByRole('region', { name: 'Totals' }).waitFor();
  await stranger.reload();
  await stranger.getByRole('region', { name: 'Totals' }).waitFor();

  const row = page.getByRole('listitem').filter({ hasText: 'The press' });
  await row.getByText('Password', { exact: true }).waitFor();
  await row.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByLabel('Remove the password').check();
  await page.getByRole('button', { name: 'Save share link' }).click();
  await row.getByText('Password', { exact: true }).waitFor({ state: 'detached' });
  const other = await (await browser.newContext()).newPage();
  await other.goto(url);
  await other.getByRole('region', { name: 'Totals' }).waitFor();
  await other.context().close();
  await stranger.context().close();
  await close();
});

it('shows a share in a frame of the sites that may embed it, also where storage is forbidden, and in no others', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=sharing`);
  // On this machine, because Chromium asks before a public site may load a local one.
  let body = '';
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(body));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const site = `http://localhost:${port}`;
  await createShare(page, { name: 'Our site', password: 'open-sesame', site: `${site}/stats` });
  const frame = await page.getByRole('dialog').locator('pre code').innerText();
  expect(frame).toMatch(/^<iframe src="[^"]+\/app\/embed\/[\w-]{16}\?theme=system#[^"]+" title="Statistics of [^"]+" /);

  const context = await browser.newContext();
  await context.addInitScript(() => {
    if (window.top === window) return;
    for (const storage of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, storage, {
        get: () => {
          throw new DOMException('Access is denied for this document.', 'SecurityError');
        },
      });
  });
  body = `<!doctype html><title>A site</title>${frame.replace('theme=system', 'theme=dark')}`;
  const blog = await context.newPage();
  await blog.goto(site);
  const shown = blog.frameLocator('iframe');
  await shown.getByLabel('Password').fill('open-sesame');
  await shown.getByRole('button', { name: 'Show statistics' }).click();
  await shown.getByRole('region', { name: 'Totals' }).waitFor();
  await shown.getByRole('button', { name: 'Live', exact: true }).click();
  await shown.getByRole('region', { name: 'Last 30 minutes' }).waitFor();
  expect(await shown.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await shown.getByRole('link', { name: 'Hopcount home' }).count()).toBe(0);

  const refused: string[] = [];
  blog.on('console', (message) => refused.push(message.text()));
  await blog.goto(`http://127.0.0.1:${port}`);
  await expect.poll(() => refused.join()).toContain(`frame-ancestors ${site}`);
  expect(await blog.frameLocator('iframe').getByLabel('Password').count()).toBe(0);
  await context.close();
  server.close();
  await close();
});

it('exports the events of a page', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=data`);
  const exports = page.getByRole('region', { name: 'Exports' });
  await exports.getByRole('button', { name: 'Export events' }).click();
  await exports.getByRole('link', { name: 'Download' }).waitFor();
  await exports.getByText(/\d+ events/).waitFor();
  await close();
});

it('imports valid rows of a file whose columns the user names, and lists the others with their errors', async () => {
  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/import`);
  const panel = page.getByRole('region', { name: 'Links to import' });
  await panel
    .getByLabel('Or paste CSV or JSON')
    .fill('Printed as;url;Created\nautumn;https://example.com/autumn;2024-01-02 03:04\nwinter;ftp://example.com/w;\n');
  await page.getByText('No column is `code`').waitFor();
  await page.getByLabel('Import Printed as as').selectOption('code');
  await page.getByText(/^Times in the column `Created` name no time zone/).waitFor();
  expect(await panel.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
  await panel.getByLabel('Time zone of the file').selectOption('Europe/Vienna');
  await panel.getByText('Choose a page: the file has no column for it.').waitFor();
  await panel.getByLabel('Page').selectOption('/demo');
  await panel.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('1 link to import, 1 row with errors, of 2 rows.').waitFor();
  await page.getByRole('row', { name: /^3 url .*a URL with one of the schemes/ }).waitFor();
  await panel.getByRole('button', { name: 'Import links' }).click();
  await page.getByText('1 link imported').waitFor();
  await page.getByRole('link', { name: 'import their history' }).waitFor();
  expect(await stack.catalog.getLink('autumn')).toMatchObject({ createdAt: '2024-01-02T02:04:00.000Z' });
  expect((await click(`${stack.url}/autumn`)).headers.get('location')).toBe('https://example.com/autumn');
  await close();
});

it('saves each section of the settings by itself, and keeps edits of the others', async () => {
  const { page, close } = await as('creator', '/demo');
  const sections = page.getByRole('navigation', { name: 'Settings' });
  await page.goto(`${stack.url}/app/pages/demo/settings`);
  await page.getByLabel('Monthly goal').fill('12400');
  await sections.getByRole('link', { name: 'Tracking' }).click();
  const sites = page.getByRole('combobox', { name: 'Sites with the tracker' });
  await sites.fill('ada.example/notes');
  await sites.press('Enter');
  await page.getByRole('button', { name: 'Remove https://ada.example' }).waitFor();
  await sections.getByRole('link', { name: 'Alerts' }).click();
  await page.getByLabel('Sensitivity').selectOption('high');
  await page.getByRole('button', { name: 'Save alert settings' }).click();
  await page.getByText('Settings saved.').waitFor();
  const saved = await stack.catalog.getPage('/demo');
  expect(saved).toMatchObject({ alerts: { sensitivity: 'high', goal: null } });
  expect(saved?.origins).not.toContain('https://ada.example');

  await sections.getByRole('link', { name: 'General, not saved' }).click();
  expect(await page.getByLabel('Monthly goal').inputValue()).toBe('12400');
  await page.getByRole('button', { name: 'Save general settings' }).click();
  await page.getByText('Settings saved.').waitFor();
  await sections.getByRole('link', { name: 'Tracking, not saved' }).click();
  await page.getByRole('button', { name: 'Save tracking settings' }).click();
  await page.getByText('Settings saved.').waitFor();
  expect(await stack.catalog.getPage('/demo')).toMatchObject({
    origins: [...(saved?.origins ?? []), 'https://ada.example'],
    alerts: { sensitivity: 'high', goal: 12_400 },
  });
  expect(await sections.getByRole('link', { name: /not saved/ }).count()).toBe(0);
  await close();
});

it('does not overwrite settings that someone else has saved meanwhile', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings`);
  await page.getByLabel('Monthly goal').fill('99');
  const stored = await stack.catalog.getPage('/demo');
  if (stored === undefined) throw new Error('the demo page is missing');
  const updatedAt = new Date(Date.now() + 1000).toISOString();
  await stack.catalog.putPage({ ...stored, timeZone: 'Europe/Vienna', updatedAt });
  await page.getByRole('button', { name: 'Save general settings' }).click();
  await page.getByText('It has changed since you loaded it.').waitFor();
  expect((await stack.catalog.getPage('/demo'))?.timeZone).toBe('Europe/Vienna');

  await page.getByRole('button', { name: 'Load the stored settings' }).click();
  await expect.poll(() => page.getByLabel('Time zone').inputValue()).toBe('Europe/Vienna');
  expect(await page.getByLabel('Monthly goal').inputValue()).toBe('99');
  await page.getByRole('button', { name: 'Save general settings' }).click();
  await page.getByText('Settings saved.').waitFor();
  expect(await stack.catalog.getPage('/demo')).toMatchObject({ timeZone: 'Europe/Vienna', alerts: { goal: 99 } });
  await stack.catalog.putPage({ ...stored, updatedAt: new Date(Date.now() + 2000).toISOString() });
  await close();
});

it('chooses recipients of mails among people with access, or by their address', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=mails`);
  const recipients = page.getByRole('combobox', { name: 'Recipients' });
  await recipients.click();
  await page.getByRole('option', { name: /creator-demo@localhost/ }).waitFor();
  await recipients.fill('grace@example.org');
  await page.getByRole('option', { name: 'grace@example.org' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Save mail settings' }).click();
  await page.getByRole('list', { name: 'Confirmations' }).getByText('Waiting for confirmation').waitFor();
  await page.getByRole('button', { name: 'Remove grace@example.org' }).click();
  await page.getByRole('button', { name: 'Save mail settings' }).click();
  await page.getByText('Settings saved.').waitFor();
  expect((await stack.catalog.getPage('/demo'))?.alerts?.recipients).toEqual([]);
  await close();
});

it('designs the link page: picture, color, theme, sections and icons', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/editor`);
  const png = await page.screenshot();
  await page.getByLabel('Picture').setInputFiles({ name: 'ada.png', mimeType: 'image/png', buffer: png });
  await page.getByRole('button', { name: 'Remove picture' }).waitFor();
  await page.getByLabel('Accent color').fill('#ffe000');
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
  await page.getByLabel('New section').fill('Manuals');
  await page.getByLabel('New section').press('Enter');
  await page.getByLabel('Place of DuckDB documentation').selectOption('Manuals');
  await page.getByLabel('Name of section 1').fill('Handbooks');
  await page.getByLabel('Name of section 1').press('Enter');
  await page.getByRole('button', { name: 'Save link page' }).click();
  await page.getByText('Link page saved.').waitFor();
  expect((await stack.catalog.getPage('/demo'))?.design).toEqual({
    picture: expect.stringMatching(/^data:image\/webp;base64,.{100,6000}$/),
    accent: '#ffe000',
    theme: 'dark',
    sections: ['Handbooks'],
  });
  expect((await stack.catalog.getLink('duckdb'))?.section).toBe('Handbooks');
  await close();
});

it('orders the link page', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/editor`);
  await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Demo, reordered');
  await page.getByRole('button', { name: 'Move DuckDB documentation up' }).click();
  await page.getByRole('button', { name: 'Move DuckDB documentation up' }).click();
  await page.getByRole('button', { name: 'Save link page' }).click();
  await page.getByText('Link page saved.').waitFor();
  const { rows } = await stack.catalog.listLinksOfPage('/demo');
  const [first] = rows.toSorted((a, b) => (a.position ?? 99) - (b.position ?? 99));
  expect(first?.code).toBe('duckdb');
  expect((await stack.catalog.getPage('/demo'))?.title).toBe('Demo, reordered');
  await close();
});

it('creates an API key that works until it is revoked', async () => {
  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/keys`);
  await page.getByLabel('Name').fill('Warehouse');
  await page.getByRole('button', { name: 'Create key' }).click();
  const secret = await page.locator('.secret code').innerText();
  function ask() {
    return fetch(`${stack.url}/api/v1/pages`, { headers: { authorization: `Bearer ${secret}` } });
  }
  expect((await ask()).status).toBe(200);
  await page.getByRole('button', { name: 'Revoke key' }).click();
  await page.getByText('No keys yet.').waitFor();
  expect((await ask()).status).toBe(401);
  await close();
});

it('invites a user, who can sign in with the invited role until they are removed', async () => {
  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/users`);
  await page.getByLabel('Email address').fill('grace@example.com');
  await page.getByRole('combobox', { name: 'Pages' }).fill('demo');
  await page.getByRole('option', { name: /\/demo/ }).click();
  await page
    .getByRole('button', { name: /^Remove/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await page.getByText('Invitation sent.').waitFor();
  const users = page.getByRole('region', { name: 'All users' });
  const row = users.getByRole('listitem').filter({ hasText: 'grace@example.com' });
  await row.getByText('Creator · /demo').waitFor();
  expect(await row.getByText('Invited', { exact: true }).count()).toBe(1);
  const outbox = await (await fetch(`${stack.url}/_local/outbox`)).text();
  expect(outbox).toContain('to grace@example.com');

  const guest = await (await browser.newContext()).newPage();
  await guest.goto(`${stack.url}/app/`);
  await guest.getByRole('button', { name: 'Sign in' }).click();
  await guest
    .locator('section', { has: guest.getByRole('heading', { name: 'grace@example.com' }) })
    .getByRole('button', { name: 'Continue as this user' })
    .click();
  await guest.getByRole('heading', { name: /Demo/ }).waitFor();
  await expect.poll(() => new URL(guest.url()).pathname).toBe('/app/pages/demo/overview');
  expect(await guest.getByRole('link', { name: 'Users' }).count()).toBe(0);

  await page.reload();
  await row.waitFor();
  expect(await row.getByText('Invited', { exact: true }).count()).toBe(0);
  await row.getByRole('button', { name: 'Remove user' }).click();
  await row.waitFor({ state: 'detached' });
  await guest.reload();
  await guest.getByRole('heading', { name: /Demo/ }).waitFor({ state: 'detached' });
  expect(await guest.getByRole('region', { name: 'Totals' }).count()).toBe(0);
  await guest.context().close();
  await close();
});

/** Exports the demo page's events and returns the lines of the file, with the header. */
async function exportedLines(page: Page): Promise<string[]> {
  const starting = page.waitForResponse(
    (response) => response.url().endsWith('/exports') && response.request().method() === 'POST',
  );
  await page.getByRole('region', { name: 'Exports' }).getByRole('button', { name: 'Export events' }).click();
  const { id } = exportSchema.parse(await (await starting).json());
  let url: string | null = null;
  await page.waitForResponse(
    async (response) => {
      if (!response.url().includes('/exports?')) return false;
      url = exportsSchema.parse(await response.json()).rows.find((row) => row.id === id)?.url ?? null;
      return url !== null;
    },
    { timeout: 60_000 },
  );
  return (await (await fetch(url ?? '')).text()).trim().split(/\r?\n/);
}

it('lets only admins erase a visitor', async () => {
  const creator = await as('creator', '/demo');
  await creator.page.goto(`${stack.url}/app/pages/demo/settings?section=data`);
  await creator.page.getByRole('region', { name: 'Exports' }).waitFor();
  expect(await creator.page.getByRole('region', { name: 'Erase a visitor' }).count()).toBe(0);
  await creator.close();

  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=data`);
  const [columns = '', ...rows] = await exportedLines(page);
  function cellOf(row: string, column: string): string {
    return row.split(',')[columns.split(',').indexOf(column)] ?? '';
  }
  // The visitor who followed this link has followed no other.
  const visitor = rows
    .map((row) => (cellOf(row, 'link_id').startsWith('parquet~') ? cellOf(row, 'visitor_id') : ''))
    .join('');
  expect(visitor).toMatch(/^'?-?\d+$/);

  const erasure = page.getByRole('region', { name: 'Erase a visitor' });
  await erasure.getByLabel('Type').selectOption('visitor');
  await erasure.getByLabel('Id').fill(visitor);
  await erasure.getByRole('button', { name: 'Erase visitor' }).click();
  await erasure.getByText('Visitor erased: 1 hour recounted.').waitFor();
  const [, ...left] = await exportedLines(page);
  expect(left.length).toBe(rows.length - 1);
  expect(left.map((row) => cellOf(row, 'visitor_id'))).not.toContain(visitor);
  await close();
});

it('chooses which ids of people a page keeps, and says what happens to them', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=tracking`);
  const tracking = page.getByRole('region', { name: 'Tracking' });
  const ids = tracking.getByLabel('Ids of people');
  await tracking.getByText('A visitor is recognized within one day only').waitFor();
  async function save(choice: string) {
    await ids.selectOption(choice);
    await tracking.getByRole('button', { name: 'Save tracking settings' }).click();
    await tracking.getByText('Settings saved.').waitFor();
  }
  await save('Of all visitors');
  await tracking.getByText('A cookie of an SDK is no consent').waitFor();
  expect(await stack.catalog.getPage('/demo')).toMatchObject({ identities: 'all', identitySecret: expect.any(String) });
  await ids.selectOption('None');
  await tracking.getByText('Those stored so far stay with their events until an admin erases them').waitFor();
  await savePicture(page, 'identities-none');
  await save('None');
  expect(await stack.catalog.getPage('/demo')).toMatchObject({ identities: 'none' });
  await close();

  const admin = await as('admin');
  await admin.page.goto(`${stack.url}/app/pages/demo/settings?section=data`);
  await admin.page.getByRole('button', { name: 'Erase ids…' }).click();
  const dialog = admin.page.getByRole('dialog', { name: 'Erase the ids of /demo?' });
  await dialog.getByLabel('Type /demo to confirm').fill('/demo');
  await dialog.getByRole('button', { name: 'Erase ids' }).click();
  await dialog.getByText('Ids erased: 0 hours recounted.').waitFor();
  await admin.close();
});

it('imports the history of another tool: upload, preview, import, numbers, and back', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=data`);
  const panel = page.getByRole('region', { name: 'History of other tools' });
  await panel.getByText('No imports yet.').waitFor();
  const rows = [
    'date,userAgent,referer,country,region,city,latitude,longitude,potentialBot,visitedUrl,browser,os',
    ...Array.from({ length: 3 }, (_, hour) => `2024-03-05T1${hour}:00:00Z,${shlinkRest('duckdb')}`),
    `2024-03-06T10:00:00Z,${shlinkRest('nowhere')}`,
  ];
  const file = { name: 'visits.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) };
  await panel.getByLabel('File', { exact: true }).setInputFiles(file);
  await panel.getByRole('button', { name: 'Upload and preview' }).click();
  const row = panel.getByRole('listitem').filter({ hasText: 'visits.csv' }).first();
  await row.getByText('Preview: 3 of 4 rows can be imported, 1 refused.').waitFor();
  await row.getByText('nowhere (1)').waitFor();
  await savePicture(page, 'history-preview-1440-light');
  await row.getByRole('button', { name: 'Import 3 rows' }).click();
  await row.getByText('Imported: 3 of 4 rows accepted, 1 refused.').waitFor();
  await row.getByRole('link', { name: /^See the overview of .*Mar 2024$/ }).waitFor();

  async function clicksOfDay(): Promise<string> {
    await stack.invoke(stack.outputs.SettleFunction, { time: new Date().toISOString() });
    await page.goto(`${stack.url}/app/pages/demo/overview?from=2024-03-05&to=2024-03-05`);
    return figure(page, 'Clicks');
  }
  expect(await clicksOfDay()).toBe('3');
  await page.goto(`${stack.url}/app/pages/demo/settings?section=data`);
  await row.getByRole('button', { name: 'Undo import' }).click();
  await row.getByText('Undone. Counts are gone at once; events leave the numbers with the next settle.').waitFor();
  expect(await clicksOfDay()).toBe('0');
  await close();
});

/** Columns of Shlink's web client after the date. */
function shlinkRest(code: string): string {
  return `"${chrome}",https://news.example/a,AT,Vienna,Vienna,48.2,16.3,false,https://s.example/${code},Chrome,Windows`;
}

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';

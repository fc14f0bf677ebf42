import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { exportSchema, exportsSchema } from '#schemas/api/exports.ts';
import type { Role } from '#schemas/catalog.ts';
import { click, temporaryDirectory } from '../../pipeline/stack-facts.ts';
import { launchChromium } from '../chromium.ts';
import { signIn } from './sign-in.ts';

/** What people do in the dashboard, from the browser to the tables and back, through the stack as synthesized. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let browser: Browser;

/** Noon of yesterday: a date that settles. */
const yesterday = `${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)}T12:00:00Z`;

/** Clicks of the past: two from one city, one from another, and a bot. */
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
  page.setDefaultTimeout(15_000);
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
  return vi.waitFor(async () => expect(await figure(page, name)).toBe(value), { timeout: 20_000, interval: 200 });
}

describe('signing in', () => {
  it('takes each role to what is theirs, and a stranger to nothing', async () => {
    const admin = await as('admin');
    await admin.page.getByRole('link', { name: 'Hopcount demo' }).waitFor();
    expect(new URL(admin.page.url()).pathname).toBe('/app/pages');
    await admin.close();

    const creator = await as('creator', '/demo');
    await creator.page.getByRole('heading', { name: 'Hopcount demo' }).waitFor();
    expect(new URL(creator.page.url()).pathname).toBe('/app/pages/demo/overview');
    expect(await creator.page.getByRole('link', { name: 'People' }).count()).toBe(0);
    await creator.close();

    const agency = await as('agency', 'engines');
    await agency.page.getByRole('heading', { name: 'engines' }).waitFor();
    await agency.page.goto(`${stack.url}/app/pages/demo/overview`);
    await agency.page.getByText('There is nothing here, or it is not yours to see.').waitFor();
    await agency.close();
  });

  it('survives a reload as the same person, and ends when somebody signs out', async () => {
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

it('creates a link, clicks it, and sees the count move', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/links`);
  await page.getByRole('button', { name: 'New link' }).click();
  await page.getByLabel('Destination').fill('https://example.com/launch');
  await page.getByLabel('Title').fill('Launch');
  await page.getByLabel('Short code').fill('api');
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByText('the edge itself serves this path').waitFor();
  await page.getByLabel('Short code').fill('launch');
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByRole('img', { name: `QR code of ${stack.url}/launch` }).waitFor();

  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save PNG' }).click();
  expect((await saving).suggestedFilename()).toBe('qr-launch.png');

  await page.getByRole('link', { name: 'Overview' }).click();
  await figureIs(page, 'Clicks', '0');
  for (const _ of [1, 2, 3]) expect((await click(`${stack.url}/launch`)).status).toBe(302);
  await stack.idle();
  // By itself: the overview looks again every 15 seconds.
  await figureIs(page, 'Clicks', '3');
  await page.goto(`${stack.url}/app/pages/demo/live`);
  await page.getByText('3 in the last 5').waitFor();
  await close();
}, 90_000);

it('filters to a city and a country, and says where the answer comes from', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/overview?range=7d`);
  const places = page.getByRole('region', { name: 'Places' });
  await places.getByRole('button', { name: 'Cities' }).click();
  // Cities carry their country beside; until they are there the list may be empty, or the countries'.
  const first = places
    .getByRole('listitem')
    .filter({ has: page.locator('small') })
    .first();
  await first.waitFor();
  expect(await first.locator('.bar-value').innerText()).toBe('2');
  await first.getByRole('button').click();
  expect(new URL(page.url()).searchParams.get('country')).toBe('US');
  await figureIs(page, 'Clicks', '2');
  await page.getByText('From the stored events, read at').waitFor();
  await close();
}, 60_000);

it('breaks down and filters by a dimension that one entry declares', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/overview?range=7d`);
  const values = page.getByRole('region', { name: 'UTM values' });
  await values.getByRole('button', { name: 'ID', exact: true }).click();
  const row = values.getByRole('listitem').filter({ hasText: 'newsletter-11' });
  await row.waitFor();
  expect(await row.locator('.bar-value').innerText()).toBe('1');
  await row.getByRole('button').click();
  expect(new URL(page.url()).searchParams.get('utm_id')).toBe('newsletter-11');
  await page.getByText('UTM ID:').waitFor();
  await figureIs(page, 'Clicks', '1');
  await page.getByRole('region', { name: 'Links' }).getByText('Parquet').first().waitFor();
  await close();
}, 60_000);

it('compares with the period before', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/links/duckdb/overview?range=7d`);
  await page.getByLabel('Compare').check();
  await page.getByRole('region', { name: 'Totals' }).getByText('no base to compare').first().waitFor();
  await figureIs(page, 'Clicks', '2');
  await close();
});

it('shows why an event is not counted, what counting it would change, and counts it', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/ledger?range=7d`);
  await page.getByRole('heading', { name: 'Bots' }).waitFor();
  await page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: 'Bots' }) })
    .getByText('Examples')
    .click();
  await page
    .getByRole('row', { name: /Googlebot/ })
    .getByRole('button', { name: 'Count these…' })
    .click();
  await page.getByRole('button', { name: 'Show the effect' }).click();
  await page.getByText('It would change 1 event in 1 hour').waitFor();
  await page.getByText('3 → 4').waitFor();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Applied.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  const rules = page.getByRole('region', { name: 'Your rules' });
  await rules.getByText('Googlebot').waitFor();
  await rules.getByRole('button', { name: 'Remove' }).click();
  await rules.getByText('No rules.').waitFor();
  await close();
}, 60_000);

it('shares a page to look at, and revokes it', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings`);
  await page.getByLabel('For whom').fill('The sponsor');
  await page.getByRole('button', { name: 'Make a share link' }).click();
  const url = await page.locator('.secret code').innerText();

  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(url);
  await stranger.getByRole('heading', { name: 'Hopcount demo' }).waitFor();
  await stranger.getByRole('region', { name: 'Totals' }).waitFor();
  await stranger.getByRole('button', { name: '7 days' }).click();
  await stranger.getByRole('button', { name: 'Not counted' }).click();
  await stranger.getByRole('heading', { name: 'Counted', exact: true }).waitFor();
  expect(await stranger.getByRole('button', { name: 'New rule' }).count()).toBe(0);

  const shares = page.getByRole('region', { name: 'Share these numbers' });
  await shares.getByRole('button', { name: 'Revoke' }).click();
  await shares.getByText('Revoked').waitFor();
  await stranger.reload();
  await stranger.getByRole('heading', { name: 'This share link opens nothing' }).waitFor();
  await stranger.context().close();
  await close();
}, 60_000);

it('exports the events of a page', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings`);
  const exports = page.getByRole('region', { name: 'Export' });
  await exports.getByRole('button', { name: 'Export events' }).click();
  await exports.getByRole('link', { name: 'Download' }).waitFor({ timeout: 30_000 });
  await exports.getByText(/\d+ events/).waitFor();
  await close();
}, 60_000);

it('imports the rows that are right, and names those that are not', async () => {
  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/import`);
  await page
    .getByLabel('or its text')
    .fill('code,url,Tags\nautumn,https://example.com/autumn,a\nwinter,ftp://example.com/w,b\n');
  await page.getByLabel('Page').selectOption('/demo');
  await page.getByRole('button', { name: 'Look first' }).click();
  await page.getByText('1 link would be written, 1 row refused.').waitFor();
  await page.getByRole('row', { name: /^3 .*must have one of the schemes/ }).waitFor();
  await page.getByRole('button', { name: 'Import' }).click();
  await page.getByText('1 link written').waitFor();
  expect((await click(`${stack.url}/autumn`)).headers.get('location')).toBe('https://example.com/autumn');
  await close();
});

it('keeps the settings of a page', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/settings`);
  await page.getByLabel('Sensitivity').selectOption('high');
  await page.getByLabel('Goal').fill('12400');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('Saved.').waitFor();
  await page.reload();
  await page.getByLabel('Goal').waitFor();
  expect(await page.getByLabel('Goal').inputValue()).toBe('12400');
  expect(await page.getByLabel('Sensitivity').inputValue()).toBe('high');
  await close();
});

it('orders the link page', async () => {
  const { page, close } = await as('creator', '/demo');
  await page.goto(`${stack.url}/app/pages/demo/editor`);
  await page.getByLabel('Title').fill('Demo, reordered');
  await page.getByRole('button', { name: 'Move DuckDB documentation up' }).click();
  await page.getByRole('button', { name: 'Move DuckDB documentation up' }).click();
  await page.getByRole('button', { name: 'Save page' }).click();
  await page.getByText('Saved.').waitFor();
  const { rows } = await stack.catalog.listLinksOfPage('/demo');
  const [first] = rows.toSorted((a, b) => (a.position ?? 99) - (b.position ?? 99));
  expect(first?.code).toBe('duckdb');
  expect((await stack.catalog.getPage('/demo'))?.title).toBe('Demo, reordered');
  await close();
});

it('makes a key that works, once shown, until it is revoked', async () => {
  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/keys`);
  await page.getByLabel('What it is for').fill('Warehouse');
  await page.getByRole('button', { name: 'Make key' }).click();
  const secret = await page.locator('.secret code').innerText();
  function ask() {
    return fetch(`${stack.url}/api/v1/pages`, { headers: { authorization: `Bearer ${secret}` } });
  }
  expect((await ask()).status).toBe(200);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('No keys.').waitFor();
  expect((await ask()).status).toBe(401);
  await close();
});

it('invites somebody, who signs in as what they were invited as, until they are removed', async () => {
  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/people`);
  await page.getByLabel('E-mail address').fill('grace@example.com');
  await page.getByLabel('Pages').fill('@demo');
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByText('Invited by mail.').waitFor();
  const users = page.getByRole('region', { name: 'Users' });
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
    .getByRole('button', { name: 'Continue as invited' })
    .click();
  await guest.getByRole('heading', { name: /Demo/ }).waitFor();
  expect(new URL(guest.url()).pathname).toBe('/app/pages/demo/overview');
  expect(await guest.getByRole('link', { name: 'People' }).count()).toBe(0);

  await page.reload();
  await row.waitFor();
  expect(await row.getByText('Invited', { exact: true }).count()).toBe(0);
  await row.getByRole('button', { name: 'Remove' }).click();
  await row.waitFor({ state: 'detached' });
  await guest.reload();
  await guest.getByRole('heading', { name: /Demo/ }).waitFor({ state: 'detached' });
  expect(await guest.getByRole('region', { name: 'Totals' }).count()).toBe(0);
  await guest.context().close();
  await close();
}, 60_000);

/** Lines of a new export of the demo page's events, the first of them its columns. */
async function exportedLines(page: Page): Promise<string[]> {
  const starting = page.waitForResponse(
    (answer) => answer.url().endsWith('/exports') && answer.request().method() === 'POST',
  );
  await page.getByRole('region', { name: 'Export' }).getByRole('button', { name: 'Export events' }).click();
  const { id } = exportSchema.parse(await (await starting).json());
  let url: string | null = null;
  await page.waitForResponse(
    async (answer) => {
      if (!answer.url().includes('/exports?')) return false;
      url = exportsSchema.parse(await answer.json()).rows.find((row) => row.id === id)?.url ?? null;
      return url !== null;
    },
    { timeout: 30_000 },
  );
  return (await (await fetch(url ?? '')).text()).trim().split(/\r?\n/);
}

it('erases a visitor, and nobody but an admin is offered it', async () => {
  const creator = await as('creator', '/demo');
  await creator.page.goto(`${stack.url}/app/pages/demo/settings`);
  await creator.page.getByRole('region', { name: 'Export' }).waitFor();
  expect(await creator.page.getByRole('region', { name: 'Erase a visitor' }).count()).toBe(0);
  await creator.close();

  const { page, close } = await as('admin');
  await page.goto(`${stack.url}/app/pages/demo/settings`);
  const [columns = '', ...rows] = await exportedLines(page);
  function cellOf(row: string, column: string): string {
    return row.split(',')[columns.split(',').indexOf(column)] ?? '';
  }
  // Who followed this link has followed no other.
  const visitor = rows.map((row) => (cellOf(row, 'link_id') === 'parquet' ? cellOf(row, 'visitor_id') : '')).join('');
  expect(visitor).toMatch(/^-?\d+$/);

  const erasure = page.getByRole('region', { name: 'Erase a visitor' });
  await erasure.getByLabel('By').selectOption('visitor');
  await erasure.getByLabel('Id').fill(visitor);
  await erasure.getByRole('button', { name: 'Erase for good' }).click();
  await erasure.getByText('Erased: 1 hour written again, 0 to follow').waitFor({ timeout: 60_000 });
  const [, ...left] = await exportedLines(page);
  expect(left.length).toBe(rows.length - 1);
  expect(left.map((row) => cellOf(row, 'visitor_id'))).not.toContain(visitor);
  await close();
}, 120_000);

import { AxeBuilder } from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LocalStack } from '#local/stack.ts';
import { linkTabs, pageTabs, settingsSections, singleViews } from '../../../dashboard/src/router/routes.ts';
import {
  fixtureAgency,
  fixtureLink,
  fixtureNow,
  fixtureStats,
  hostile,
  recentEvents,
  type Role,
  serveFixtures,
} from './fixture-api.ts';
import { fixtureRetention } from './insights-fixtures.ts';
import { fixturePulls } from './pull-fixtures.ts';
import { findPhoneFaults } from './phone-faults.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';
import { startDashboard } from './start-dashboard.ts';

/**
 * Every view, served by the local stack with its content security policy. The API's responses are fixtures, so that
 * screenshots differ only if the dashboard does. SCREENSHOTS=1 writes them to `.local/screenshots`.
 */

let stack: LocalStack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startDashboard());
});
afterAll(() => stop());

interface Look {
  width: number;
  scheme: 'light' | 'dark';
  /** Each width and each scheme is audited once, because the audit takes most of the time. */
  audited?: true;
  touch?: boolean;
}

const looks: readonly Look[] = [
  { width: 360, scheme: 'light', audited: true, touch: true },
  { width: 360, scheme: 'dark' },
  { width: 1440, scheme: 'light' },
  { width: 1440, scheme: 'dark', audited: true },
];

/** Signs in as a role with the API's fixtures; `complaints` collects console errors and warnings. */
async function open({ width, scheme, touch = false }: Look, role: Role = 'admin', fail?: RegExp) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    timezoneId: 'Europe/Vienna',
    hasTouch: touch,
    isMobile: touch,
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
}

/** Scrolls to the map if it is not mounted yet. @returns whether there is nothing to wait for */
function comeNear(): boolean {
  const room = document.querySelector('.world-map-slot:not(:has(.world))');
  if (room === null || room.getClientRects().length === 0) return true;
  room.scrollIntoView();
  return false;
}

/** Navigates to a view without a page load. */
async function visit(page: Page, view: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', `/app${to}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, view);
  await page.locator('main h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  // The map mounts when it is near the window; panels that load above it move it away again.
  await expect.poll(() => page.evaluate(comeNear)).toBe(true);
  await page.evaluate(() => window.scrollTo(0, 0));
}

function fits(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** Returns the pixels of the main navigation that overflow. */
function hiddenNavigation(page: Page): Promise<number> {
  return page.getByRole('navigation', { name: 'Main' }).evaluate((nav) => nav.scrollWidth - nav.clientWidth);
}

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id);
}

function focusedText(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.textContent);
}

async function audit(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode()
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

const views = {
  ...Object.fromEntries(pageTabs.map((tab) => [tab, `/pages/ada/${tab}`])),
  ...Object.fromEntries(
    settingsSections.map((section) => [`settings-${section}`, `/pages/ada/settings?section=${section}`]),
  ),
  ...Object.fromEntries(linkTabs.map((tab) => [`link-${tab}`, `/links/ada-1/${tab}`])),
  ...Object.fromEntries(singleViews.map((view) => [view, `/${view}`])),
  overview: '/pages/ada/overview?compare=previous',
  filtered: '/pages/ada/overview?country=AT&city=Wien&range=7d',
  links: '/pages/ada/links',
  editor: '/pages/ada/editor',
  'settings-sharing': '/pages/ada/settings?section=sharing',
  agency: '/agencies/engines/overview',
  campaign: '/campaigns/01KSPRING/overview',
  unknown: '/nowhere',
};

describe.each(looks)('at $width px in $scheme', (look) => {
  it('shows every view without overflow, console errors or accessibility violations', async () => {
    const { context, page, complaints } = await open(look);
    const problems: Record<string, unknown> = {};
    for (const [name, view] of Object.entries(views)) {
      await visit(page, view);
      await savePicture(page, `${name}-${look.width}-${look.scheme}`);
      const found = {
        overflow: Math.max(0, await fits(page)),
        axe: look.audited ? await audit(page) : [],
        phone: look.touch ? await findPhoneFaults(page) : [],
      };
      if (found.overflow > 0 || found.axe.length > 0 || found.phone.length > 0) problems[name] = found;
    }
    expect(problems).toEqual({});
    expect(await hiddenNavigation(page)).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

it('connects an SDK: what to paste, a key for servers, and the outcomes of what arrives', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  let events: typeof recentEvents.events = [];
  await page.route('**/api/v1/pages/ada/recent-events', (route) =>
    route.fulfill({ json: { ...recentEvents, events } }),
  );
  await visit(page, '/pages/ada/connect');
  const paste = page.getByRole('region', { name: 'Connect your site or server' });
  const origin = new URL(page.url()).origin;
  await paste.getByLabel('SDK').selectOption('PostHog');
  await paste.getByText(`api_host: '${origin}/e/ada'`).waitFor();
  await paste.getByLabel('SDK').selectOption('Segment for Node.js');
  await paste.getByText("writeKey: '<ingest key>'").waitFor();

  const keys = page.getByRole('region', { name: 'Ingest keys' });
  await keys.getByText('Shop server', { exact: true }).waitFor();
  await keys.getByLabel('Name').fill('Shop server');
  await keys.getByRole('button', { name: 'Create ingest key' }).click();
  await keys.getByText('You won’t be able to see it again.').waitFor();
  await paste.getByText(`writeKey: 'hci_ada_${'k'.repeat(16)}`).waitFor();

  const arrivals = page.getByRole('region', { name: 'Check that events arrive' });
  await arrivals.getByText('Waiting for events.').waitFor();
  events = recentEvents.events;
  const refused = arrivals.getByRole('listitem').filter({ hasText: 'signup' });
  await refused.getByText("Refused: The site is not one of the page's origins. Add it in the settings.").waitFor();
  await refused.getByText('PostHog · Austria · Phone').waitFor();
  const repeated = arrivals.getByRole('listitem').filter({ hasText: 'sent again by its client' });
  expect(await repeated.getByRole('heading').innerText()).toBe('Page view');
  await arrivals.getByRole('heading', { name: 'Click on spring' }).waitFor();
  await savePicture(page, 'connect-arrived-1440-light');
  await context.close();
});

describe('insights', () => {
  it('page through the weeks of retention on a phone, and keep what is chosen in the URL', async () => {
    const { context, page } = await open({ width: 360, scheme: 'light', touch: true });
    await visit(page, '/pages/ada/insights');
    const panel = page.getByRole('region', { name: 'Retention', exact: true });
    const table = panel.getByRole('table');
    // The texts of screen readers, too.
    expect(await table.getByRole('columnheader').allTextContents()).toEqual([
      'First weekPeople',
      ...[1, 2, 3, 4, 5].map((week) => `${week}Week ${week}`),
    ]);
    expect(await table.getByRole('row').nth(2).getByRole('cell').first().getAttribute('aria-label')).toBe('Not yet');
    expect(await table.getByRole('row').nth(3).getByRole('cell').first().textContent()).toMatch(
      /^\d+%, still running$/,
    );
    await panel.getByRole('button', { name: 'Later' }).click();
    await panel.getByText('Weeks 6 to 10 of 10').waitFor();
    expect(await panel.getByRole('button', { name: 'Later' }).isDisabled()).toBe(true);
    await panel.getByRole('button', { name: 'People' }).click();
    await table.getByRole('cell', { name: '<3' }).first().waitFor();
    await panel.getByRole('button', { name: 'Days' }).click();
    await table.getByText('First day').waitFor();
    await panel.getByLabel('Came back for').selectOption('Page views');
    expect(new URL(page.url()).searchParams.get('by')).toBe('day');
    expect(new URL(page.url()).searchParams.get('return')).toBe('{"type":"page_view"}');
    await context.close();
  });

  it('save the cells of retention as CSV', async () => {
    const { context, page } = await open({ width: 1440, scheme: 'light' });
    await visit(page, '/pages/ada/insights');
    await page.getByRole('button', { name: 'Expand Retention' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('dialog').getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8').split(/\r?\n/);
    expect(lines[0]).toContain('First week,People,Weeks after,Came back,Rate,State');
    expect(lines).toContainEqual(expect.stringMatching(/^2026-09-28,\d+,1,\d+,0\.\d+,closed$/));
    expect(lines).toContainEqual(expect.stringContaining('have the id of a person'));
    await context.close();
  });

  it('say how to recognize people, if the page keeps no ids', async () => {
    const { context, page } = await open({ width: 360, scheme: 'dark' });
    const unavailable = { reason: 'identities-off', message: 'This page keeps no ids of people.' } as const;
    await page.route('**/api/v1/pages/ada/retention?*', (route) =>
      route.fulfill({ json: { ...fixtureRetention(new URL(route.request().url())), cohorts: [], unavailable } }),
    );
    await visit(page, '/pages/ada/insights');
    await page.getByText('This page keeps no ids of people.').waitFor();
    // Nothing to choose from.
    expect(await page.getByLabel('Came back for').isVisible()).toBe(false);
    await page.getByRole('link', { name: 'Choose ids of people' }).click();
    await page.waitForURL('**/pages/ada/settings?section=tracking');
    await context.close();
  });

  it('make a funnel, show it by country, and change it', async () => {
    const { context, page } = await open({ width: 360, scheme: 'light', touch: true });
    await visit(page, '/pages/ada/insights');
    const panel = page.getByRole('region', { name: 'Funnels', exact: true });
    const steps = panel.getByRole('listitem');
    expect(await steps.getByRole('heading').allTextContents()).toEqual([
      'Page views of /letters',
      'Click on ada-1',
      'add_to_cart',
      'Order Completed',
    ]);
    await steps.nth(1).getByText('42.0% of the step before, median 2 min 32 s').waitFor();
    await panel.getByLabel('Break down by').selectOption('Country');
    await panel.getByRole('region', { name: 'The funnel by country' }).getByText('Austria').waitFor();
    await savePicture(page, 'insights-funnel-360-light');
    await panel.getByRole('button', { name: 'New funnel' }).click();
    const dialog = page.getByRole('dialog', { name: 'New funnel' });
    await dialog.getByLabel('Name').fill('To a click');
    await dialog.getByLabel('Path of step 1 (optional)').fill('/letters');
    await dialog.getByRole('button', { name: 'Add step' }).click();
    await dialog.getByLabel('Step 3', { exact: true }).selectOption('Page views');
    await dialog.getByRole('button', { name: 'Move step 3 up' }).click();
    await dialog.getByLabel('Follow').selectOption('People who agreed to an id');
    await savePicture(page, 'insights-funnel-new-360-light');
    const [request] = await Promise.all([
      page.waitForRequest((sent) => sent.method() === 'POST' && sent.url().endsWith('/funnels')),
      dialog.getByRole('button', { name: 'Save funnel' }).click(),
    ]);
    expect(request.postDataJSON()).toEqual({
      name: 'To a click',
      unit: 'person',
      windowDays: 7,
      steps: [{ type: 'page_view', path: '/letters' }, { type: 'page_view' }, { type: 'link_click' }],
    });
    await dialog.waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('funnel')).toBe('f2');
    await panel.getByRole('button', { name: 'Edit funnel' }).click();
    await page.getByRole('dialog', { name: 'Edit funnel' }).getByRole('button', { name: 'Delete funnel' }).waitFor();
    await context.close();
  });
});

it('shows pulls from other tools in every state, on a phone too', async () => {
  const { context, page, complaints } = await open({ width: 360, scheme: 'dark' });
  await visit(page, '/import');
  const panel = page.getByRole('region', { name: 'Import from Bitly, Dub, Shlink or Plausible' });
  const group = panel.getByLabel('Group');
  await panel.getByLabel('Tool').selectOption('shlink');
  expect(await group.count()).toBe(0);
  await panel.getByLabel('Tool').selectOption('bitly');
  await panel.getByLabel('Page').selectOption({ index: 1 });
  await panel.getByLabel('Token', { exact: true }).fill('b1tly-t0k3n');
  await group.fill('Ba1bc23dE4F');
  const [request] = await Promise.all([
    page.waitForRequest((each) => each.method() === 'POST' && each.url().endsWith('/imports/pulls')),
    panel.getByRole('button', { name: 'Preview' }).click(),
  ]);
  expect(request.postDataJSON()).toMatchObject({ tool: 'bitly', group: 'Ba1bc23dE4F' });
  await panel.getByText('`group` must be one of').waitFor();
  await panel.getByText('37 × orphan visits').waitFor();
  await panel.getByText('Show refused links').first().click();
  await panel.getByText('The code `xx` is taken by another link.').first().waitFor();
  await panel.getByLabel('Another token').waitFor();
  expect(await panel.getByLabel('Token', { exact: true }).getAttribute('type')).toBe('password');
  await savePicture(page, 'pulls-360-dark');
  expect(await fits(page)).toBeLessThanOrEqual(0);
  expect(await audit(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await savePicture(page, 'pulls-1440-light');
  await context.close();
});

it.each([
  [20, 0],
  [21, 1],
  [201, 10],
])('shows the newest of %i pulls first, and all of them after %i times “Show more”', async (count, more) => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  const all = Array.from({ length: count }, (_, at) => {
    const id = `01KBPULL${String(at + 1).padStart(18, '0')}`;
    return { ...fixturePulls[1], id, tool: 'shlink' as const, from: `s${at + 1}.example` };
  });
  await page.route('**/api/v1/imports/pulls?*', (route) => {
    const { searchParams } = new URL(route.request().url());
    const [from, limit] = [Number(searchParams.get('cursor') ?? 0), Number(searchParams.get('limit'))];
    const next = from + limit < count ? String(from + limit) : null;
    return route.fulfill({ json: { rows: all.slice(from, from + limit), next } });
  });
  await visit(page, '/import');
  const panel = page.getByRole('region', { name: 'Import from Bitly, Dub, Shlink or Plausible' });
  await panel.getByLabel('Page').selectOption({ index: 1 });
  await panel.getByText(`s${count}.example`, { exact: true }).waitFor();
  const pulls = panel.locator('ul.rows > li');
  expect(await pulls.first().innerText()).toContain(`s${count}.example`);
  for (let clicks = 0; clicks < more; clicks++) {
    expect(await pulls.count()).toBe(20 * (clicks + 1));
    await panel.getByRole('button', { name: 'Show more' }).click();
  }
  await expect.poll(() => pulls.count()).toBe(count);
  expect(await panel.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  await context.close();
});

it('shows imports of history in every state, and what one would import, on a phone too', async () => {
  const { context, page, complaints } = await open({ width: 360, scheme: 'dark' }, 'creator');
  await visit(page, '/pages/ada/settings?section=data');
  const panel = page.getByRole('region', { name: 'History of other tools' });
  const first = panel.getByRole('listitem').first();
  await first.getByRole('button', { name: 'Show report' }).click();
  await first.getByText('old-shop (5)').waitFor();
  await first.getByText('Events and counts by link and month').click();
  await savePicture(page, 'history-imports-360-dark');
  expect(await fits(page)).toBeLessThanOrEqual(0);
  expect(await audit(page)).toEqual([]);
  await panel.getByText('Interrupted. Nothing is lost: it goes on where it was.').waitFor();
  await panel.getByText('Writing events: 12 of 90 files…').waitFor();
  expect(complaints).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });
  await savePicture(page, 'history-imports-1440-dark');
  await context.close();
});

it('shows hostile texts as plain text', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  // By title, it comes first: the table begins with fifty rows.
  for (const view of [views.overview, views.links, `${views.agency}?sort=title`, views.editor]) {
    await visit(page, view);
    expect(await page.getByText(hostile.slice(0, 20)).count(), view).toBeGreaterThan(0);
    expect(await page.title(), view).toContain('Hopcount');
    expect(await page.locator('img').count(), view).toBe(0);
  }
  await context.close();
});

describe('when a store fails', () => {
  it('one banner speaks for all panels of the counters, and the settled lists are shown', async () => {
    const { context, page } = await open({ width: 1440, scheme: 'light' }, 'creator', /\/stats$/);
    await page.getByRole('region', { name: 'Links' }).getByText('Bernoulli numbers').waitFor();
    await page.getByRole('region', { name: 'Traffic' }).getByText('Not available.').waitFor();
    expect(await page.getByRole('alert').allInnerTexts()).toEqual([
      expect.stringContaining('The counters cannot be read at the moment.'),
    ]);
    await savePicture(page, 'counters-fail-1440-light');
    await page.unroute('**/api/v1/**');
    await serveFixtures(page, 'creator');
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('region', { name: 'Totals' }).getByText('31,320').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await context.close();
  });

  it('the counters are shown while the settled lists fail', async () => {
    const { context, page } = await open({ width: 360, scheme: 'light' }, 'creator', /\/dashboard$/);
    await page.getByRole('region', { name: 'Links' }).getByText('Not available.').waitFor();
    await page.getByRole('region', { name: 'Totals' }).getByText('31,320').waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    await context.close();
  });

  it('names and menu stay when the user cannot be read', async () => {
    const { context, page } = await open({ width: 360, scheme: 'light' });
    await visit(page, views.overview);
    await page.unroute('**/api/v1/**');
    await serveFixtures(page, 'admin', /\/me$/);
    await page.reload();
    await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Users' }).waitFor();
    await context.close();
  });

  it('the name of the page and its tabs stay when the page cannot be read', async () => {
    const { context, page } = await open({ width: 360, scheme: 'light' }, 'creator', /\/pages\/ada$/);
    await page.getByRole('heading', { name: '/ada' }).waitFor();
    await page.getByRole('link', { name: 'Outcomes' }).waitFor();
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
    await context.close();
  });
});

it('lists all pages with their numbers, grouped by agency and sorted', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  await visit(page, '/pages');
  const table = page.getByRole('region', { name: 'Pages and their totals' });
  const row = table.getByRole('row', { name: /Creator number 3/ });
  // Links that are followed elsewhere: the change is that of clicks, and there is no rate.
  expect(await row.getByRole('cell').allInnerTexts()).toEqual([
    '0',
    '0',
    '3,763',
    '–',
    expect.stringContaining('+274%'),
    '',
    '',
  ]);
  await page.getByLabel('Group by agency').check();
  await expect
    .poll(() => table.getByRole('rowheader', { name: /^(engines|looms|Without)/ }).allInnerTexts())
    .toEqual(['engines 4 pages', 'looms 4 pages', 'Without an agency 4 pages']);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByLabel('Search pages').fill('engines');
  await expect.poll(() => table.getByRole('rowheader').count()).toBe(5);
  expect(new URL(page.url()).searchParams.get('sort')).toBe('-views');
  await savePicture(page, 'home-grouped-1440-light');
  await context.close();
});

describe('the command palette', () => {
  it('goes to a page or link by keyboard alone', async () => {
    const { context, page } = await open({ width: 360, scheme: 'dark' });
    await visit(page, views.overview);
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Page, link or setting' });
    await field.waitFor();
    await expect.poll(() => focused(page)).toBe('Page, link or setting');
    await page.getByRole('option', { name: /Mails: recipients/ }).waitFor();
    await savePicture(page, 'palette-360-dark');
    expect(await audit(page)).toEqual([]);
    await page.keyboard.type('grace');
    await page.getByRole('option', { name: /Bernoulli numbers/ }).waitFor();
    await expect.poll(() => page.locator('[aria-selected="true"]').innerText()).toContain('Grace Hopper');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('[aria-selected="true"]').innerText()).toContain('Notes by the translator');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/app/pages/grace/overview');
    await field.waitFor({ state: 'detached' });
    await context.close();
  });

  it('shows shortcuts, which can be turned off', async () => {
    const { context, page } = await open({ width: 1440, scheme: 'light' });
    await visit(page, views.overview);
    await page.keyboard.press(String(pageTabs.indexOf('ledger') + 1));
    await page.waitForURL('**/pages/ada/ledger?*');
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForURL('**/app/pages');
    await page.getByLabel('Search pages').waitFor();
    // On a busy machine, the view may be drawn again while the key is pressed.
    await expect
      .poll(async () => {
        if ((await focused(page)) !== 'Search pages') await page.keyboard.press('/');
        return focused(page);
      })
      .toBe('Search pages');
    await page.keyboard.type('?');
    expect(await page.getByLabel('Search pages').inputValue()).toBe('?');
    await page.getByLabel('Search pages').fill('');
    await page.getByRole('heading', { name: 'All pages' }).click();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.waitFor();
    await savePicture(page, 'shortcuts-1440-light');
    expect(await audit(page)).toEqual([]);
    await help.getByLabel('Shortcuts of single keys').uncheck();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('k');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Page, link or setting' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/app/pages');
    await context.close();
  });
});

it('makes a share link by keyboard alone', async () => {
  const { context, page } = await open({ width: 360, scheme: 'dark' });
  await visit(page, views['settings-sharing']);
  await page.getByRole('button', { name: 'New share link' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New share link' });
  await dialog.getByLabel('Name').focus();
  await page.keyboard.type('Press');
  await dialog.getByLabel('Sites that may embed it').focus();
  await page.keyboard.type('ada.example/notes');
  await page.keyboard.press('Enter');
  await dialog.getByText('https://ada.example', { exact: true }).waitFor();
  await savePicture(page, 'share-new-360-dark');
  expect(await audit(page)).toEqual([]);
  expect(await fits(page)).toBeLessThanOrEqual(0);
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await context.close();
});

it('shows an agency the pages with open alerts first', async () => {
  const { context, page } = await open({ width: 360, scheme: 'light' }, 'agency');
  await visit(page, views.agency);
  const alerts = page.getByRole('region', { name: '7 pages with open alerts' });
  expect(await alerts.getByRole('listitem').count()).toBe(5);
  await alerts.getByRole('button', { name: 'Show all 7' }).click();
  expect(await alerts.getByRole('listitem').count()).toBe(7);
  const rows = page.getByRole('region', { name: 'Pages and their totals' }).locator('tbody tr');
  const first = await rows.evaluateAll((all) => all.slice(0, 8).map((row) => row.querySelector('.alarm') !== null));
  expect(first).toEqual([true, true, true, true, true, true, true, false]);
  await alerts.getByRole('link').first().click();
  await page.waitForURL('**/overview#alerts');
  await context.close();
});

it('can be installed', async () => {
  const { context, page } = await open({ width: 360, scheme: 'light' });
  const session = await context.newCDPSession(page);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // Windows of tests are private ones, in which a browser installs nothing.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
  const { data, errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { icons } = z.object({ icons: z.array(z.object({ src: z.string() })) }).parse(JSON.parse(data ?? ''));
  for (const { src } of icons) {
    const icon = await fetch(new URL(src, stack.url));
    expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/png']);
  }
  await context.close();
});

it('shows events that are counted twice so far with their time, not as a loss in red', async () => {
  const { context, page } = await open({ width: 360, scheme: 'light' }, 'creator');
  await page.route('**/api/v1/pages/ada/stats*', (route) => {
    const stats = fixtureStats(new URL(route.request().url()));
    return route.fulfill({ json: { ...stats, surplus: 6, surplusSettlesAt: '2026-11-22T15:25:00.000Z' } });
  });
  await page.reload();
  const totals = page.getByRole('region', { name: 'Totals' });
  await totals.getByText('· 6 counted twice so far; settles by 16:25').waitFor();
  expect(await totals.locator('.lost').count()).toBe(0);
  expect(await totals.getByText('−').count()).toBe(0);
  await context.close();
});

it('shows the time of stale agency data in the browser’s time zone', async () => {
  const { context, page } = await open({ width: 360, scheme: 'light' });
  const stale = { source: 'rollups', asOf: '2026-11-22T13:55:00.000Z', stale: true };
  const message = 'Temporarily unavailable. Showing the data of 2026-11-22T13:55:00.000Z.';
  const response = { ...fixtureAgency, sources: { pages: stale }, errors: [{ part: 'pages', message }] };
  await page.route('**/api/v1/agencies/engines/dashboard*', (route) => route.fulfill({ json: response }));
  await visit(page, views.agency);
  await page.getByText('Temporarily unavailable. Showing data from 14:55.').waitFor();
  expect(await page.getByText('2026-11-22T13').count()).toBe(0);
  await context.close();
});

it('shows the chart as a table, and keeps the view’s state in the URL', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  function query(): Record<string, string> {
    return Object.fromEntries(new URL(page.url()).searchParams);
  }
  await visit(page, views.overview);
  const traffic = page.getByRole('region', { name: 'Traffic' });
  await traffic.getByRole('button', { name: 'Table' }).click();
  await expect.poll(() => traffic.getByRole('row').count()).toBe(31);
  await page.getByLabel('Period', { exact: true }).selectOption('7d');
  await page.getByRole('button', { name: 'Filter by Austria' }).click();
  await page.getByLabel('Time zone', { exact: true }).selectOption('Asia/Tokyo');
  await expect.poll(query).toEqual({
    compare: 'previous',
    range: '7d',
    country: 'AT',
    tz: 'Asia/Tokyo',
  });
  await page.goBack();
  await expect.poll(query).not.toHaveProperty('tz');
  await page.getByRole('button', { name: 'Remove filter Country is Austria' }).click();
  await expect.poll(query).not.toHaveProperty('country');
  await context.close();
});

describe('the period', () => {
  it('is chosen by keyboard alone, and with a comparison is the whole state of the URL', async () => {
    const { context, page, complaints } = await open({ width: 360, scheme: 'light' });
    const requests: URLSearchParams[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/pages/ada/stats')) requests.push(new URL(request.url()).searchParams);
    });
    await visit(page, '/pages/ada/overview');
    const period = page.getByLabel('Period', { exact: true });
    expect(await period.inputValue()).toBe('30d');
    await period.focus();
    await page.keyboard.type('Month');
    await page.waitForURL('**/app/pages/ada/overview?range=mtd');
    await page.getByText('1 – 22 Nov 2026').waitFor();

    await page.keyboard.press('Tab');
    await page.keyboard.type('Compare to a');
    await page.waitForURL('**/app/pages/ada/overview?range=mtd&compare=year');
    await page.getByText('1 – 22 Nov 2025, up to the same time of day').waitFor();
    await expect.poll(() => requests.map((query) => query.get('period'))).toContain('year');
    expect(requests.at(-1)?.get('from')).toBe('2026-11-01');

    await page.getByLabel('Comparison').selectOption('custom');
    await page.getByLabel('Compare from').fill('2026-10-01');
    await page.waitForURL('**/app/pages/ada/overview?range=mtd&compare=2026-10-01');
    await expect.poll(() => requests.at(-1)?.get('period')).toBe('2026-10-01');

    await period.selectOption('custom');
    await page.getByLabel('From', { exact: true }).fill('2026-11-10');
    await page.waitForURL('**/overview?compare=2026-10-01&from=2026-11-10&to=2026-11-22');
    await page.goBack();
    await page.goBack();
    expect(await period.inputValue()).toBe('mtd');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('keeps links of earlier versions, and offers to touch at least 44 px', async () => {
    const { context, page } = await open({ width: 360, scheme: 'light', touch: true });
    await visit(page, '/pages/ada/overview?range=365d&compare=previous');
    expect(await page.getByLabel('Period', { exact: true }).inputValue()).toBe('12mo');
    for (const label of ['Period', 'Comparison', 'Time zone']) {
      const box = await page.getByLabel(label, { exact: true }).boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(44);
    }
    expect(await fits(page)).toBeLessThanOrEqual(0);
    await context.close();
  });
});

it('remembers the theme', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  function background() {
    return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  }
  const light = await background();
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect.poll(background).not.toBe(light);
  await page.reload();
  await expect.poll(background).not.toBe(light);
  await context.close();
});

it('switches to another page, keeping tab and period', async () => {
  const { context, page } = await open({ width: 360, scheme: 'light' }, 'agency');
  await visit(page, '/pages/ada/ledger?range=7d&compare=previous&link=ada-1');
  await page.getByRole('button', { name: 'Switch page' }).click();
  await page.getByRole('link', { name: 'Grace Hopper' }).waitFor();
  await savePicture(page, 'switcher-360-light');
  await expect.poll(() => focused(page)).toBe('Search pages');
  await page.keyboard.type('grace');
  await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await page.waitForURL('**/app/pages/grace/ledger?range=7d&compare=previous');
  await context.close();
});

it('says above the tabs what happens now, and leads to the live view', async () => {
  const { context, page } = await open({ width: 360, scheme: 'light' }, 'creator');
  await page.getByRole('link', { name: '81 now' }).click();
  await page.waitForURL('**/app/pages/ada/live');
  await context.close();
});

it('has no page switcher for a creator with one page', async () => {
  const { context, page } = await open({ width: 360, scheme: 'light' }, 'creator');
  await visit(page, views.overview);
  expect(await page.getByRole('button', { name: 'Switch page' }).count()).toBe(0);
  await context.close();
});

describe('by keyboard', () => {
  it('moves the focus to a new view, and keeps it on a tab', async () => {
    const { context, page } = await open({ width: 1440, scheme: 'light' });
    await visit(page, views.links);
    await page.getByRole('link', { name: 'Bernoulli numbers' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Bernoulli numbers' }).waitFor();
    await expect.poll(() => focused(page)).toBe('main');
    await page.getByRole('link', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Destination', { exact: true }).waitFor();
    await expect.poll(() => focusedText(page)).toBe('Edit');
    await context.close();
  });

  it('keeps the focus in a dialog, and returns it to the button that opened it', async () => {
    const { context, page } = await open({ width: 1440, scheme: 'light' });
    await visit(page, views.links);
    await page.getByRole('button', { name: 'Add link' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add a link' });
    await dialog.waitFor();
    const within: boolean[] = [];
    for (let press = 0; press < 25; press++) {
      await page.keyboard.press('Tab');
      // After the last control, the focus goes to the browser's own controls and back, never behind the dialog.
      within.push(
        await dialog.evaluate(
          (element) => element.contains(document.activeElement) || document.activeElement === document.body,
        ),
      );
    }
    expect(within).not.toContain(false);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => focusedText(page)).toBe('Add link');
    await context.close();
  });

  it('moves a link down, and keeps the focus on its button', async () => {
    const { context, page } = await open({ width: 1440, scheme: 'light' });
    await visit(page, views.editor);
    await page.getByRole('button', { name: 'Move Notes by the translator down' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Move Notes by the translator down');
    await page.getByRole('status').getByText('Notes by the translator: position 3 of 6').waitFor();
    await context.close();
  });
});

it('keeps unsaved edits when the list of links changes, and shows all links', async () => {
  const { context, page } = await open({ width: 1440, scheme: 'light' });
  function response(names: readonly string[], next: string | null) {
    return {
      rows: names.map((code) => fixtureLink({ code, title: `Link ${code}` })),
      next,
    };
  }
  let later: string[] = [];
  await page.route('**/api/v1/links?*', (route) => {
    const more = new URL(route.request().url()).searchParams.has('cursor');
    return route.fulfill({ json: more ? response(['c', ...later], null) : response(['a', 'b'], 'more') });
  });
  await visit(page, views.editor);
  const rows = page.getByRole('listitem').filter({ has: page.getByRole('checkbox') });
  await expect.poll(() => rows.count()).toBe(3);
  await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Not saved yet');
  await page.getByRole('button', { name: 'Move Link c up' }).click();
  later = ['d'];
  const read = page.waitForResponse(/cursor=more/);
  await page.clock.setFixedTime(fixtureNow + 3_600_000);
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  await read;
  await page.getByRole('checkbox', { name: 'Show Link d' }).waitFor();
  expect(await page.getByRole('textbox', { name: 'Title', exact: true }).inputValue()).toBe('Not saved yet');
  expect(await rows.locator('label').allInnerTexts()).toEqual(['Link a', 'Link c', 'Link b', 'Link d']);
  await context.close();
});

describe('live numbers', () => {
  const minutes = 60_000;

  /** Opens a browser with a clock that the test moves; `requests` collects the requests for totals. */
  async function openWithClock() {
    const { context, page } = await open({ width: 1440, scheme: 'light' }, 'creator');
    await page.clock.install({ time: fixtureNow });
    const requests: Route[] = [];
    return { context, page, requests };
  }

  it('are not requested again before the last response arrived', async () => {
    const { context, page, requests } = await openWithClock();
    await page.route('**/api/v1/pages/*/stats?*', (route) => void requests.push(route));
    await page.reload();
    await expect.poll(() => requests.length).toBe(1);
    await page.clock.runFor(30_000);
    expect(requests.length).toBe(1);
    await context.close();
  });

  it('are not requested while the tab is hidden', async () => {
    const { context, page, requests } = await openWithClock();
    await page.route('**/api/v1/pages/*/stats?*', (route) => {
      requests.push(route);
      return route.fallback();
    });
    await page.reload();
    await page.getByRole('region', { name: 'Totals' }).getByText('31,320').waitFor();
    await page.clock.runFor(16_000);
    await expect.poll(() => requests.length).toBe(2);
    function show(state: 'hidden' | 'visible'): Promise<void> {
      return page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        window.dispatchEvent(new Event('visibilitychange'));
      }, state);
    }
    await show('hidden');
    await page.clock.runFor(10 * minutes);
    expect(requests.length).toBe(2);
    await show('visible');
    await expect.poll(() => requests.length).toBe(3);
    await context.close();
  });
});

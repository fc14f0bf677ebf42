import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCsv } from '#core/imports/delimited.ts';
import type { LocalStack } from '#local/stack.ts';
import { fixtureNow, fixtureStats, hostile, serveFixtures } from './fixture-api.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';
import { startDashboard } from './start-dashboard.ts';

/** Filters, segments, annotations and expanded panels of the overview, with fixtures as the API's responses. */

let stack: LocalStack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startDashboard());
});
afterAll(() => stop());

/** Signs in and opens the overview; `sent` collects the bodies of changes by method and path. */
async function open(query = '', width = 1440) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, timezoneId: 'Europe/Vienna' });
  const page = await context.newPage();
  const sent: [string, unknown][] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/') && request.method() !== 'GET')
      sent.push([`${request.method()} ${new URL(request.url()).pathname.slice(7)}`, request.postDataJSON()]);
  });
  await serveFixtures(page, 'creator');
  await signIn(page, stack.url, 'creator');
  await page.clock.setFixedTime(fixtureNow);
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/app/pages/ada/overview${query}`);
  await region(page, 'Totals').getByText('31,320').waitFor();
  return { page, sent, close: () => context.close() };
}

function region(page: Page, name: string) {
  return page.getByRole('region', { name, exact: true });
}

function queryOf(page: Page): string {
  return decodeURIComponent(new URL(page.url()).search);
}

async function download(page: Page): Promise<{ name: string; rows: string[][] }> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const file = await waiting;
  const content = await readFile(await file.path(), 'utf8');
  return { name: file.suggestedFilename(), rows: parseCsv(content).map(({ cells }) => cells) };
}

describe('a change', () => {
  it.each([1440, 360])('is explained in words and by value, at %i px', async (width) => {
    const { page, close } = await open('?compare=previous', width);
    await page.getByRole('button', { name: 'What changed?' }).click();
    const dialog = page.getByRole('dialog', { name: 'What changed' });
    await dialog.getByText(/^31,320 views, before: [\d,]+ views \(\+\d+%\)\.$/).waitFor();
    const countries = dialog.getByRole('region', { name: 'The change by country' });
    await countries.getByRole('row', { name: /^Austria [\d,]+ [\d,]+ [+−][\d,]+$/ }).waitFor();
    await dialog.getByRole('button', { name: 'Click-through rate' }).click();
    await dialog
      .getByText(/ points from other visitors, .* points from visitors who click (more|less) often\.$/)
      .first()
      .waitFor();
    await savePicture(page, `changes-${width}`);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
    await close();
  });
  it('is not offered without a comparison', async () => {
    const { page, close } = await open();
    expect(await page.getByRole('button', { name: 'What changed?' }).count()).toBe(0);
    await close();
  });
});

describe('imported counts', () => {
  it.each([1440, 360])('stand beside the numbers of the period, and in another shade, at %i px', async (width) => {
    const { page, close } = await open('?from=2026-10-20&to=2026-11-22', width);
    const totals = region(page, 'Totals');
    await totals
      .getByText(/^[\d,]+ views imported from Plausible, 20 Oct – 1 Nov 2026\. Not checked for bots/)
      .waitFor();
    await totals.getByText('12,034 clicks of 57 links before Hopcount: Bitly, as of 1 Nov 2026').waitFor();
    await totals.getByText('Imported history goes back to 1 Mar 2024.').waitFor();
    const traffic = region(page, 'Traffic');
    await traffic.getByText('Imported from Plausible, not checked for bots').waitFor();
    expect(await traffic.locator('.line.views.imported').count()).toBe(1);
    const imported = region(page, 'Imported breakdowns');
    await imported.getByText('Google').waitFor();
    await savePicture(page, `imported-${width}`);
    await traffic.getByRole('button', { name: 'Table' }).click();
    await traffic.getByRole('columnheader', { name: 'Imported views' }).waitFor();
    await imported.getByRole('region', { name: 'Imported countries' }).getByText('Austria').waitFor();
    await totals.getByRole('link', { name: /^Show 20 Oct 2025 – 19 Oct 2026$/ }).click();
    await expect.poll(() => queryOf(page)).toBe('?from=2025-10-20&to=2026-10-19');
    await close();
  });

  it.each([1440, 360])('lead where Hopcount has counted nothing, in their own shade, at %i px', async (width) => {
    const { page, close } = await open('?from=2026-10-20&to=2026-11-22', width);
    await page.evaluate(() => {
      history.pushState(null, '', '?from=2026-10-01&to=2026-10-28');
      dispatchEvent(new PopStateEvent('popstate'));
    });
    const totals = region(page, 'Totals');
    await totals.getByText('Views from Plausible, imported').waitFor();
    expect(await totals.locator('.figures .figure-value').allInnerTexts()).toEqual(['23,716']);
    await totals
      .getByText(
        /^Imported from Plausible, 1\s?–\s?28 Oct 2026\. Not checked for bots\. Hopcount has counted nothing itself in this period\.$/,
      )
      .waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await savePicture(page, `imported-alone-${width}-${colorScheme}`);
    }
    await close();
  });

  it('are left out with a filter, and say so', async () => {
    const { page, close } = await open('?from=2026-10-20&to=2026-11-22&country=AT');
    await region(page, 'Totals')
      .getByText('Counts imported from Plausible are left out: they can’t be filtered.')
      .waitFor();
    expect(await page.locator('.line.imported').count()).toBe(0);
    expect(await region(page, 'Imported breakdowns').count()).toBe(0);
    await close();
  });
});

describe('filters', () => {
  it('are added by rows, edited in their chip, and removed', async () => {
    const { page, close } = await open();
    await region(page, 'Places').getByRole('button', { name: 'Filter by Austria' }).click();
    await region(page, 'Places').getByRole('button', { name: 'Filter by Germany' }).click();
    await region(page, 'Links').getByRole('button', { name: 'Filter by Letters' }).click();
    await expect.poll(() => queryOf(page)).toBe('?country=AT&country=DE&link=ada-4');
    const chip = page.getByRole('button', { name: 'Country is Austria or Germany (edit filter)' });
    await chip.click();
    const dialog = page.getByRole('dialog', { name: 'Edit filter' });
    await dialog.getByLabel('Condition').selectOption('is not');
    await dialog.getByLabel('Find or type a value').fill('united');
    await dialog.getByLabel('United States').check();
    await dialog.getByLabel('Find or type a value').fill('FR');
    await dialog.getByRole('button', { name: 'Add “FR”' }).click();
    await savePicture(page, 'filter-dialog-1440-light');
    await dialog.getByRole('button', { name: 'Save filter' }).click();
    await expect
      .poll(() => queryOf(page))
      .toBe('?link=ada-4&country.not=AT&country.not=DE&country.not=US&country.not=FR');
    await page.getByRole('button', { name: 'Country is not Austria, Germany or 2 more (edit filter)' }).waitFor();
    await region(page, 'Links').getByRole('button', { name: 'Filter by Letters', pressed: true }).click();
    await page.getByRole('button', { name: /Remove filter Country is not/ }).click();
    await expect.poll(() => queryOf(page)).toBe('');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('range-bar');
    await close();
  });

  it('find a text, and go to the API as they are in the URL', async () => {
    const { page, close } = await open();
    const asked = page.waitForRequest(
      (request) => request.url().includes('/stats?') && request.url().includes('host.'),
    );
    await page.getByRole('button', { name: 'Add filter' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add filter' });
    await dialog.getByLabel('Dimension').selectOption('Site');
    await dialog.getByLabel('Condition').selectOption('contains');
    await dialog.getByLabel('Text to find').fill('insta, gram');
    await dialog.getByRole('button', { name: 'Add “insta, gram”' }).click();
    await dialog.getByRole('button', { name: 'Add filter' }).click();
    expect(new URL((await asked).url()).searchParams.getAll('host.contains')).toEqual(['insta, gram']);
    await page.getByRole('button', { name: 'Site contains “insta, gram” (edit filter)' }).waitFor();
    await close();
  });
});

describe('custom events', () => {
  it('are listed with their visitors and revenue, and are what a filter by name counts', async () => {
    const { page, close } = await open();
    const events = region(page, 'Events by name');
    await events.getByRole('row', { name: 'Order Completed 61 57 0.7% €2,104.52 · ¥48,000 Sales' }).waitFor();
    await events.getByRole('row', { name: 'Order Refunded 2 0 – -€40.00 Refunds' }).waitFor();
    await events.getByRole('button', { name: 'Order Completed' }).click();
    await expect.poll(() => queryOf(page).replace('+', ' ')).toBe('?event=Order Completed');
    await page.getByRole('button', { name: 'Event is Order Completed (edit filter)' }).waitFor();
    await region(page, 'Totals').getByText('378').waitFor();
    await region(page, 'Places').getByText('No events in this period.').waitFor();
    await page.getByRole('button', { name: 'Add filter' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add filter' });
    await dialog.getByLabel('Dimension').selectOption('Event');
    await dialog.getByLabel('sign_up').check();
    await dialog
      .getByRole('button', { name: 'Cancel' })
      .or(dialog.getByRole('button', { name: 'Close' }))
      .click();
    await close();
  });

  it('of a link cannot be filtered by: they are of its visits', async () => {
    const { page, close } = await open();
    await page.evaluate(() => {
      history.pushState(null, '', '/app/links/ada-1/overview');
      dispatchEvent(new PopStateEvent('popstate'));
    });
    const events = region(page, 'Events by name');
    await events.getByRole('row', { name: /^sign_up 214/ }).waitFor();
    expect(await events.getByRole('button').count()).toBe(0);
    await page.getByRole('button', { name: 'Add filter' }).click();
    const offered = page.getByRole('dialog', { name: 'Add filter' }).getByLabel('Dimension').locator('option');
    expect(await offered.allTextContents()).not.toContain('Event');
    await close();
  });
});

describe('segments', () => {
  it('are chosen, which filters the view, and saved under a name', async () => {
    const { page, sent, close } = await open();
    await page.getByLabel('Segment').selectOption('Phones outside Austria');
    await expect.poll(() => queryOf(page)).toBe('?country.not=AT&device=mobile');
    expect(await page.getByLabel('Segment').locator('option:checked').innerText()).toBe('Phones outside Austria');
    expect(await page.getByRole('button', { name: 'Save segment' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Remove filter Device is Phone' }).click();
    await page.getByRole('button', { name: 'Save segment' }).click();
    const dialog = page.getByRole('dialog', { name: 'Segments' });
    await dialog.getByLabel('Name of the new segment').fill('Abroad');
    await dialog.getByRole('button', { name: 'Save segment' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent).toEqual([
      [
        'POST /pages/ada/segments',
        { name: 'Abroad', filters: [{ dimension: 'country', operator: 'is-not', values: ['AT'] }] },
      ],
    ]);
    await close();
  });
});

describe('annotations', () => {
  it('are marked below the chart and named in its table, hostile ones as text', async () => {
    const { page, close } = await open();
    const traffic = region(page, 'Traffic');
    await traffic.getByRole('button', { name: 'Annotation: Deployed 1.2.0' }).click();
    const dialog = page.getByRole('dialog', { name: 'Annotation' });
    await dialog.getByText('10 Nov 2026, 14:05 Europe/Vienna · added by an API key').waitFor();
    expect(await dialog.getByRole('link').getAttribute('href')).toBe('https://example.org/1.2.0');
    await page.keyboard.press('Escape');
    await traffic.getByRole('button', { name: '2 annotations' }).click();
    await page.getByRole('dialog', { name: 'Annotations' }).getByText(hostile.slice(0, 20)).waitFor();
    await page.keyboard.press('Escape');
    await traffic.getByText('Not settled yet', { exact: true }).waitFor();
    await traffic.getByRole('button', { name: 'Table' }).click();
    await traffic.getByRole('row', { name: /10 Nov 2026.*Deployed 1\.2\.0/ }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await close();
  });

  it('are added at a time in the zone of the page, or for a whole date', async () => {
    const { page, sent, close } = await open('', 360);
    await page.getByRole('button', { name: 'Add annotation' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add annotation' });
    await dialog.getByLabel('Text').fill('Sale begins');
    await dialog.getByLabel('Time').fill('09:30');
    await dialog.getByRole('button', { name: 'Add annotation' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Add annotation' }).click();
    await dialog.getByLabel('Text').fill('Holiday');
    await dialog.getByLabel('Date').fill('2026-11-20');
    await dialog.getByRole('button', { name: 'Add annotation' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent.map(([, body]) => body)).toEqual([
      { text: 'Sale begins', at: '2026-11-22T08:30:00.000Z', url: null },
      { text: 'Holiday', at: '2026-11-20', url: null },
    ]);
    await close();
  });
});

describe('an expanded panel', () => {
  it('has all rows with the compared period, and is searched and exported as shown', async () => {
    const { page, close } = await open('?compare=previous');
    await region(page, 'Places').getByRole('button', { name: 'Cities' }).click();
    await region(page, 'Places').getByRole('button', { name: 'Expand Places' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cities' });
    await dialog.getByRole('row', { name: /Berlin, Germany 1,290 .* 903 \+43%/ }).waitFor();
    await dialog.getByLabel('Search cities').fill('AUSTRIA');
    await expect.poll(() => dialog.getByRole('row').count()).toBe(3);
    const { name, rows } = await download(page);
    expect(name).toMatch(/^ada-cities-2026-\d\d-\d\d-to-2026-\d\d-\d\d\.csv$/);
    expect(rows).toEqual([
      ['Cities', 'Clicks', 'Share', 'Views', 'Clicks before', 'Change'],
      ['Wien, Austria', '2710', expect.stringMatching(/^0\.\d{1,4}$/), '6233', '0', ''],
      ['Graz, Austria', '640', expect.stringMatching(/^0\.\d{1,4}$/), '1472', '704', '-0.0909'],
    ]);
    await dialog.getByRole('button', { name: 'Graz, Austria' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => queryOf(page)).toBe('?compare=previous&city=AT/Graz');
    await close();
  });

  it.each(['Traffic', 'Links', 'World', 'Sources', 'Technology', 'UTM', 'Visits', 'Events', 'Alerts', 'Forecast'])(
    '%s opens by keyboard, and gives the focus back',
    async (name) => {
      const { page, close } = await open();
      const button = page.getByRole('button', { name: `Expand ${name}`, exact: true });
      await button.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Export CSV' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(`Expand ${name}`);
      await close();
    },
  );
});

describe('a page without traffic in the default period', () => {
  const empty = { views: 0, clicks: 0, uniques: 0, sessions: 0, ctr: null };

  it('opens on the last one that has some, says so, and leads back', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 900 } });
    const page = await context.newPage();
    await serveFixtures(page, 'creator');
    await page.route('**/api/v1/pages/ada/stats?*', (route) => {
      const url = new URL(route.request().url());
      if (url.searchParams.get('to') === '2015-07-28') return route.fallback();
      // The API does not tell the last date of filtered statistics.
      const latest = url.searchParams.has('country') ? null : '2015-07-28';
      return route.fulfill({ json: { ...fixtureStats(url), totals: empty, series: [], latest } });
    });
    await signIn(page, stack.url, 'creator');
    const line = page.getByText(
      'No traffic in the last 30 days. Showing the last dates with traffic, 29 Jun – 28 Jul 2015.',
    );
    await line.waitFor();
    await region(page, 'Totals').getByText('31,320').waitFor();
    await region(page, 'Places').getByRole('button', { name: 'Filter by Austria' }).click();
    await expect.poll(() => queryOf(page)).toBe('?country=AT');
    await region(page, 'Totals').getByText('31,320').waitFor();
    await line.waitFor();
    await page.getByRole('button', { name: /Remove filter Country/ }).click();
    await page.getByRole('link', { name: 'Show the last 30 days' }).click();
    await expect.poll(() => queryOf(page)).toBe('?range=30d');
    await line.waitFor({ state: 'detached' });
    await region(page, 'Traffic').getByText('No traffic in this period.').waitFor();
    await context.close();
  });
});

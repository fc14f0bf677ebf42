import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCsv } from '#core/imports/delimited.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { temporaryDirectory } from '../../pipeline/stack-facts.ts';
import { launchChromium } from '../chromium.ts';
import { fixtureNow, fixtureStats, hostile, serveFixtures } from './fixture-api.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';

/** Filters, segments, annotations and expanded panels of the overview, with fixtures as the API's responses. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([
    startLocalStack({ dataDirectory: directory, port: 0, schedules: false }),
    launchChromium(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  remove();
});

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
    const asked = page.waitForRequest((request) => request.url().includes('/stats?') && request.url().includes('host'));
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

  it.each(['Traffic', 'Links', 'World', 'Sources', 'Technology', 'UTM values', 'Visits', 'Alerts', 'Forecast'])(
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

import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LocalStack } from '#local/stack.ts';
import { fixtureNow, serveFixtures } from './fixture-api.ts';
import { anomalies, hostileReferrer, noForecast, skippedForecast } from './alerts-fixtures.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';
import { startDashboard } from './start-dashboard.ts';

/** Alerts, forecast and backtest, with fixtures as the API's responses. */

let stack: LocalStack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startDashboard());
});
afterAll(() => stop());

type Responses = Readonly<Record<string, (route: Route) => Promise<void>>>;

/** Signs in and opens a view; `responses` replace those of the fixtures, by the last word of their path. */
async function open(view: string, responses: Responses = {}, width = 1440): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, timezoneId: 'Europe/Vienna' });
  const page = await context.newPage();
  await serveFixtures(page, 'creator');
  for (const [word, respond] of Object.entries(responses)) await page.route(`**/api/v1/pages/*/${word}**`, respond);
  await signIn(page, stack.url, 'creator');
  await page.clock.setFixedTime(fixtureNow);
  await page.evaluate((to) => {
    history.pushState(null, '', `/app${to}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, view);
  await page.locator('main h1').first().waitFor();
  return page;
}

function json(body: unknown) {
  return (route: Route) => route.fulfill({ json: body });
}
function problem(status: number, errors: unknown[] = []) {
  return (route: Route) =>
    route.fulfill({
      status,
      contentType: 'application/problem+json',
      json: { type: 'urn:hopcount:problem:x', title: 'x', status, detail: 'The store does not answer.', errors },
    });
}

const overview = '/pages/ada/overview';
const settings = '/pages/ada/settings?section=alerts';
const mailSettings = '/pages/ada/settings?section=mails';
function region(page: Page, name: string) {
  return page.getByRole('region', { name, exact: true });
}
async function textOf(page: Page, name: string): Promise<string> {
  return (await region(page, name).innerText()).replaceAll(/[\s\u00a0]+/g, ' ');
}

/** Opens an alert by a text of its line. */
function openAlert(page: Page, text: string): Promise<void> {
  return region(page, 'Alerts').locator('summary', { hasText: text }).first().click();
}

function panelInSight(page: Page) {
  return page.waitForFunction(() => {
    const place = document.getElementById('alerts')?.getBoundingClientRect();
    return place !== undefined && place.top >= 0 && place.top < window.innerHeight;
  });
}

describe('alerts', () => {
  it('show a sentence, the causes, and broken destinations', async () => {
    const page = await open(overview);
    // One line each; opened, their cause.
    await region(page, 'Alerts').getByText('62% fewer views than usual since 12 Nov', { exact: true }).waitFor();
    expect(await region(page, 'Alerts').getByText('Instagram').first().isVisible()).toBe(false);
    for (const line of ['since 12 Nov', 'on 2 Nov', 'from 20 Oct to 22 Oct']) await openAlert(page, line);
    const text = await textOf(page, 'Alerts');
    for (const words of [
      'Open 62% fewer views than usual since 12 Nov 1 broken link',
      'Detected 13 Nov 2026, 01:25 Europe/Vienna',
      '62% fewer views than usual since 12 Nov: 470 views, about 1,240 expected; 94% of the change from Instagram, 70% from Austria and Germany, only /merch changed.',
      '/ada-1 is broken: https://shop.example/merch: returns HTTP 404',
      'Bots made 12% of all requests (usually 3%). They are not counted.',
      'Only /merch changed; other links did not.',
      'Back to normal on 5 Nov 6.5 times the usual views on 2 Nov',
      'Detected 3 Nov 2026, 01:25 Europe/Vienna by the classic rules',
      'Click-through rate down 51% from 20 Oct to 22 Oct: 20%, 41% expected.',
    ])
      expect(text).toContain(words);
    const row = region(page, 'Alerts').getByRole('row', { name: /Austria/ });
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(['402', '97', '40%']);
    await page.context().close();
  });

  it('link to the broken link', async () => {
    const page = await open(overview);
    const alerts = region(page, 'Alerts');
    await openAlert(page, '2 broken links');
    await alerts.getByText(/^Traffic stopped: 0 views in two hours from 07:00 on 3 Oct; about 92 expected/).waitFor();
    await alerts.getByText(/Spring merch \(\/ada-1\) is broken:/).waitFor();
    await alerts.getByRole('link', { name: 'Edit the link' }).last().click();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/app/links/ada-2/edit');
    await page.context().close();
  });

  it('are marked in the chart, and named in its table', async () => {
    const page = await open(`${overview}?range=30d`);
    const traffic = region(page, 'Traffic');
    await traffic
      .getByRole('figure', {
        name: 'Traffic over time, 2 alerts and 3 annotations marked. The table shows the same numbers.',
      })
      .waitFor();
    await expect.poll(() => traffic.locator('.alert-mark').count()).toBe(2);
    await traffic.getByRole('button', { name: 'Table' }).click();
    await traffic.getByRole('columnheader', { name: 'Alert' }).waitFor();
    expect(await traffic.getByRole('row', { name: /fewer views than usual since 12 Nov/ }).count()).toBe(11);
    expect(await traffic.getByRole('row', { name: /6\.5 times the usual views on 2 Nov/ }).count()).toBe(1);
    await page.context().close();
  });

  it('show hostile referrers as plain text', async () => {
    const page = await open(overview);
    await openAlert(page, 'on 2 Nov');
    await region(page, 'Alerts').getByText(hostileReferrer.slice(0, 24)).first().waitFor();
    expect([await page.locator('main img').count(), await page.title()]).toEqual([
      0,
      expect.stringContaining('Hopcount'),
    ]);
    await page.context().close();
  });

  it('show an error with a button to try again, and an empty state', async () => {
    let failing = true;
    const page = await open(overview, {
      anomalies: (route) => (failing ? problem(503)(route) : json({ rows: [], next: null, mutedUntil: null })(route)),
    });
    const alerts = region(page, 'Alerts');
    await alerts.getByRole('alert').waitFor();
    await region(page, 'Forecast').getByText('Next 7 days').waitFor();
    failing = false;
    await alerts.getByRole('button', { name: 'Try again' }).click();
    await alerts.getByText('No alerts yet.').waitFor();
    await page.context().close();
  });

  it('stand in one line above the numbers until someone acknowledges them', async () => {
    let shown = anomalies;
    const changes: unknown[] = [];
    const page = await open(overview, {
      anomalies: async (route) => {
        if (route.request().method() !== 'PATCH') return json(shown)(route);
        const change = z.object({ acknowledged: z.boolean().optional(), feedback: z.string().optional() });
        const { acknowledged } = change.parse(route.request().postDataJSON());
        changes.push([decodeURIComponent(new URL(route.request().url()).pathname), route.request().postDataJSON()]);
        const [first, ...others] = shown.rows;
        if (!first) return route.abort();
        const changed =
          acknowledged === undefined
            ? { ...first, feedback: 'not-useful' as const }
            : { ...first, acknowledgedAt: acknowledged ? '2026-11-22T14:20:00.000Z' : null };
        shown = { ...shown, rows: [changed, ...others] };
        return json(changed)(route);
      },
    });
    const line = page.locator('.alert-notice');
    await line.getByText('62% fewer views than usual since 12 Nov').waitFor();
    const numbers = await region(page, 'Totals').boundingBox();
    // One line does not push the numbers down.
    expect((await line.boundingBox())?.height).toBeLessThan(60);
    expect(numbers?.y).toBeLessThan(450);
    await line.getByRole('link', { name: 'See why' }).click();
    await panelInSight(page);
    const alerts = region(page, 'Alerts');
    await alerts.getByRole('button', { name: 'Acknowledge' }).click();
    await alerts.getByText('Acknowledged 22 Nov 2026, 15:20').waitFor();
    await line.waitFor({ state: 'detached' });
    await alerts
      .getByRole('group', { name: 'Was this alert useful?' })
      .first()
      .getByRole('button', { name: 'No' })
      .click();
    await expect.poll(() => alerts.getByRole('button', { name: 'No', pressed: true }).count()).toBe(1);
    await alerts.getByRole('button', { name: 'Undo' }).click();
    await line.waitFor();
    const path = '/api/v1/pages/ada/anomalies/2026-11-12#traffic';
    expect(changes).toEqual([
      [path, { acknowledged: true }],
      [path, { feedback: 'not-useful' }],
      [path, { acknowledged: false }],
    ]);
    await page.context().close();
  });

  it('are muted for a time, which is said', async () => {
    const sent: unknown[] = [];
    let mutedUntil: string | null = null;
    const page = await open(overview, {
      mute: (route) => {
        const { until } = z.object({ until: z.string().nullable() }).parse(route.request().postDataJSON());
        sent.push(until);
        mutedUntil = until;
        return json({ until })(route);
      },
      anomalies: (route) => json({ ...anomalies, mutedUntil })(route),
    });
    const alerts = region(page, 'Alerts');
    await alerts.getByLabel('Mute mails of alerts').selectOption('1 week');
    await alerts.getByText('Mails muted until 29 Nov 2026, 15:20').waitFor();
    await alerts.getByRole('button', { name: 'Unmute' }).click();
    await alerts.getByLabel('Mute mails of alerts').waitFor();
    expect(sent).toEqual(['2026-11-29T14:20:00.000Z', null]);
    await page.context().close();
  });

  it('of an agency link from its table to the panel of their page', async () => {
    const page = await open('/agencies/engines/overview');
    const link = page.getByRole('link', { name: /62% fewer views than usual since 12 Nov/ }).first();
    await link.click();
    await expect.poll(() => new URL(page.url()).hash).toBe('#alerts');
    await panelInSight(page);
    await page.context().close();
  });
});

it('a mail links to the panel, through signing in', async () => {
  const context = await browser.newContext({ viewport: { width: 360, height: 700 } });
  const page = await context.newPage();
  await serveFixtures(page, 'creator');
  await page.goto(`${stack.url}/app/pages/ada/overview#alerts`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Page of the creator').fill('/ada');
  await page.getByRole('button', { name: 'Continue as creator' }).click();
  // The first is open.
  await region(page, 'Alerts').getByText('/ada-1 is broken:').waitFor();
  const { pathname, hash } = new URL(page.url());
  expect([pathname, hash]).toEqual(['/app/pages/ada/overview', '#alerts']);
  await panelInSight(page);
  await context.close();
});

describe('the forecast', () => {
  it('shows totals with their range, the pace of the month and its basis', async () => {
    const page = await open(overview);
    await region(page, 'Forecast').getByText('Next 28 days').waitFor();
    const text = await textOf(page, 'Forecast');
    for (const words of [
      'Next 7 days 3,000 2,400 to 3,600 views',
      'Next 28 days 12,000 9,600 to 14,400 views',
      'Forecast for November: 12,400 views (11,214 to 13,871), ahead of the goal of 10,000: 97% likely to reach it.',
      'Based on days through 21 Nov. Updated every night.',
    ])
      expect(text).toContain(words);
    await page.context().close();
  });

  it('has a table with 28 past and 28 future days', async () => {
    const page = await open(overview);
    const forecast = region(page, 'Forecast');
    await forecast.getByRole('button', { name: 'Table' }).click();
    await expect.poll(() => forecast.getByRole('row').count()).toBe(57);
    function cells(name: string) {
      return forecast.getByRole('row', { name }).getByRole('cell').allInnerTexts();
    }
    expect(await cells('Tue, 3 Nov 2026')).toEqual(['–', '', '', '']);
    expect(await cells('Sat, 21 Nov 2026')).toEqual(['397', '', '', '']);
    expect(await cells('Sun, 22 Nov 2026')).toEqual(['–', '380', '304', '456']);
    await page.context().close();
  });

  it.each([
    ['before the first', noForecast, 'No forecast yet. The first one appears the night after the first settled day.'],
    ['that was skipped', skippedForecast, 'a forecast needs two weeks of settled days'],
  ])('%s says why there is none', async (_name, body, words) => {
    const page = await open(overview, { forecast: json(body) }, 360);
    await region(page, 'Forecast').getByText(words).waitFor();
    await page.context().close();
  });
});

describe('the settings', () => {
  it('show the backtest of the settings as edited, before they are saved', async () => {
    const page = await open(settings);
    const backtest = region(page, 'Backtest');
    const summary = backtest.getByRole('status');
    async function words(): Promise<string> {
      return (await summary.innerText()).replaceAll('\u00a0', ' ');
    }
    await summary.waitFor();
    await expect
      .poll(words)
      .toBe('With the setting “normal”, you would have received 2 alerts in 90 days (15 Sept, 10 Oct).');
    await page.getByLabel('Sensitivity').selectOption('high');
    await expect
      .poll(words)
      .toBe('With the setting “high”, you would have received 3 alerts in 90 days (15 Sept, 10 Oct, 10 Nov).');
    await backtest.getByText('42% fewer views than usual on 10 Nov').waitFor();
    await backtest.getByText('1,002 views expected, 580 counted').waitFor();
    await backtest.getByText('Hourly detection would have sent 2 alerts in 34 days').waitFor();
    const hours = backtest.getByRole('list', { name: 'Hourly alerts with this setting' });
    await hours.getByText('22% fewer views than usual from 14:00 on 18 Nov to 16:00 on 18 Nov').waitFor();
    await page.getByLabel('Sensitivity').selectOption('low');
    await expect.poll(words).toBe('With the setting “low”, you would have received 1 alert in 90 days (15 Sept).');
    await page.getByLabel('Classic rules').check();
    await expect
      .poll(words)
      .toBe('With the setting “classic”, you would have received 2 alerts in 90 days (15 Sept, 10 Oct).');
    expect(await page.getByLabel('Sensitivity').isDisabled()).toBe(true);
    expect(
      await backtest.getByRole('list', { name: 'Alerts with each setting' }).getByRole('listitem').allInnerTexts(),
    ).toEqual([
      'Low\n1\nalert\n+ 0 hourly',
      'Normal\n2\nalerts\n+ 1 hourly',
      'High\n3\nalerts\n+ 2 hourly',
      'Classic\n2\nalerts',
    ]);
    await page.context().close();
  });

  it('exclude a day from the backtest before it is saved, and save it', async () => {
    const saved: unknown[] = [];
    const page = await open(settings, {
      settings: async (route) => {
        if (route.request().method() === 'PUT') saved.push(route.request().postDataJSON());
        return saved.length === 0 ? route.fallback() : route.fulfill({ json: saved.at(-1) });
      },
    });
    const summary = region(page, 'Backtest').getByRole('status');
    await page.getByLabel('Excluded days', { exact: true }).first().fill('2026-10-10');
    await page.getByRole('button', { name: 'Exclude day' }).click();
    await summary.getByText('1 alert in 90 days (15 Sept)').waitFor();
    await page.getByRole('button', { name: 'Save alert settings' }).click();
    await page.getByText('Settings saved.').waitFor();
    expect(saved).toEqual([expect.objectContaining({ alerts: expect.objectContaining({ badDays: ['2026-10-10'] }) })]);
    await page.getByRole('button', { name: 'Remove Sat, 10 Oct 2026' }).click();
    await summary.getByText('2 alerts in 90 days').waitFor();
    await page.context().close();
  });

  it('show who has confirmed, and ask again', async () => {
    const asked: unknown[] = [];
    const rows = [
      { address: 'office@example.com', state: 'confirmed', askedAt: null },
      { address: 'new@example.com', state: 'pending', askedAt: '2026-11-20T08:00:00.000Z' },
    ];
    const page = await open(mailSettings, {
      recipients: (route) => {
        if (route.request().method() !== 'POST') return route.fulfill({ json: { rows } });
        asked.push(route.request().postDataJSON());
        return route.fulfill({ status: 202, json: rows[1] });
      },
    });
    const list = page.getByRole('list', { name: 'Confirmations' });
    await list.getByText('Waiting for confirmation').waitFor();
    expect(await list.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/new@example\.com\s+Waiting for confirmation\s+Send again/),
    ]);
    await page.getByRole('button', { name: 'Send the confirmation to new@example.com again' }).click();
    await list.getByText('sent again').waitFor();
    expect(asked).toEqual([{ address: 'new@example.com' }]);
    await page.context().close();
  });

  it('show an error of the API at its field', async () => {
    const page = await open(mailSettings, {
      settings: (route) =>
        route.request().method() === 'PUT'
          ? problem(400, [
              { field: 'alerts.recipients[1]', value: 'ada', allowed: 'an address such as ada@example.com' },
            ])(route)
          : route.fallback(),
    });
    const recipients = page.getByRole('combobox', { name: 'Recipients' });
    await recipients.fill('office@example.com');
    await recipients.press('Enter');
    await page.getByRole('button', { name: 'Save mail settings' }).click();
    await page.getByText('“ada” must be an address such as ada@example.com').waitFor();
    expect(await recipients.getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.context().close();
  });
});

it.each([
  [360, 'light'],
  [360, 'dark'],
  [1440, 'light'],
  [1440, 'dark'],
] as const)('fits %i px in %s', async (width, scheme) => {
  const page = await open(overview, {}, width);
  await page.emulateMedia({ colorScheme: scheme });
  await region(page, 'Forecast').locator('.time-chart svg').first().waitFor();
  await savePicture(page, `alerts-${width}-${scheme}`);
  function overflow() {
    return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  }
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.evaluate((to) => {
    history.pushState(null, '', `/app${to}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, settings);
  await region(page, 'Backtest').getByRole('status').waitFor();
  await savePicture(page, `alert-settings-${width}-${scheme}`);
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.context().close();
});

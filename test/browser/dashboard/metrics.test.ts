import { AxeBuilder } from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { LocalStack } from '#local/stack.ts';
import { newMetricSchema } from '#schemas/insights/metrics.ts';
import { fixtureNow, serveFixtures } from './fixture-api.ts';
import { findPhoneFaults } from './phone-faults.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';
import { startDashboard } from './start-dashboard.ts';

/** Custom metrics: what their view shows, their editor, and their share. The API's responses are fixtures. */

let stack: LocalStack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startDashboard());
});
afterAll(() => stop());

async function open({ width = 1440, scheme = 'light' as 'light' | 'dark', touch = false } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    timezoneId: 'Europe/Vienna',
    hasTouch: touch,
    isMobile: touch,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  await serveFixtures(page, 'admin');
  await signIn(page, stack.url, 'admin');
  await page.clock.setFixedTime(fixtureNow);
  await page.evaluate(() => {
    history.pushState(null, '', '/app/pages/ada/metrics');
    dispatchEvent(new PopStateEvent('popstate'));
  });
  await page.getByRole('button', { name: 'New metric' }).waitFor();
  await page.waitForLoadState('networkidle');
  return { context, page };
}

it('shows each metric with its total, goal, completeness and freshness, and exports it', async () => {
  const { context, page } = await open();
  const sales = page.getByRole('region', { name: 'Sales per click' });
  await sales.getByText('4.3%', { exact: true }).waitFor();
  await sales.getByText('4.3% this month. Goal: at least 5.0% a month (86%).').waitFor();
  await sales.getByText('16 of 28 days are known. Days before a mark have an earlier definition').waitFor();
  await sales.getByText('From stored events, before 14:00 · Europe/Vienna').waitFor();
  expect(await sales.locator('.version-mark').count()).toBe(1);
  await sales.getByRole('figure', { name: '1 change of its definition marked' }).waitFor();
  await sales
    .getByText('Alert open: below 5.0% for 2 weeks, since 2 Nov. Last: 4.3% in the week from 9 Nov.')
    .waitFor();
  const revenue = page.getByRole('region', { name: 'Revenue less refunds' });
  await revenue.getByText('€11,545.00', { exact: true }).waitFor();
  await revenue.getByText('Ahead: €8,650.00 this month, €7,120.00 expected by now.').waitFor();
  await revenue.getByText('Alert above €5,000.00 for a day. Muted: fewer than 20 events on 21 Nov.').waitFor();
  await revenue.getByText('27 events had no number, or another currency').waitFor();
  const clicks = page.getByRole('region', { name: 'Clicks from Austria' });
  await clicks.getByText('Live, as of 15:20 · exact before 14:00').waitFor();
  await clicks.getByText('Behind: 51 this week, 38 expected by now.').waitFor();

  await sales.getByRole('button', { name: 'Table' }).click();
  await sales.getByRole('row', { name: 'Sun, 22 Nov 2026' }).getByText('Not settled yet').waitFor();
  await sales.getByRole('button', { name: 'Expand Sales per click' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name: 'Export CSV' }).click(),
  ]);
  const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
  expect(download.suggestedFilename()).toBe('ada-sales-per-click-2026-10-26-to-2026-11-22.csv');
  expect(lines[0]).toBe('\uFEFFStart,Sales per click (%),State,Ignored events,Version');
  expect(lines[1]).toMatch(/^2026-11-22,[\d.]+,Not settled yet,0,2$/);
  expect(lines.at(-2)).toBe('16 of 28 days are known. Settled through 2026-11-22T13:00:00.000Z.');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

  const weeks = page.waitForRequest(/values\?from=2026-08-31&to=2026-11-22&by=week/);
  await page.getByRole('button', { name: '12 weeks' }).click();
  await weeks;
  const months = page.waitForRequest(/values\?from=2025-12-01&to=2026-11-22&by=month/);
  await page.getByRole('button', { name: '12 months' }).click();
  await months;
  await context.close();
});

it.each([
  { width: 1440, scheme: 'light' as const, touch: false },
  { width: 360, scheme: 'dark' as const, touch: true },
])('checks a definition as it is typed, previews it with its price, and saves it at $width px', async (look) => {
  const { context, page } = await open(look);
  await page.getByRole('button', { name: 'New metric' }).click();
  const dialog = page.getByRole('dialog', { name: 'New metric' });
  await dialog.getByLabel('Name', { exact: true }).fill('Revenue per click');
  await dialog.getByLabel('Unit').selectOption('Money');
  await dialog.getByLabel('Currency').fill('eur');
  await dialog.getByLabel('Counts').first().selectOption('Sum of a property');
  await dialog.getByLabel('Property').first().fill('price');
  await dialog.getByRole('button', { name: 'Add filter to a' }).click();
  await dialog.getByLabel('Filter by').selectOption('Event');
  await dialog.getByLabel('Values').fill('purchase\nsale');

  const formula = dialog.getByLabel('Formula', { exact: true });
  await formula.fill('a;b');
  await dialog.getByText('Character 2: expected an operator or the end.').waitFor();
  expect(await dialog.locator('.formula-error mark').innerText()).toBe(';');
  expect(await dialog.getByRole('button', { name: 'Save metric' }).isDisabled()).toBe(true);
  await savePicture(page, `metric-error-${look.width}-${look.scheme}`);
  await formula.fill('a / constructor');
  await dialog.getByText('Character 5: expected one of the measures a, b.').waitFor();
  await formula.fill('a / b');
  expect(await formula.getAttribute('aria-invalid')).toBeNull();

  await dialog.getByRole('button', { name: 'Preview 28 days' }).click();
  await dialog.getByText('This preview cost less than $0.0001; the history costs at most $0.00065').waitFor();
  await dialog.getByLabel('Target (optional)').fill('0.5');
  const alert = dialog.getByRole('group', { name: 'Alert' });
  await alert.getByLabel('Send an alert').selectOption('On unusual days');
  await alert.getByText('once two weeks are known').waitFor();
  expect(await alert.getByLabel('Threshold').count()).toBe(0);
  await alert.getByLabel('Send an alert').selectOption('Above a value');
  await alert.getByLabel('Threshold').fill('1.25');
  await alert.getByLabel('A period is').selectOption('A week');
  await alert.getByLabel('Periods in a row').fill('15');
  expect(await alert.getByLabel('Periods in a row').evaluate((input: HTMLInputElement) => input.validity.valid)).toBe(
    false,
  );
  await alert.getByLabel('Periods in a row').fill('2');
  await dialog.getByRole('button', { name: 'Preview 28 days' }).click();
  await dialog.getByText('12 events ignored').waitFor();
  await savePicture(page, `metric-editor-${look.width}-${look.scheme}`);
  const audit = await new AxeBuilder({ page }).include('dialog').analyze();
  expect(audit.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  // The dialog covers the foot of the page.
  const faults = look.touch ? await findPhoneFaults(page) : [];
  expect(faults.filter((fault) => !fault.includes('DB-IP'))).toEqual([]);

  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/metrics'));
  await dialog.getByRole('button', { name: 'Save metric' }).click();
  expect(newMetricSchema.parse((await sent).postDataJSON())).toEqual({
    name: 'Revenue per click',
    unit: 'money',
    currency: 'EUR',
    decimals: 0,
    measures: {
      a: {
        of: 'sum',
        property: 'price',
        filters: [{ field: 'event', operator: 'is', values: ['purchase', 'sale'] }],
      },
      b: { of: 'views', property: null, filters: [] },
    },
    formula: 'a / b',
    goal: { target: 50, period: 'month', at: 'least' },
    alert: { when: 'above', value: 125, period: 'week', periods: 2 },
  });
  await dialog.waitFor({ state: 'detached' });
  await context.close();
});

it('edits what is stored without changing it', async () => {
  const { context, page } = await open();
  await page.getByRole('button', { name: 'Edit Sales per click' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit Sales per click' });
  await dialog.getByText('begin version 3').waitFor();
  expect(await dialog.getByLabel('Target (optional)').inputValue()).toBe('5');
  const sent = page.waitForRequest((request) => request.method() === 'PUT');
  await page.route('**/metrics/m1', (route) => route.fulfill({ status: 404, json: {} }));
  await dialog.getByRole('button', { name: 'Save metric' }).click();
  const request = z.looseObject({ measures: z.unknown(), goal: z.unknown() }).parse((await sent).postDataJSON());
  expect(request).toMatchObject({
    name: 'Sales per click',
    currency: null,
    measures: {
      a: { of: 'events', filters: [{ field: 'event', operator: 'is', values: ['purchase', 'sale'] }] },
      b: { of: 'clicks', filters: [{ field: 'properties.plan', operator: 'is-not', values: ['free'] }] },
    },
    goal: { target: 0.05, period: 'month', at: 'least' },
    alert: { when: 'below', value: 0.05, period: 'week', periods: 2 },
  });
  await context.close();
});

it('is on a share only as far as it is ticked', async () => {
  const { context, page } = await open();
  await page.evaluate(() => {
    history.pushState(null, '', '/app/pages/ada/settings?section=sharing');
    dispatchEvent(new PopStateEvent('popstate'));
  });
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const dialog = page.getByRole('dialog');
  const group = dialog.getByRole('group', { name: 'Metrics to show' });
  expect(await group.getByLabel('Sales per click').isChecked()).toBe(true);
  await group.getByLabel('Clicks from Austria').check();
  const sent = page.waitForRequest((request) => request.method() === 'PATCH');
  await dialog.getByRole('button', { name: 'Save share link' }).click();
  expect((await sent).postDataJSON()).toMatchObject({ metrics: ['m1', 'm3'] });
  await context.close();
});

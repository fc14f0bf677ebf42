import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Locator, Page } from 'playwright-core';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { startOfPeriod } from '#core/periods.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { linkSchema, pageSchema } from '#schemas/catalog.ts';
import { type Receiver, startReceiver, verifyWebhook } from '#test/alerts/channel-receiver.ts';
import { type DayOfTraffic, putTraffic } from '#test/alerts/traffic.ts';
import { temporaryDirectory } from '#test/pipeline/stack-facts.ts';
import { launchChromium } from '../chromium.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';

/**
 * A webhook, a metric with a goal and an alert, a campaign, a table of retention and a funnel: each is made in the dashboard, and has
 * the numbers of events that settle. The webhook gets the incident of the page and the alert of the metric, signed and once.
 */

const { directory, remove } = temporaryDirectory();
const madeAt = '2026-01-01T00:00:00Z';
const zone = 'Europe/Vienna';
/** The newest Saturday that has settled by the Sunday after it, so that the week of the goal is the same on every day. */
const last = addDays(startOfPeriod(localTimeOf(zone, Date.now() - 3 * 86_400_000).date, 'week'), -2);
const settleTime = `${addDays(last, 1)}T00:12:00Z`;
let stack: LocalStack;
let browser: Browser;
let receiver: Receiver;
/** Signs what the webhook gets. */
let secret = '';

/** @param days before the last one */
function ago(days: number): string {
  return addDays(last, -days);
}

beforeAll(async () => {
  receiver = await startReceiver();
  [stack, browser] = await Promise.all([
    startLocalStack({
      dataDirectory: directory,
      port: 0,
      schedules: false,
      seed: false,
      functionVariables: { PRIVATE_DESTINATIONS: '127.0.0.1' },
    }),
    launchChromium(),
  ]);
  const page = { path: '/ada', title: 'Ada @everyone', timeZone: zone, agency: 'north' };
  const ids = { identities: 'identified', identitySecret: 'secret', identitiesSince: madeAt };
  await stack.catalog.putPage(pageSchema.parse({ ...page, ...ids, createdAt: madeAt, updatedAt: madeAt }));
  for (const [code, title, campaign] of [
    ['ada-link', 'Spring merch', null],
    ['story', 'In the story', 'spring'],
    ['bio', 'In the bio', 'spring'],
  ]) {
    const link = { id: code, code, page: '/ada', title, url: `${receiver.url}/merch`, campaign };
    await stack.catalog.putLink(linkSchema.parse({ ...link, createdAt: madeAt, updatedAt: madeAt }));
  }
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  receiver.stop();
  remove();
});

const ada = { page: '/ada', zone, views: 0, clicks: 0 };

/** 17 days of about 310 views and a fifth of it clicks, but 90 views on the last. */
function everyDay(): DayOfTraffic[] {
  return Array.from({ length: 17 }, (_, at) => {
    const views = at === 16 ? 90 : 300 + (at % 5) * 6;
    return { ...ada, date: ago(16 - at), views, clicks: Math.round(views / 5) };
  });
}

const signUp = { event_type: 'custom' as const, event_name: 'Signed Up', link_id: null };

/** Clicks on two links of a campaign, before and in it, and on a link of another. */
function ofCampaign(): DayOfTraffic[] {
  const spring = { campaign_id: 'spring', link_id: 'bio' };
  return [
    // The eighth day is in the equal span before, the tenth is not.
    { ...ada, date: ago(10), clicks: 90, row: () => spring },
    { ...ada, date: ago(8), clicks: 30, row: () => spring },
    {
      ...ada,
      date: ago(6),
      clicks: 60,
      row: (index) => ({
        campaign_id: 'spring',
        link_id: index < 30 ? 'story' : 'bio',
        country: index < 10 ? 'AT' : 'DE',
        ...(index >= 40 && { outcome: 'bot', outcome_rule: 'isbot' }),
      }),
    },
    { ...ada, date: ago(5), clicks: 20, row: () => ({ campaign_id: 'spring', link_id: 'story' }) },
    { ...ada, date: ago(5), clicks: 7, row: () => ({ campaign_id: 'other', link_id: 'story' }) },
  ];
}

/** Six people come first four days before the last one, and five a day later. */
function ofPeople(): DayOfTraffic[] {
  function seen(days: number, from: number, to: number): DayOfTraffic {
    return { ...ada, date: ago(days), views: to - from, row: (index) => ({ consented_id: `person-${from + index}` }) };
  }
  return [seen(4, 0, 6), seen(3, 0, 3), seen(3, 6, 11), seen(2, 0, 1), seen(2, 6, 8)];
}

/** Ten visits to a page, six of which click after a minute, and four sign up after another. */
function ofVisits(): DayOfTraffic[] {
  const visits = { ...ada, date: ago(3) };
  function by(index: number, minute: number) {
    const at = Date.parse(`${visits.date}T11:0${minute}:00Z`);
    return { visitor_id: 7919n * BigInt(900_000 + index), occurred_at: at, received_at: at };
  }
  const properties = '{"url":"https://ada.example/pricing?from=bio"}';
  return [
    { ...visits, views: 10, row: (index) => ({ ...by(index, 0), properties }) },
    { ...visits, clicks: 6, row: (index) => by(index, 1) },
    { ...visits, clicks: 4, row: (index) => ({ ...by(index, 2), ...signUp }) },
    { ...ada, date: last, clicks: 24, row: () => signUp },
  ];
}

async function open(width: number, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, timezoneId: zone });
  return context.newPage();
}

async function openAs(role: 'creator' | 'agency', view: string, width = 1440): Promise<Page> {
  const page = await open(width);
  await signIn(page, stack.url, role, role === 'creator' ? '/ada' : 'north');
  await page.goto(`${stack.url}/app/${view}`);
  return page;
}

/** Returns the text of a figure, by its name. */
function figure(page: Page, name: string): Promise<string> {
  return plainTextOf(page.locator('.figure', { has: page.locator(`dt:text-is("${name}")`) }).locator('dd'));
}

async function plainTextOf(element: Locator): Promise<string> {
  return (await element.innerText()).replace(/\s+/g, ' ').trim();
}

async function rowsOf(elements: Locator): Promise<string[]> {
  return Promise.all((await elements.all()).map(plainTextOf));
}

function hooks(path = '/hook') {
  return receiver.received.filter((each) => each.path === path);
}

describe('a webhook', () => {
  it('is added and tested', async () => {
    receiver.answer = ({ path }) => ({ status: path === '/merch' ? 404 : 200 });
    const page = await openAs('creator', 'pages/ada/settings?section=alerts');
    const panel = page.getByRole('region', { name: 'Alert channels' });
    await panel.getByText('No channels yet.').waitFor();
    await panel.getByRole('button', { name: 'Add channel' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Status board');
    await dialog.getByLabel('Webhook URL').fill(`${receiver.url}/hook`);
    await dialog.getByRole('button', { name: 'Add channel' }).click();
    await dialog.getByText('Must be the address of a Slack incoming webhook').waitFor();
    await dialog.getByLabel('Service').selectOption('Webhook');
    await dialog.getByRole('button', { name: 'Add channel' }).click();
    secret = await dialog.locator('.secret code').innerText();
    expect(secret).toMatch(/^whsec_/);
    await savePicture(page, 'channel-added-1440-light');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.locator('.secret').waitFor({ state: 'detached' });
    const row = panel.getByRole('listitem').filter({ hasText: 'Status board' });
    await row.getByText('127.0.0.1, ending in hook').waitFor();
    expect(await page.content()).not.toContain(secret);
    await row.getByRole('button', { name: 'Send test' }).click();
    await row.getByText(/^Delivered at \d\d:\d\d\.$/).waitFor();
    const [test] = hooks();
    expect(test && verifyWebhook(test, secret)).toMatchObject({ type: 'test', data: { channel: 'Status board' } });
    await page.context().close();
  });

  it('of an agency is in its overview, and says when a test is not delivered', async () => {
    const page = await openAs('agency', '', 360);
    const panel = page.getByRole('region', { name: 'Alert channels' });
    await panel.getByRole('button', { name: 'Add channel' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Service').selectOption('Webhook');
    await dialog.getByLabel('Name').fill('Agency');
    await dialog.getByLabel('Webhook URL').fill(`${receiver.url}/agency`);
    await dialog.getByRole('button', { name: 'Add channel' }).click();
    await dialog.getByText('You won’t be able to see it again.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    const { answer } = receiver;
    receiver.answer = () => ({ status: 503, body: 'internal words' });
    await panel.getByRole('button', { name: 'Send test' }).click();
    await panel.getByText(/^Not delivered at \d\d:\d\d: returned HTTP 503\.$/).waitFor();
    receiver.answer = answer;
    expect(await page.getByText('internal words').count()).toBe(0);
    await savePicture(page, 'channel-failed-360-light');
    await page.context().close();
  });
});

it('a metric is made with its goal and its alert, before anything has happened', async () => {
  const page = await openAs('creator', 'pages/ada/metrics');
  await page.getByRole('button', { name: 'New metric' }).click();
  const dialog = page.getByRole('dialog', { name: 'New metric' });
  await dialog.getByLabel('Name', { exact: true }).fill('Sign-ups per view');
  await dialog.getByLabel('Counts').first().selectOption('Custom events');
  await dialog.getByRole('button', { name: 'Add filter to a' }).click();
  await dialog.getByLabel('Filter by').selectOption('Event');
  await dialog.getByLabel('Values').fill('Signed Up');
  await dialog.getByLabel('Target (optional)').fill('5');
  await dialog.getByLabel('Period', { exact: true }).selectOption('a week');
  const alert = dialog.getByRole('group', { name: 'Alert' });
  await alert.getByLabel('Send an alert').selectOption('Below a value');
  await alert.getByLabel('Threshold').fill('30');
  await dialog.getByRole('button', { name: 'Save metric' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Alert below 30.0% for a day. Not evaluated yet.').waitFor();
  await page.context().close();
});

describe('when days of traffic have settled', () => {
  beforeAll(async () => {
    await putTraffic(stack, [...everyDay(), ...ofCampaign(), ...ofPeople(), ...ofVisits()]);
    expect((await stack.idle(60_000)).idle).toBe(true);
    const settled = await stack.invoke(stack.outputs.SettleFunction, { time: settleTime });
    expect(settled).toMatchObject({ state: 'done', refused: [] });
  });

  it('the webhook gets the incident of the page and the alert of the metric, signed, once', async () => {
    const detect = { job: 'daily', time: `${addDays(last, 1)}T00:25:00Z` };
    const runs = [1, 2].map(() => stack.invoke(stack.outputs.AlertsFunction, detect));
    await Promise.all(runs);
    await stack.invoke(stack.outputs.AlertsFunction, detect);
    const events = hooks()
      .slice(1)
      .map((each) => verifyWebhook(each, secret));
    expect(events.map(({ type }) => type).toSorted()).toEqual(['incident.opened', 'metric.alert']);
    expect(events.find(({ type }) => type === 'incident.opened')).toMatchObject({
      data: {
        page: '/ada',
        title: 'Ada @everyone',
        headline: expect.stringMatching(/^7\d% fewer views than usual$/),
        lines: expect.arrayContaining([
          expect.stringMatching(/^90 views on Saturday \d+ \w+\. Expected: about 3\d\d\.$/),
          expect.stringMatching(/^Spring merch \(\/ada-link\) is broken: .* returns HTTP 404$/),
        ]),
        dashboard: `${stack.url}/app/pages/ada/overview#alerts`,
        incident: { id: `${last}#traffic`, unit: 'views', direction: 'drop', first: { actual: 90 } },
      },
    });
    expect(events.find(({ type }) => type === 'metric.alert')).toMatchObject({
      data: {
        page: '/ada',
        headline: 'Sign-ups per view is below 30.0% for a day',
        lines: [expect.stringMatching(/^It was 26\.7% on Saturday \d+ \w+\.$/), expect.any(String)],
        dashboard: `${stack.url}/app/pages/ada/metrics`,
        metric: { name: 'Sign-ups per view', unit: 'percent' },
        rule: { when: 'below', value: 0.3, period: 'day', periods: 1 },
        start: last,
        value: 24 / 90,
      },
    });
    // The agency's channel gets the same two.
    expect(hooks('/agency').slice(1)).toHaveLength(2);
  });

  it('the metric has its total, its goal and its open alert', async () => {
    const page = await openAs('creator', 'pages/ada/metrics');
    const card = page.getByRole('region', { name: 'Sign-ups per view' });
    // 28 sign-ups of 5,097 views; of the week, 28 of 1,677.
    await card.getByText('0.5%', { exact: true }).waitFor();
    await card.getByText(/^1\.7% this week\. Goal: at least 5\.0% a week \(33%\)\.$/).waitFor();
    await card.getByText(/^Alert open: below 30\.0% for a day, since .+\. Last: 26\.7% on .+\.$/).waitFor();
    await savePicture(page, 'metric-settled-1440-light');
    await page.context().close();
  });

  it('people are followed from the day on which they came first', async () => {
    const page = await openAs('creator', 'pages/ada/insights?by=day&cohorts=30');
    const table = page.getByRole('region', { name: 'Retention', exact: true }).getByRole('table');
    await table.getByText('ended days').waitFor();
    // Six and five people. The days after are hatched from the day after the last one, and the mean of the first is 5 of 11.
    const cells = await Promise.all(
      (await table.locator('tbody tr').all()).map(async (row) =>
        (await rowsOf(row.locator('th, td:not(.heat-running):not(.heat-future)'))).map(
          (text) => /^\d+%/.exec(text)?.[0] ?? text,
        ),
      ),
    );
    expect(cells[0]?.slice(1, 5)).toEqual(['45%', '9%', '0%', '0%']);
    const closed = cells.slice(1).map((row) => row.slice(1).join(' '));
    expect(closed.filter((row) => row !== '')).toEqual(['No new people', '40% 0% 0%', '50% 17% 0% 0%']);
    await savePicture(page, 'retention-settled-1440-light');
    await page.context().close();
  });

  it('visits go from step to step of a funnel', async () => {
    const page = await openAs('creator', `pages/ada/insights?from=${ago(16)}&to=${last}`);
    const panel = page.getByRole('region', { name: 'Funnels', exact: true });
    await panel.getByText('No funnels yet.').waitFor();
    await panel.getByRole('button', { name: 'New funnel' }).click();
    const dialog = page.getByRole('dialog', { name: 'New funnel' });
    await dialog.getByLabel('Name').fill('To a sign-up');
    await dialog.getByLabel('Path of step 1 (optional)').fill('/pricing');
    await dialog.getByRole('button', { name: 'Add step' }).click();
    await dialog.getByLabel('Step 3', { exact: true }).selectOption('Signed Up');
    await dialog.getByRole('button', { name: 'Save funnel' }).click();
    await dialog.waitFor({ state: 'detached' });
    const steps = panel.getByRole('listitem');
    await steps.nth(2).waitFor();
    expect(await rowsOf(steps)).toEqual([
      'Page views of /pricing 10 100.0% 4 went no further',
      'Link clicks 6 60.0% 60.0% of the step before, median 1 min 0 s · 2 went no further',
      'Signed Up 4 40.0% 66.7% of the step before, median 1 min 0 s',
    ]);
    await savePicture(page, 'funnel-settled-1440-light');
    await page.context().close();
  });

  let address = '';

  it('a campaign shows what its links have brought', async () => {
    const page = await openAs('creator', 'pages/ada/campaigns');
    const panel = page.getByRole('region', { name: 'Campaigns' });
    await panel.getByText('No campaigns yet.').waitFor();
    await savePicture(page, 'campaigns-empty-1440-light');
    await panel.getByRole('button', { name: 'Add campaign' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Spring launch');
    await dialog.getByLabel('Label of its links').fill('spring');
    await dialog.getByLabel('First day').fill(ago(6));
    await dialog.getByLabel('Last day').fill(ago(4));
    await dialog.getByLabel('Budget').fill('300');
    await dialog.getByLabel('Currency').fill('xxx');
    await dialog.getByLabel('Goal').selectOption('Clicks');
    await dialog.getByLabel('Clicks to reach').fill('50');
    await dialog.getByLabel(/^Public page/).check();
    await dialog.getByRole('button', { name: 'Add campaign' }).click();
    await dialog.getByText('Must be a code of ISO 4217').waitFor();
    await dialog.getByLabel('Currency').fill('eur');
    await savePicture(page, 'campaign-form-1440-light');
    await dialog.getByRole('button', { name: 'Add campaign' }).click();
    await page.getByRole('heading', { name: 'Spring launch' }).waitFor();
    address = page.url().replace('/app/campaigns/', '/app/public/campaigns/').replace('/overview', '');
    await savePicture(page, 'campaign-1440-light');
    expect(await figure(page, 'Clicks')).toBe('60 ↑ +100% on settled days, from the span before 30 before');
    expect(await figure(page, 'Daily visitors')).toBe('60');
    expect(await figure(page, 'Cost per click')).toBe('€5.00 of €300.00');
    expect(await plainTextOf(page.locator('.figure', { hasText: 'Robots kept out' }).locator('dd'))).toBe('25.0% (20)');
    // Only the cost has a line below it, and the numbers beside the large one are on one line.
    const bottoms = await page
      .locator('.figure:not(.main) .figure-value')
      .evaluateAll((numbers) => numbers.map((number) => Math.round(number.getBoundingClientRect().bottom)));
    expect(bottoms).toEqual([bottoms[0], bottoms[0], bottoms[0]]);
    expect(await rowsOf(page.getByRole('region', { name: 'Links' }).getByRole('listitem'))).toEqual([
      'In the story 50 83.3%',
      'In the bio 10 16.7%',
    ]);
    expect(await rowsOf(page.getByRole('region', { name: 'Countries' }).getByRole('listitem'))).toEqual([
      'Germany 30 50.0%',
      'United States 20 33.3%',
      'Austria 10 16.7%',
    ]);
    await page.getByText('60 of 50 clicks').waitFor();
    await page.getByText('Reached.').waitFor();
    expect(await plainTextOf(page.locator('.facts'))).toContain('Compared with');
    await page.getByRole('button', { name: 'Table' }).click();
    const rows = await rowsOf(page.getByRole('region', { name: 'Clicks by day' }).getByRole('row'));
    expect(rows.slice(1).map((row) => row.replace(/^(\w+),.* (\d+ \d+)$/, '$1 $2'))).toEqual([
      'Sun 40 40',
      'Mon 20 20',
      'Tue 0 0',
    ]);
    await page.context().close();
  });

  it('its public page has no account, budget and goal', async () => {
    const page = await open(360, 'dark');
    const [response] = await Promise.all([page.waitForResponse(/\/api\/v1\/public\/campaigns\//), page.goto(address)]);
    expect(response.headers()['cache-control']).toBe('public, max-age=60, stale-while-revalidate=300');
    expect(response.request().headers()['authorization'] ?? '').toBe('');
    await page.getByRole('heading', { name: 'Spring launch' }).waitFor();
    expect(await figure(page, 'Clicks')).toBe('60');
    expect(await figure(page, 'Daily visitors')).toBe('60');
    await page.getByRole('region', { name: 'Links' }).getByText('In the story').waitFor();
    const text = await page.locator('body').innerText();
    for (const hidden of ['€', 'Goal', 'Cost', 'Edit', 'spring']) expect(text).not.toContain(hidden);
    await savePicture(page, 'campaign-public-360-dark');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    await page.context().close();
  });

  it('it is taken back, and deleted, and so is the webhook', async () => {
    const page = await openAs('creator', 'pages/ada/campaigns', 360);
    await page.getByText('Ended').waitFor();
    await page.getByRole('link', { name: 'Spring launch' }).click();
    await page.getByRole('button', { name: 'Edit campaign' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Public page/).uncheck();
    await dialog.getByRole('button', { name: 'Save campaign' }).click();
    await dialog.waitFor({ state: 'detached' });
    const visitor = await open(1440);
    await visitor.goto(address);
    await visitor.getByRole('heading', { name: 'This campaign is not public' }).waitFor();
    await savePicture(visitor, 'campaign-not-public-1440-light');
    await page.getByRole('button', { name: 'Edit campaign' }).click();
    await dialog.getByRole('button', { name: 'Delete campaign' }).click();
    await dialog.getByRole('button', { name: 'Delete campaign' }).click();
    await page.getByText('No campaigns yet.').waitFor();
    await page.goto(`${stack.url}/app/pages/ada/settings?section=alerts`);
    const row = page.getByRole('listitem').filter({ hasText: 'Status board' });
    await row.getByRole('button', { name: 'Delete channel' }).click();
    await page.getByText('No channels yet.').waitFor();
    await Promise.all([page.context().close(), visitor.context().close()]);
  });
});

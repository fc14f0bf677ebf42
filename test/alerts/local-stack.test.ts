import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { addDays } from '#core/ledger/time-range.ts';
import { alertsAnchor, parseRoute } from '../../dashboard/src/router/routes.ts';
import { createOutbox } from '#local/aws/outbox.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { anomaliesSchema, backtestsSchema, forecastSchema } from '#schemas/api/detection.ts';
import { recipientsSchema } from '#schemas/api/pages.ts';
import { linkSchema, pageSchema, userSchema } from '#schemas/catalog.ts';
import { defaultAlerts } from '#schemas/alerts.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { temporaryDirectory } from '#test/pipeline/stack-facts.ts';
import { type DayOfTraffic, putTraffic } from './traffic.ts';

const zone = 'Europe/Vienna';
const first = '2026-10-26';
const dropDay = addDays(first, 21);
const madeAt = '2026-01-01T00:00:00Z';
const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let confirmLink = '';

beforeAll(async () => {
  stack = await startLocalStack({ dataDirectory: directory, port: 0, schedules: false, seed: false });
  for (const [name, agency] of [
    ['ada', 'north'],
    ['bob', 'north'],
  ] as const) {
    const base = { path: `/${name}`, title: `${name} <b>writes</b>`, timeZone: zone, agency };
    const alerts = { recipients: [`${name}@example.com`], quietHours: { from: 22, to: 7 } };
    await stack.catalog.putPage(pageSchema.parse({ ...base, alerts, createdAt: madeAt, updatedAt: madeAt }));
    await stack.catalog.putLink(
      linkSchema.parse({
        id: `${name}-link`,
        code: `${name}-link`,
        page: `/${name}`,
        url: 'http://127.0.0.1:9/merch',
        createdAt: madeAt,
        updatedAt: madeAt,
      }),
    );
  }
  const agency = { subject: 'north-1', email: 'north@example.com', role: 'agency', agency: 'north' };
  await stack.catalog.putUser(userSchema.parse(agency));
});
afterAll(async () => {
  await stack.stop();
  remove();
});

/** Five of six views come from Instagram; on the day of the drop none does, and the others stay. */
function source(index: number) {
  return index % 6 !== 0
    ? { referrer_host: 'l.instagram.com', referrer_class: 'social' as const, referrer_name: 'Instagram' }
    : { referrer_host: null, referrer_class: 'direct' as const, referrer_name: null };
}

function dayOf(page: string, date: string, views: number): DayOfTraffic {
  return {
    page,
    zone,
    date,
    views,
    clicks: Math.round(views / 5),
    row: source,
  };
}
/** Returns a daily count that varies a little. */
function usual(date: string): number {
  return 300 + ((Date.parse(date) / 86_400_000) % 5) * 6;
}

function days(from: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => addDays(from, at));
}
function outbox() {
  return createOutbox(path.join(directory, 'outbox.ndjson')).list().toReversed();
}
/** Returns alerts and recoveries only. */
function alertMails() {
  return outbox().filter(({ subject }) => !/this week|in October|^north|^Confirm/.test(subject));
}
function fold(text: string | null): string {
  return (text ?? '').replaceAll(/<[^>]*>|[\u2066-\u2069]/g, '').replaceAll(/\s+/g, ' ');
}

/** Returns the dashboard view to which a mail links. */
function shownAt(text: string | null | undefined) {
  const [, address = ''] = /Open the dashboard: (\S+)/.exec(text ?? '') ?? [];
  const { pathname, hash } = new URL(address);
  return { ...parseRoute(pathname.replace(/^\/app/, '')), hash };
}

async function settle(time: string): Promise<void> {
  const { idle } = await stack.idle(60_000);
  expect(idle).toBe(true);
  expect(await stack.invoke(stack.outputs.SettleFunction, { time })).toMatchObject({ state: 'done', refused: [] });
}

/** Runs the job twice at once, as a scheduler may, and once more. */
async function detectThrice(time: string): Promise<unknown[]> {
  function run() {
    return stack.invoke(stack.outputs.AlertsFunction, { job: 'daily', time });
  }
  return [...(await Promise.all([run(), run()])), await run()];
}

it('sends nothing before the first settle, and nothing about usual days', async () => {
  expect(
    await stack.invoke(stack.outputs.AlertsFunction, { job: 'daily', time: `${dropDay}T00:25:00Z` }),
  ).toMatchObject({
    skipped: { 'nothing-settled': 1 },
  });
  await putTraffic(
    stack,
    days(first, 21).flatMap((date) => [dayOf('/ada', date, usual(date)), dayOf('/bob', date, usual(date))]),
  );
  await settle(`${dropDay}T00:12:00Z`);
  const runs = await detectThrice(`${dropDay}T00:25:00Z`);
  expect(runs[2]).toMatchObject({ pages: 2, alerts: 0, mails: 0, skipped: { 'no-new-settled-day': 2 } });
  expect(outbox()).toEqual([]);
});

it('asks for confirmation of an address that a user enters, and sends it nothing else before', async () => {
  const signedIn = await (await fetch(`${stack.url}/_local/token?as=creator&for=/bob`)).json();
  const authorization = `Bearer ${z.object({ token: z.string() }).parse(signedIn).token}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const { mustConfirm: _, mutedUntil: __, ...alerts } = defaultAlerts;
  const body = JSON.stringify({
    timeZone: zone,
    origins: [],
    identities: 'none',
    alerts: { ...alerts, recipients: ['bob@example.com', 'new@example.com'], quietHours: { from: 22, to: 7 } },
  });
  const saved = await fetch(`${stack.url}/api/v1/pages/bob/settings`, { method: 'PUT', headers, body });
  expect(saved.status).toBe(200);
  await vi.waitFor(() => expect(outbox()).toHaveLength(1), { timeout: 30_000, interval: 200 });
  expect(outbox()).toMatchObject([
    { to: ['new@example.com'], subject: expect.stringMatching(/^Confirm your address/) },
  ]);
  const [, link = ''] = /Confirm address: (\S+)/.exec(outbox()[0]?.text ?? '') ?? [];
  expect(await (await fetch(link)).text()).toContain('Confirm address');
  async function states() {
    const response = await fetch(`${stack.url}/api/v1/pages/bob/recipients`, { headers });
    return recipientsSchema.parse(await response.json()).rows.map(({ state }) => state);
  }
  expect(await states()).toEqual(['confirmed', 'pending']);
  confirmLink = link;
});

it('sends the weekly summary of each page once, on Monday morning', async () => {
  expect(new Date(dropDay).getUTCDay()).toBe(1);
  function run() {
    return stack.invoke(stack.outputs.AlertsFunction, { job: 'digest', time: `${dropDay}T07:50:00Z` });
  }
  await Promise.all([run(), run()]);
  await run();
  expect(
    outbox()
      .slice(1)
      .map(({ to, subject }) => `${to.join()}: ${subject}`)
      .toSorted(),
  ).toEqual([
    'ada@example.com: ada <b>writes</b>: 2,178 views this week',
    'bob@example.com: bob <b>writes</b>: 2,178 views this week',
  ]);
  const ada = outbox().find(({ to }) => to.includes('ada@example.com'));
  expect(fold(ada?.text ?? null)).toContain('Most clicked - /ada-link: 435');
  expect(shownAt(ada?.text)).toEqual({ view: 'page', page: 'ada', tab: 'overview', hash: '' });
  expect((await fetch(confirmLink, { method: 'POST' })).status).toBe(200);
});

it('forecasts each page and the pace of its month', async () => {
  const record = await stack.invoke(stack.outputs.AlertsFunction, { job: 'forecast', time: `${dropDay}T03:40:00Z` });
  expect(record).toMatchObject({ pages: 2, evaluated: 2 });
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const forecast = await createAlerts({ client, table: stack.outputs.CatalogTable, now: Date.now }).forecast('/ada');
  client.destroy();
  expect(forecast).toMatchObject({ state: 'forecast', through: addDays(dropDay, -1), pace: { month: '2026-11' } });
  expect(forecast?.days).toHaveLength(28);
  for (const { views, low, high } of forecast?.days ?? []) {
    expect(views).toBeGreaterThan(250);
    expect(views).toBeLessThan(380);
    expect(low).toBeLessThanOrEqual(views);
    expect(high).toBeGreaterThanOrEqual(views);
  }
});

it('reports a drop once, with its cause and its broken destination, after the quiet hours', async () => {
  await putTraffic(stack, [
    { ...dayOf('/ada', dropDay, 60), row: () => source(0) },
    dayOf('/bob', dropDay, usual(dropDay)),
  ]);
  const next = addDays(dropDay, 1);
  await settle(`${next}T00:12:00Z`);
  await detectThrice(`${next}T00:25:00Z`);
  expect(alertMails()).toEqual([]);
  await detectThrice(`${next}T06:25:00Z`);
  expect(alertMails().map(({ to, subject }) => [to, subject])).toEqual([
    [['ada@example.com'], expect.stringMatching(/^ada <b>writes<\/b>: 8\d% fewer views than usual$/)],
  ]);
  const [mail] = alertMails();
  expect(mail?.headers).toMatchObject({ 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
  expect(mail?.headers['List-Unsubscribe']).toMatch(
    /^<http:\/\/localhost:\d+\/api\/mail\/unsubscribe\?token=[\w.-]+>$/,
  );
  for (const part of [fold(mail?.html ?? null), fold(mail?.text ?? null)]) {
    expect(part).toContain('/ada-link is broken');
    expect(part).toContain('leads to an address that is not public');
    expect(part).toMatch(/of the change comes from [^.]*Instagram/);
    expect(part).toMatch(/60 views on \w+ 16 November\. Expected: about 3\d\d/);
    expect(part).toMatch(/With the setting “normal”, you would have received 1 alert in 90 days/);
  }
  expect(mail?.html).toContain('ada &lt;b&gt;writes&lt;/b&gt;');
  expect(shownAt(mail?.text)).toEqual({ view: 'page', page: 'ada', tab: 'overview', hash: `#${alertsAnchor}` });
});

it('returns the same sentences through the API, with a backtest of settled counters', async () => {
  const signedIn = await (await fetch(`${stack.url}/_local/token?as=creator&for=/ada`)).json();
  const headers = { authorization: `Bearer ${z.object({ token: z.string() }).parse(signedIn).token}` };
  async function ask(path: string): Promise<unknown> {
    return (await fetch(`${stack.url}/api/v1/pages/ada/${path}`, { headers })).json();
  }
  const mail = fold(alertMails()[0]?.text ?? null);
  const [open] = anomaliesSchema.parse(await ask('anomalies')).rows;
  expect(open?.state).toBe('open');
  expect(fold(open?.words.sentence ?? null)).toMatch(
    /^8\d% fewer views than usual since 16 Nov: 60 views, about 3\d\d expected; .*Instagram/,
  );
  for (const fact of open?.words.facts ?? []) expect(mail).toContain(fold(fact));
  const { through, unit, asked } = backtestsSchema.parse(await ask('backtest'));
  expect([through, unit]).toEqual([dropDay, 'views']);
  expect(asked.incidents).toMatchObject([{ from: dropDay, direction: 'drop', actual: 60 }]);
  expect(mail).toContain(fold(asked.words));
  const { forecast, recent, words } = forecastSchema.parse(await ask('forecast'));
  const last = addDays(dropDay, -1);
  expect([forecast?.through, recent?.at(-1)]).toEqual([last, { date: last, value: usual(last) }]);
  expect(words.pace).toMatch(/^Forecast for November: [\d,]+ views/);
});

it('adjusts the threshold once, when a reader presses “not useful”', async () => {
  const [, link = ''] = /No: (\S+)/.exec(alertMails()[0]?.text ?? '') ?? [];
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const alerts = createAlerts({ client, table: stack.outputs.CatalogTable, now: Date.now });
  async function threshold() {
    return (await alerts.states(['/ada'])).get('/ada')?.threshold;
  }
  const asked = await fetch(link);
  expect([asked.status, await asked.text()]).toEqual([200, expect.stringContaining('No, it was not useful')]);
  expect(await threshold()).toBe(1);
  for (let press = 0; press < 3; press++) expect((await fetch(link, { method: 'POST' })).status).toBe(200);
  expect(await threshold()).toBeCloseTo(2 ** (1 / 5));
  client.destroy();
});

it('sends an agency one mail for all its pages', async () => {
  function run() {
    return stack.invoke(stack.outputs.AlertsFunction, { job: 'digest', time: `${addDays(dropDay, 1)}T07:50:00Z` });
  }
  await Promise.all([run(), run()]);
  const mails = outbox().filter(({ to }) => to.includes('north@example.com'));
  expect(mails.map(({ subject }) => subject)).toEqual(['north: 1 page changed, 0 pages back to normal']);
  expect(shownAt(mails[0]?.text)).toEqual({ view: 'agency', agency: 'north', hash: '' });
  expect(fold(mails[0]?.text ?? null)).toMatch(
    /New \(1\) - ada writes \(\/ada\): 8\d% fewer views than usual since 16 Nov/,
  );
});

it('reports the end of the drop once, and nothing in between', async () => {
  for (const date of days(addDays(dropDay, 1), 3)) {
    await putTraffic(stack, [dayOf('/ada', date, usual(date)), dayOf('/bob', date, usual(date))]);
    const next = addDays(date, 1);
    await settle(`${next}T00:12:00Z`);
    await detectThrice(`${next}T00:25:00Z`);
    await detectThrice(`${next}T06:25:00Z`);
  }
  expect(
    alertMails()
      .map(({ to, subject }) => [to, subject])
      .slice(1),
  ).toEqual([[['ada@example.com'], 'ada <b>writes</b>: back to normal']]);
});

it('sends nothing to a reader whose mail client unsubscribed', async () => {
  const weekly = outbox().find(({ to, subject }) => to.includes('ada@example.com') && subject.includes('this week'));
  const [, url = ''] = /<(.+)>/.exec(weekly?.headers['List-Unsubscribe'] ?? '') ?? [];
  const body = 'List-Unsubscribe=One-Click';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(200);
  const monday = addDays(dropDay, 7);
  await settle(`${monday}T00:12:00Z`);
  const record = await stack.invoke(stack.outputs.AlertsFunction, { job: 'digest', time: `${monday}T07:50:00Z` });
  expect(record).toMatchObject({ mails: 2, skipped: { 'mail: refused': 1 } });
  const last = outbox().slice(-2);
  expect(last.map(({ to }) => to.join()).toSorted()).toEqual(['bob@example.com', 'new@example.com']);
  for (const { subject } of last) expect(subject).toContain('this week');
});

it('sends the summaries of last month once, in the name of the agency, with a logo that the stack serves', async () => {
  const signedIn = await (await fetch(`${stack.url}/_local/token?as=agency&for=north`)).json();
  const authorization = `Bearer ${z.object({ token: z.string() }).parse(signedIn).token}`;
  const logo =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGMQ0bABIgYUCgAcrQLRilA+/wAAAABJRU5ErkJggg==';
  const saved = await fetch(`${stack.url}/api/v1/agencies/north/brand`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'North Agency', logo, accent: '#1f6a70', poweredBy: false }),
  });
  expect(saved.status).toBe(200);
  const before = outbox().length;
  function run() {
    return stack.invoke(stack.outputs.AlertsFunction, { job: 'digest', time: '2026-11-01T07:50:00Z' });
  }
  await Promise.all([run(), run()]);
  await run();
  const mails = outbox().slice(before);
  // Unlike the weekly summary, ada has not unsubscribed from this one.
  expect(mails.map(({ to, subject }) => `${to.join()}: ${subject}`).toSorted()).toEqual([
    'ada@example.com: ada <b>writes</b>: 1,872 views in October',
    // Who changed the white label.
    'agency-north@localhost: north: 3,744 views in October',
    'bob@example.com: bob <b>writes</b>: 1,872 views in October',
    'new@example.com: bob <b>writes</b>: 1,872 views in October',
    'north@example.com: north: 3,744 views in October',
  ]);
  for (const { html, text } of mails) {
    expect(fold(text)).toMatch(/^North Agency /);
    const [, source = ''] = /<img[^>]* src="([^"]*)"/.exec(html ?? '') ?? [];
    const picture = await fetch(source.replaceAll('&amp;', '&'));
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    const bytes = Buffer.from(await picture.arrayBuffer()).toString('base64');
    expect(`data:image/png;base64,${bytes}`).toBe(logo);
  }
  const ada = mails.find(({ to }) => to.includes('ada@example.com'));
  expect(shownAt(ada?.text)).toEqual({ view: 'page', page: 'ada', tab: 'overview', hash: '' });
});

it('writes no address into any log', async () => {
  const logs = path.join(directory, 'logs');
  const files = readdirSync(logs, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  for (const { parentPath, name } of files)
    expect(readFileSync(path.join(parentPath, name), 'utf8'), name).not.toContain('@example.com');
});

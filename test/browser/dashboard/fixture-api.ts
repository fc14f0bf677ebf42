import type { Page as BrowserPage, Route } from 'playwright-core';
import { z } from 'zod';
import { ledgerSchema, meSchema, statsSchema } from '#schemas/api.ts';
import { agenciesSchema, agencyDashboardSchema, homeSchema } from '#schemas/api/agencies.ts';
import { changeMeasures, changesSchema } from '#schemas/api/changes.ts';
import { funnelReportSchema, funnelSchema, funnelsSchema } from '#schemas/api/insights/funnels.ts';
import { retentionSchema } from '#schemas/api/insights/retention.ts';
import { dashboardSchema } from '#schemas/api/dashboard.ts';
import { importResultSchema } from '#schemas/api/imports.ts';
import { fixturePulls } from './pull-fixtures.ts';
import { ledgerExamplesSchema, ruleEffectSchema, rulesSchema } from '#schemas/api/ledger.ts';
import { channelsSchema } from '#schemas/api/channels.ts';
import { createdIngestKeySchema, ingestKeysSchema } from '#schemas/api/ingest-keys.ts';
import { linkClicksSchema, linkIconsSchema, linksSchema, type LinkView, linkViewSchema } from '#schemas/api/links.ts';
import {
  type PageView,
  pageSettingsSchema,
  pagesSchema,
  pageViewSchema,
  peopleSchema,
  recipientsSchema,
} from '#schemas/api/pages.ts';
import { keysSchema, usersSchema } from '#schemas/api/users.ts';
import { annotationSchema, annotationsSchema, segmentSchema, segmentsSchema } from '#schemas/api/saved.ts';
import { realtimeSchema } from '#schemas/api/realtime.ts';
import { recentEventsSchema } from '#schemas/api/recent-events.ts';
import {
  metricPreviewSchema,
  metricsSchema,
  metricValuesSchema,
  metricViewSchema,
  newMetricSchema,
} from '#schemas/insights/metrics.ts';
import { sharesSchema } from '#schemas/api/shares.ts';
import { exportsSchema } from '#schemas/api/exports.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { describeChange } from '#core/mails/change-words.ts';
import { explainChange } from '#core/stats/explain-change.ts';
import { type Outcome, outcomes } from '#schemas/event.ts';
import { fixtureImport, fixtureImports } from './history-fixtures.ts';
import { firstImported, fixtureImported, lastImported } from './imported-fixtures.ts';
import { fixtureFunnel, fixtureFunnels, fixtureRetention } from './insights-fixtures.ts';
import { anomalies, backtests, forecast } from './alerts-fixtures.ts';
import { metrics, metricValues, previewOf } from './metrics-fixtures.ts';
import { campaignFixtures } from './campaign-fixtures.ts';

/** Fixed API responses, to test how views look, not whether their numbers are right. */

export const fixtureNow = Date.parse('2026-11-22T14:20:00Z');
const created = '2026-10-01T08:00:00Z';

/** A title, referrer or UTM value of an attacker. */
export const hostile = '<img src=x onerror="document.title=1">‮=HYPERLINK("//x")';

const freshness = {
  seconds: 20,
  hot: new Date(fixtureNow).toISOString(),
  settledThrough: '2026-11-22T13:00:00.000Z',
  settling: null,
  receivedThrough: '2026-11-22T14:15:00.000Z',
};

const errors: { part: string; message: string }[] = [];

const page: PageView = pageViewSchema.parse({
  path: '/ada',
  title: 'Ada Lovelace',
  description: 'Notes on the analytical engine.',
  timeZone: 'Europe/Vienna',
  url: 'https://go.example/@ada',
  domains: [],
  agency: 'engines',
  design: { accent: '#7c3aed', theme: 'dark', sections: ['Writings', hostile.slice(0, 40)] },
  createdAt: created,
  updatedAt: created,
});

const agencyPages = Array.from({ length: 150 }, (_, index) => {
  const sparkline = Array.from({ length: 30 }, (_day, day) => ({
    views: waves(day + index, 30 + ((index * 37) % 400)),
    clicks: waves(day + index * 2, 10 + ((index * 53) % 190)),
  }));
  const views = sparkline.reduce((sum, point) => sum + point.views, 0);
  const clicks = sparkline.reduce((sum, point) => sum + point.clicks, 0);
  return {
    path: `/creator-${index + 1}`,
    title: index === 4 ? hostile : `Creator number ${index + 1}`,
    agency: 'engines',
    timeZone: 'Europe/Vienna',
    recent: index % 5 === 0 ? (index % 7) + 1 : 0,
    views,
    clicks,
    ctr: Math.min(1, clicks / views),
    change: {
      views: ((index * 13) % 61) / 100 - 0.3,
      clicks: index % 17 === 0 ? null : ((index * 29) % 83) / 100 - 0.4,
    },
    sparkline,
    alerts:
      index % 23 === 3 ? [{ kind: 'drop', at: freshness.hot, summary: '62% fewer views than usual since 12 Nov' }] : [],
  };
});

/** Pages of two agencies, and one without, whose links are followed elsewhere. */
const homePages = agencyPages.slice(0, 12).map((each, index) => ({
  ...each,
  agency: index % 3 === 2 ? null : index % 3 === 1 ? 'looms' : 'engines',
  ...(index === 2 && { views: 0, ctr: null, change: { views: null, clicks: 2.74 } }),
}));

export const fixtureAgency: z.input<typeof agencyDashboardSchema> = {
  agency: 'engines',
  days: Array.from({ length: 30 }, (_, index) => dateAt(29 - index)),
  totals: { views: 812_332, clicks: 301_122, ctr: 0.371 },
  previous: { views: 790_001, clicks: 310_400, ctr: 0.393 },
  pages: agencyPages,
  sources: {},
  freshness,
  errors,
};

export type Role = z.infer<typeof meSchema>['role'];

/** Builds a link as the API returns it. */
export function fixtureLink(link: Pick<z.input<typeof linkViewSchema>, 'code' | 'title'>): LinkView {
  return linkViewSchema.parse({
    protected: false,
    id: link.code,
    page: '/ada',
    url: 'https://www.example.com/',
    shortUrl: `https://go.example/${link.code}`,
    createdAt: created,
    updatedAt: created,
    ...link,
  });
}

/** Responds to each API request; paths that match `fail` get status 503. */
export async function serveFixtures(page: BrowserPage, role: Role, fail: RegExp = /^$/): Promise<void> {
  const responders = createResponders(role);
  await page.route('**/api/v1/**', async (route) => {
    const url = new URL(route.request().url());
    const path = url.pathname.slice('/api/v1'.length);
    const respond = responders.find(([pattern]) => pattern.test(path))?.[1];
    if (respond === undefined || fail.test(path))
      return route.fulfill({ status: respond ? 503 : 404, json: problem(respond ? 503 : 404) });
    return route.fulfill({ json: respond(url, route) });
  });
}

const linkNames = ['Notes by the translator', 'Bernoulli numbers', 'The engine, drawn', 'Letters', hostile, 'Shop'];

const links: LinkView[] = linkNames.map((title, position) =>
  linkViewSchema.parse({
    protected: position === 5,
    tags: position % 3 === 0 ? ['spring', 'bio'] : [],
    archived: false,
    id: `ada-${position + 1}`,
    code: `ada-${position + 1}`,
    shortUrl: `https://go.example/ada-${position + 1}`,
    page: '/ada',
    url: `https://www.example.com/${position}/a/rather/long/path?with=query`,
    title,
    position,
    section: position < 2 ? 'Writings' : null,
    icon: position === 3,
    campaign: position % 2 === 0 ? 'notes' : null,
    enabled: position !== 3,
    createdAt: created,
    updatedAt: created,
  }),
);

function linkClicks(url: URL) {
  const codes = (url.searchParams.get('codes') ?? '').split(',');
  return {
    rows: codes.map((code, at) => {
      const days = Array.from({ length: 30 }, (_, day) => (at + 1) * (5 + ((day * 7 + at) % 9)));
      return { code, days, clicks: days.reduce((sum, each) => sum + each, 0) };
    }),
  };
}

const examples: z.input<typeof ledgerExamplesSchema> = {
  rows: [
    {
      rule: 'bot.user-agent',
      family: 'Googlebot',
      bot: 'Googlebot',
      country: 'US',
      referrer: null,
      requested: null,
      lastHour: '2026-11-22T13+01:00',
      events: 1830,
    },
    {
      rule: 'bot.user-agent',
      family: 'GPTBot',
      bot: 'GPTBot',
      country: 'US',
      referrer: null,
      requested: null,
      lastHour: '2026-11-22T09+01:00',
      events: 720,
    },
    {
      rule: 'bot.no-language',
      family: 'Chrome',
      bot: null,
      country: 'NL',
      referrer: 'news.example',
      requested: null,
      lastHour: '2026-11-21T22+01:00',
      events: 144,
    },
  ],
  sources: { events: { source: 'lake', asOf: freshness.hot, stale: false } },
  freshness,
  errors,
};

const settings: z.input<typeof pageSettingsSchema> = {
  timeZone: 'Europe/Vienna',
  origins: ['https://ada.example'],
  identities: 'none',
  alerts: { sensitivity: 'normal', quietHours: { from: 22, to: 7 }, goal: 12_400 },
};

const ingestKey = { id: 'k'.repeat(16), label: 'Shop server', createdAt: '2026-11-20T09:00:00.000Z' };

const recipients: z.input<typeof recipientsSchema> = {
  rows: [
    { address: 'ada@example.org', state: 'confirmed', askedAt: null },
    { address: 'a.rather.long.address.of.a.recipient@mail.example.org', state: 'pending', askedAt: created },
  ],
};

const people: z.input<typeof peopleSchema> = {
  rows: [
    { email: 'ada@example.org', role: 'creator' },
    { email: 'office@engines.example', role: 'agency' },
  ],
  next: null,
};

const realtime: z.input<typeof realtimeSchema> = {
  minutes: Array.from({ length: 30 }, (_, index) => ({
    start: new Date(fixtureNow - (29 - index) * 60_000).toISOString(),
    views: waves(index, 9),
    clicks: waves(index + 2, 4),
  })),
  asOf: freshness.hot,
  freshnessSeconds: freshness.seconds,
  errors,
};

const view = {
  occurredAt: new Date(fixtureNow - 9_000).toISOString(),
  receivedAt: new Date(fixtureNow - 9_000).toISOString(),
  type: 'page_view',
  name: null,
  link: null,
  sdk: 'posthog',
  outcome: 'counted',
  rule: 'counted',
  country: 'AT',
  device: 'mobile',
  source: 'Instagram',
  meaning: 'A visit by a person. It is counted.',
  repeated: false,
} as const;

export const recentEvents: z.input<typeof recentEventsSchema> = {
  events: [
    { ...view, repeated: true, receivedAt: new Date(fixtureNow - 3_000).toISOString() },
    {
      ...view,
      type: 'custom',
      name: 'signup',
      outcome: 'refused',
      rule: 'refused.origin',
      meaning: "The site is not one of the page's origins. Add it in the settings.",
    },
    {
      ...view,
      type: 'custom',
      name: 'a_rather_long_name_of_an_event_that_somebody_thought_of_in_a_shop',
      sdk: 'segment',
    },
    view,
    { ...view, type: 'link_click', link: 'spring', sdk: null, country: null, device: null, source: null },
  ],
  asOf: freshness.hot,
};

const rule = {
  id: 'r1',
  page: '/ada',
  field: 'bot' as const,
  value: 'UptimeRobot',
  outcome: 'bot' as const,
  createdAt: '2026-11-02T09:00:00.000Z',
};

const channels: z.input<typeof channelsSchema>['rows'] = [
  {
    id: 'c1',
    service: 'slack',
    name: 'Marketing',
    host: 'hooks.slack.com',
    ending: 'wxyz',
    createdAt: '2026-11-01T08:00:00Z',
    last: { at: '2026-11-17T00:26:00Z', delivered: true, detail: 'HTTP 200' },
  },
  {
    id: 'c2',
    service: 'webhook',
    name: 'Status board',
    host: 'status.ada.example',
    ending: 'hook',
    createdAt: '2026-11-02T08:00:00Z',
    last: { at: '2026-11-17T00:26:00Z', delivered: false, detail: 'returned HTTP 404' },
  },
];

const annotations: z.input<typeof annotationsSchema>['rows'] = [
  {
    id: 'a1',
    at: `${dateAt(12)}T13:05:00.000Z`,
    text: 'Deployed 1.2.0',
    url: 'https://example.org/1.2.0',
    source: 'key',
  },
  { id: 'a2', at: dateAt(5), text: 'Newsletter 47', url: null, source: 'user' },
  { id: 'a3', at: `${dateAt(5)}T18:30:00.000Z`, text: hostile, url: null, source: 'user' },
];

const segments: z.input<typeof segmentsSchema>['rows'] = [
  {
    id: 's1',
    name: 'Newsletter readers',
    filters: [{ dimension: 'utm_medium', operator: 'is', values: ['email'] }],
  },
  {
    id: 's2',
    name: 'Phones outside Austria',
    filters: [
      { dimension: 'country', operator: 'is-not', values: ['AT'] },
      { dimension: 'device', operator: 'is', values: ['mobile'] },
    ],
  },
];

function jsonOf(route: Route): object {
  return z.object({}).loose().parse(route.request().postDataJSON());
}

const campaigns = campaignFixtures(fixtureNow, hostile);

type Responder = (url: URL, route: Route) => unknown;

function createResponders(role: Role): [RegExp, Responder][] {
  return [
    [
      /^\/me$/,
      () =>
        meSchema.parse({
          subject: role,
          email: `${role}@example.com`,
          role,
          agency: role === 'agency' ? 'engines' : null,
          pages: role === 'creator' ? ['/ada'] : [],
        }),
    ],
    [
      /^\/(pages|links)\/[^/]+\/stats$/,
      (url) => statsSchema.parse(isBefore(url) ? emptyStats(url) : fixtureStats(url)),
    ],
    [/^\/(pages|links)\/[^/]+\/dashboard$/, (url) => dashboardSchema.parse(dashboard(url))],
    [/^\/(pages|links)\/[^/]+\/ledger$/, (url) => ledgerSchema.parse(fixtureLedger(url))],
    [/\/imported-counts$/, (url) => fixtureImported(url)],
    [/\/ledger\/examples$/, () => ledgerExamplesSchema.parse(examples)],
    [
      /\/reclassify$/,
      (_url, route) =>
        route.request().method() === 'GET'
          ? rulesSchema.parse({ rows: [rule], next: null })
          : ruleEffectSchema.parse({
              rule: null,
              events: 720,
              hours: 212,
              views: { before: 28_003, after: 28_101 },
              clicks: { before: 11_644, after: 12_266 },
              from: { bot: 720 },
            }),
    ],
    [/\/funnels\/[^/]+\/report$/, (url) => funnelReportSchema.parse(fixtureFunnel(url))],
    [/\/funnels\/[^/]+$/, (_url, route) => funnelSchema.parse({ id: 'f1', ...jsonOf(route) })],
    [
      /\/funnels$/,
      (_url, route) =>
        route.request().method() === 'GET'
          ? funnelsSchema.parse({ rows: fixtureFunnels })
          : funnelSchema.parse({ id: 'f2', ...jsonOf(route) }),
    ],
    [/\/retention$/, (url) => retentionSchema.parse(fixtureRetention(url))],
    [/\/changes$/, (url) => changesSchema.parse(fixtureChanges(url))],
    [/\/realtime$/, () => realtimeSchema.parse(realtime)],
    [/\/recent-events$/, () => recentEventsSchema.parse(recentEvents)],
    [/\/anomalies$/, () => anomalies],
    [
      /\/annotations$/,
      (_url, route) =>
        route.request().method() === 'GET'
          ? annotationsSchema.parse({ rows: annotations })
          : annotationSchema.parse({ id: 'a9', source: 'user', url: null, ...jsonOf(route) }),
    ],
    [
      /\/segments$/,
      (_url, route) =>
        route.request().method() === 'GET'
          ? segmentsSchema.parse({ rows: segments })
          : segmentSchema.parse({ id: 's9', ...jsonOf(route) }),
    ],
    [
      /\/metrics\/preview$/,
      (_url, route) => metricPreviewSchema.parse(previewOf(newMetricSchema.parse(route.request().postDataJSON()))),
    ],
    [/\/metrics\/[^/]+\/values$/, (url) => metricValuesSchema.parse(metricValues(url))],
    [
      /\/metrics$/,
      (_url, route) =>
        route.request().method() === 'GET'
          ? metricsSchema.parse({ rows: metrics })
          : metricViewSchema.parse({
              ...metrics[0],
              ...newMetricSchema.parse(route.request().postDataJSON()),
              id: 'm9',
            }),
    ],
    [/\/forecast$/, () => forecast],
    [/\/backtest$/, (url) => backtests(url)],
    [/\/settings$/, () => pageSettingsSchema.parse(settings)],
    [/\/people$/, () => peopleSchema.parse(people)],
    [/\/recipients$/, () => recipientsSchema.parse(recipients)],
    [/\/channels$/, () => channelsSchema.parse({ rows: channels })],
    [
      /\/ingest-keys$/,
      (_url, route) =>
        route.request().method() === 'GET'
          ? ingestKeysSchema.parse({ rows: [ingestKey] })
          : createdIngestKeySchema.parse({ ...ingestKey, secret: `hci_ada_${'k'.repeat(16)}_${'s'.repeat(43)}` }),
    ],
    [/^\/campaigns$/, () => campaigns.list],
    [/^\/campaigns\/[^/]+\/report$/, () => campaigns.report],
    [/^\/pages\/[^/]+$/, () => page],
    [/^\/links\/[^/]+$/, (url) => links.find(({ code }) => url.pathname.endsWith(`/${code}`)) ?? links[0]],
    [
      /^\/pages$/,
      (url) =>
        pagesSchema.parse({
          rows: [page, { ...page, path: '/grace', title: 'Grace Hopper' }].filter(({ title }) =>
            title.toLowerCase().includes((url.searchParams.get('search') ?? '').toLowerCase()),
          ),
          next: null,
        }),
    ],
    [/^\/link-icons$/, () => linkIconsSchema.parse({ rows: [] })],
    [/^\/pages\/[^/]+\/link-clicks$/, (url) => linkClicksSchema.parse(linkClicks(url))],
    [/^\/links$/, () => linksSchema.parse({ rows: links, next: null })],
    [/^\/agencies$/, () => agenciesSchema.parse({ rows: [{ id: 'engines', pages: 150 }] })],
    [/^\/agencies\//, () => agencyDashboardSchema.parse(fixtureAgency)],
    [/^\/home$/, () => homeSchema.parse({ ...fixtureAgency, pages: homePages, next: null })],
    [
      /^\/shares$/,
      () =>
        sharesSchema.parse({
          rows: [
            {
              id: 's1',
              page: '/ada',
              label: 'For the sponsor',
              createdAt: `${dateAt(3)}T09:00:00Z`,
              expiresAt: '2026-12-24T09:00:00Z',
              revokedAt: null,
              extras: [],
              metrics: ['m1'],
              protected: true,
              embedOrigins: ['https://ada.example'],
            },
          ],
          next: null,
        }),
    ],
    [
      /^\/imports\/pulls$/,
      (_, route) => (route.request().method() === 'POST' ? fixturePulls[0] : { rows: fixturePulls, next: null }),
    ],
    [/^\/imports\/pulls\/[^/]+$/, () => fixturePulls[2]],
    [/^\/imports\/history$/, () => ({ rows: fixtureImports, next: null })],
    [/^\/imports\/history\/[^/]+$/, () => fixtureImport],
    [/^\/exports$/, () => exportsSchema.parse({ rows: [], next: null })],
    [
      /^\/users$/,
      () =>
        usersSchema.parse({
          rows: [
            { subject: 'a', email: 'ada@example.com', role: 'creator', pages: ['/ada'], pending: false },
            { subject: 'b', email: 'office@example.com', role: 'agency', agency: 'engines', pending: true },
          ],
          next: null,
        }),
    ],
    [
      /^\/keys$/,
      () =>
        keysSchema.parse({
          rows: [
            {
              id: 'k1',
              label: 'Warehouse',
              scopes: ['read'],
              createdAt: `${dateAt(40)}T09:00:00Z`,
              lastUsedAt: `${dateAt(1)}T03:00:00Z`,
            },
          ],
          next: null,
        }),
    ],
    [
      /^\/imports$/,
      () =>
        importResultSchema.parse({
          rows: 216,
          written: 212,
          repeated: 2,
          refused: [
            {
              line: 7,
              field: 'url',
              message: '`url` must be a URL with one of the schemes http, https, mailto; got `ftp://files.example`.',
            },
            { line: 19, field: 'code', message: 'The code `ada-1` is taken.' },
          ],
          ignored: ['Tags', 'Created'],
          sample: links
            .slice(0, 4)
            .map(({ code, url, page: path }, index) => ({ line: index + 2, code, url, page: path })),
        }),
    ],
  ];
}

function fixtureChanges(url: URL): z.input<typeof changesSchema> {
  const measure = changeMeasures.find((name) => name === url.searchParams.get('measure')) ?? 'views';
  const current = new URL(url);
  current.searchParams.delete('period');
  const [after, before] = [current, url].map((each) => {
    const { totals, breakdowns } = fixtureStats(each);
    return { views: totals.views, clicks: totals.clicks, bots: 4321, lists: breakdowns };
  });
  if (after === undefined || before === undefined) throw new TypeError('two periods');
  const { cause = null, dimensions, ...explained } = explainChange(before, after, measure);
  return {
    ...explained,
    measure,
    cause,
    periods: { before: { from: dateAt(59), to: dateAt(30) }, after: { from: dateAt(29), to: dateAt(0) } },
    words: describeChange(explained, cause, measure),
    dimensions: dimensions.map(({ values, others = null, ...each }) => ({
      ...each,
      values: values.flatMap(({ value, ...change }) => (value === null ? [] : [{ value, ...change }])),
      others,
    })),
    sources: {},
    freshness,
    errors,
  };
}

/** Whether all of the period is before the page's first event, and has imported counts. */
function isBefore({ searchParams }: URL): boolean {
  const to = searchParams.get('to')?.slice(0, 10) ?? '';
  return to >= firstImported && to <= lastImported && !searchParams.has('period');
}

function emptyStats(url: URL): z.input<typeof statsSchema> {
  const stats = fixtureStats(url);
  return {
    ...stats,
    totals: { views: 0, clicks: 0, customEvents: 0, uniques: 0, sessions: 0, ctr: null },
    conversions: null,
    series: datesOf(url).map((start) => ({ start, views: 0, clicks: 0 })),
  };
}

function datesOf({ searchParams }: URL): string[] {
  const dates: string[] = [];
  const to = searchParams.get('to') ?? '';
  for (let date = searchParams.get('from') ?? to; date <= to; date = addDays(date, 1)) dates.push(date);
  return dates;
}

export function fixtureStats(url: URL): z.input<typeof statsSchema> {
  const views = url.pathname.includes('/pages/');
  const before = url.searchParams.has('period');
  const series = Array.from({ length: 30 }, (_, index) => ({
    start: dateAt(29 - index + (before ? 30 : 0)),
    views: views ? waves(index + (before ? 3 : 0), before ? 820 : 940) : 0,
    clicks: waves(index + (before ? 5 : 1), before ? 300 : 390),
  }));
  function rowsFor(rows: Parameters<typeof rowsOf>[0]) {
    return rowsOf(rows, before);
  }
  function sum(name: 'views' | 'clicks'): number {
    return series.reduce((total, point) => total + point[name], 0);
  }
  const clicks = sum('clicks');
  return {
    totals: {
      views: sum('views'),
      clicks,
      customEvents: 378,
      uniques: Math.round(clicks * 0.71),
      sessions: Math.round(clicks * 0.8),
      ctr: views ? clicks / sum('views') : null,
    },
    conversions: {
      kinds: [
        { kind: 'lead', count: 214, rate: 214 / clicks },
        { kind: 'sale', count: 61, rate: 61 / clicks },
        { kind: 'refund', count: 2, rate: 2 / clicks },
      ],
      revenue: [
        { currency: 'EUR', amount: '2064.52' },
        { currency: 'JPY', amount: '48000' },
      ],
    },
    outcomes: outcomeCounts({
      counted: sum('views') + clicks,
      bot: 4321,
      preview: 812,
      prefetch: 377,
      head: 41,
      duplicate: 96,
      expired: 12,
      refused: 5000,
    }),
    received: sum('views') + clicks + 10_659,
    lost: 0,
    surplus: 0,
    surplusSettlesAt: null,
    notKept: { 'refused.origin': 4500, 'method.POST': 440 },
    series,
    breakdowns: {
      variant: rowsFor([
        ['A', 5200],
        ['B', 4900],
      ]),
      country: rowsFor([
        ['AT', 4210],
        ['DE', 3822],
        ['US', 1744],
        ['GB', 902],
        ['CH', 611],
        ['BR', 240],
        ['IN', 221],
        ['JP', 90],
        ['AU', 45],
        [null, 31],
      ]),
      device: rowsFor([
        ['mobile', 8904],
        ['desktop', 2844],
        ['tablet', 321],
      ]),
      browser: rowsFor([
        ['Mobile Safari', 5120],
        ['Chrome', 4300],
        ['Instagram', 1800],
        ['Firefox', 620],
        ['Edge', 230],
      ]),
      os: rowsFor([
        ['iOS', 6650],
        ['Android', 2950],
        ['Windows', 1500],
        ['macOS', 930],
      ]),
      referrer: rowsFor([
        ['social', 6120],
        ['direct', 3810],
        ['search', 1240],
        ['email', 560],
        ['ai', 220],
        ['other', 120],
      ]),
    },
    source: 'rollups',
    freshness,
    errors,
  };
}

function dateAt(days: number): string {
  return new Date(fixtureNow - days * 86_400_000).toISOString().slice(0, 10);
}

function waves(index: number, scale: number): number {
  return Math.round(
    scale * (1 + 0.35 * Math.sin(index / 1.1) + 0.2 * Math.sin(index / 4 + 1) + (index % 7 === 5 ? 0.5 : 0)),
  );
}

function outcomeCounts(counts: Partial<Record<Outcome, number>>): Record<Outcome, number> {
  return {
    ...(Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>),
    ...counts,
  };
}

/** The compared period had other numbers, and not every value. */
function rowsOf(rows: readonly (readonly [string | null, number])[], before = false) {
  return rows.slice(before ? 1 : 0).map(([value, count], at) => {
    const clicks = before ? Math.round(count * (0.7 + (at % 4) * 0.2)) : count;
    return { value, clicks, views: Math.round(clicks * 2.3) };
  });
}

function dashboard(url: URL): z.input<typeof dashboardSchema> {
  const before = url.searchParams.has('period');
  function rowsFor(rows: Parameters<typeof rowsOf>[0]) {
    return rowsOf(rows, before);
  }
  return {
    range: { from: dateAt(29), to: dateAt(0), zone: page.timeZone },
    current: fixtureStats(url),
    previous: null,
    visitors: { days: [], visitors: 8300, sessions: 9200, bounceRate: before ? 0.66 : 0.61, averageSeconds: 74 },
    cities: rowsFor([
      ['AT/Wien', 2710],
      ['DE/Berlin', 1290],
      ['DE/München', 702],
      ['AT/Graz', 640],
      ['CH/Zürich', 402],
      ['GB/London', 388],
      ['US/New York', 301],
      ['US/San Francisco', 122],
    ]),
    hosts: rowsFor([
      ['instagram.com', 4100],
      ['google.com', 1100],
      ['linkedin.com', 890],
      ['chatgpt.com', 220],
      [hostile, 3],
    ]),
    languages: rowsFor([
      ['de-AT', 5200],
      ['en-US', 3100],
      ['de-DE', 2900],
      ['pt-BR', 210],
    ]),
    utm: {
      source: rowsFor([['newsletter', 640]]),
      medium: rowsFor([['email', 640]]),
      campaign: rowsFor([
        ['spring', 410],
        [hostile, 2],
      ]),
      id: rowsFor([['newsletter-2026-11', 410]]),
    },
    links: links.map(({ code, title }, index) => ({
      code,
      title,
      clicks: before ? 3900 - index * 500 : 4200 - index * 640,
      ctr: 0.2 - index * 0.03,
    })),
    events: [
      { event: 'sign_up', kind: 'lead', count: 214, visitors: 198, rate: 0.024, revenue: [] },
      { event: hostile, kind: null, count: 101, visitors: 55, rate: 0.007, revenue: [] },
      {
        event: 'Order Completed',
        kind: 'sale',
        count: 61,
        visitors: 57,
        rate: 0.007,
        revenue: [
          { currency: 'EUR', amount: '2104.52' },
          { currency: 'JPY', amount: '48000' },
        ],
      },
      {
        event: 'Order Refunded',
        kind: 'refund',
        count: 2,
        visitors: 0,
        rate: null,
        revenue: [{ currency: 'EUR', amount: '-40.00' }],
      },
    ],
    sources: {},
    freshness,
    errors,
  };
}

function fixtureLedger(url: URL): z.input<typeof ledgerSchema> {
  const { outcomes: counts, received, lost, notKept } = fixtureStats(url);
  const surplus = { surplus: 3, surplusSettlesAt: new Date(Date.now() + 20 * 60_000).toISOString() };
  return {
    outcomes: counts,
    received,
    lost,
    notKept,
    ...surplus,
    series: Array.from({ length: 14 }, (_, index) => ({
      start: dateAt(13 - index),
      received: 1500 + index * 9,
      outcomes: outcomeCounts({ counted: 1300, bot: 160 + index * 9, preview: 30, prefetch: 10 }),
      lost: index === 13 ? null : 0,
      surplus: index === 13 ? null : 0,
      surplusSettlesAt: null,
      notKept: {},
    })),
    meanings: {
      counted: 'A visit by a person. It is counted.',
      bot: 'A crawler, a monitor or another program that says so, or behaves like one.',
      preview: 'A messenger or social network that fetched the link to show a preview.',
      prefetch: 'A browser that loaded the link ahead of a tap; a real tap is counted when it comes.',
      head: 'A HEAD request: it asks for headers only, as link checkers do.',
      duplicate: 'A second event of the same visitor on the same target within seconds.',
      disabled: 'The link was disabled or had not started yet.',
      expired: 'The link had expired.',
      refused: 'The request was not one that counts.',
      failed: 'The event could not be read; it is kept and can be replayed.',
      identify: 'An SDK said that two ids belong to one person.',
    },
    source: 'rollups',
    freshness,
    errors,
  };
}

function problem(status: number) {
  return {
    type: 'urn:hopcount:problem:unavailable',
    title: 'Try again shortly',
    status,
    detail: 'The counters cannot be read at the moment.',
  };
}

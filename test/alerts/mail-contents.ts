import { incidentSchema, type MailContent } from '#schemas/alerts.ts';
import { addDays } from '#core/ledger/time-range.ts';

/** Contents of mails for tests: an ordinary page, and one whose texts were written by an enemy. */

const cause = {
  change: -0.62,
  dimensions: [
    {
      dimension: 'referrer' as const,
      values: [{ value: 'Instagram', before: 820.4, after: 61, share: 0.94 }],
      share: 0.94,
      surprise: 0.2,
    },
    {
      dimension: 'link' as const,
      values: [{ value: 'merch', before: 210, after: 3, share: 0.97 }],
      share: 0.97,
      surprise: 0.1,
    },
    {
      dimension: 'country' as const,
      values: [
        { value: 'AT', before: 400, after: 90, share: 0.4 },
        { value: 'DE', before: 300, after: 60, share: 0.3 },
      ],
      share: 0.7,
      surprise: 0.05,
    },
  ],
  bots: { before: 0.03, after: 0.12 },
};

export const dropIncident = incidentSchema.parse({
  id: '2026-11-16#traffic',
  page: '/ada',
  metric: 'traffic',
  method: 'default',
  direction: 'drop',
  since: '2026-11-16',
  lastAlert: '2026-11-16',
  recovered: null,
  openedAt: Date.parse('2026-11-17T00:25:00Z'),
  recoveredAt: null,
  unit: 'views',
  first: { expected: 1002.3, actual: 380, score: 6.1 },
  end: null,
  cause,
  broken: [{ code: 'merch', url: 'https://shop.example/merch', problem: 'returns HTTP 404' }],
  checked: true,
});

const recent = Array.from({ length: 14 }, (_, at) => ({
  date: addDays('2026-11-03', at),
  value: at === 13 ? 380 : 940 + ((at * 37) % 160),
}));

/** The rate of a day on which more opened. */
export const rateIncident = incidentSchema.parse({
  ...dropIncident,
  id: '2026-11-16#click-through',
  metric: 'click-through',
  unit: 'rate',
  first: { expected: 0.08, actual: 0.032, score: 4 },
  cause: null,
  broken: [],
});

/** Markup, a text that runs from right to left and one that turns what follows, and one that does not end. */
export const hostileTitles = {
  markup: `</title></style><script>alert(1)</script><img src=x onerror=alert(1)> "'&amp;`,
  rightToLeft: 'متجر آدا \u202e gnihtyreve snrut siht \u2066 שלום',
  endless: 'x'.repeat(10_000),
  stacked: `Z${'\u0335\u0321\u0353'.repeat(3000)}algo`,
  lines: 'first\r\nBcc: somebody@example.com\r\n\r\nsecond\u0000\u2028third',
  empty: ' \u200b ',
} as const;

export const mailLinks = {
  dashboard: 'https://go.example/app/pages/ada',
  unsubscribe: 'https://go.example/api/mail/unsubscribe?token=abc.def',
  confirm: null,
  useful: 'https://go.example/api/mail/feedback?token=yes.mac',
  notUseful: 'https://go.example/api/mail/feedback?token=no.mac',
};

export function dropMail(
  title: string,
  changes: Partial<typeof dropIncident> = {},
  also: (typeof dropIncident)[] = [],
): MailContent {
  return {
    kind: 'alert',
    page: '/ada',
    title,
    incident: { ...dropIncident, ...changes },
    also,
    recent,
    sensitivity: 'normal',
    backtest: { days: 90, evaluated: 76, dates: ['2026-09-03', '2026-10-12', '2026-11-16'] },
  };
}

export function metricMail(title: string, name = 'Sales per click'): Extract<MailContent, { kind: 'metric-alert' }> {
  return {
    kind: 'metric-alert',
    page: '/ada',
    title,
    metric: { id: 'm1', name, unit: 'percent', currency: null, decimals: 1 },
    rule: { when: 'below', value: 0.05, period: 'week', periods: 2 },
    start: '2026-11-09',
    value: 0.043,
    expected: null,
    recent: [
      { date: '2026-10-26', value: 0.061 },
      { date: '2026-11-02', value: null },
      { date: '2026-11-09', value: 0.043 },
    ],
    openedAt: Date.parse('2026-11-16T00:25:00Z'),
  };
}

/** A day with less than half of what is usual. */
export function unusualMail(title: string): Extract<MailContent, { kind: 'metric-alert' }> {
  return {
    ...metricMail(title),
    rule: { when: 'unusual', period: 'day', periods: 1 },
    expected: 0.11,
    recent: [
      { date: '2026-11-08', value: 0.108 },
      { date: '2026-11-09', value: 0.043 },
    ],
  };
}

export function metricRecoveryMail(
  title: string,
  name = 'Sales per click',
): Extract<MailContent, { kind: 'metric-recovery' }> {
  const { openedAt, ...shared } = metricMail(title, name);
  return {
    ...shared,
    kind: 'metric-recovery',
    since: '2026-11-09',
    start: '2026-11-16',
    value: 0.062,
    recoveredAt: openedAt + 604_800_000,
  };
}

export function recoveryMail(title: string): MailContent {
  return {
    kind: 'recovery',
    page: '/ada',
    title,
    incident: {
      ...dropIncident,
      lastAlert: '2026-11-17',
      recovered: '2026-11-20',
      end: { expected: 990, actual: 1010, score: 0.2 },
    },
    recent,
  };
}

export function digestMail(title: string, linkTitle = 'My new merch'): Extract<MailContent, { kind: 'digest' }> {
  return {
    kind: 'digest',
    page: '/ada',
    title,
    from: '2026-11-16',
    to: '2026-11-22',
    week: Array.from({ length: 7 }, (_, at) => ({
      date: addDays('2026-11-16', at),
      views: at === 0 ? 380 : 900 + at * 50,
      clicks: 200 + at,
    })),
    totals: { views: 6830, clicks: 1421 },
    previous: { views: 7010, clicks: 1290 },
    links: [
      { code: 'merch', title: linkTitle, clicks: 812, previous: 640 },
      { code: 'k3x9', title: '', clicks: 300, previous: 0 },
      { code: 'yt', title: 'Latest video', clicks: 120, previous: 240 },
    ],
    ...campaignsAndMore(linkTitle),
    pace: {
      month: '2026-11',
      goal: 30_000,
      soFar: 21_000,
      expected: 28_400,
      low: 27_100,
      high: 30_200,
      verdict: 'on-course',
    },
  };
}

function campaignsAndMore(text: string) {
  return {
    campaignMetrics: [
      {
        campaign: text,
        metric: { name: `${text} per click`, unit: 'money' as const, currency: 'EUR', decimals: 0 },
        value: 1_250,
      },
    ],
    campaigns: [
      { name: text, count: 640, previous: 320 },
      { name: 'autumn-sale', count: 120, previous: 0 },
    ],
    conversions: {
      kinds: [
        { kind: 'lead' as const, count: 48, previous: 40 },
        { kind: 'sale' as const, count: 12, previous: 16 },
      ],
      revenue: [{ currency: 'EUR', amount: '1234.50', previous: '1500.00' }],
      moreCurrencies: 0,
    },
    annotations: {
      rows: [
        { date: '2026-11-17', text: 'Deployed 1.2.0' },
        { date: '2026-11-19', text },
      ],
      more: 0,
    },
  };
}

export function monthlyMail(title: string, linkTitle = 'My new merch'): Extract<MailContent, { kind: 'monthly' }> {
  const { kind: _kind, week: _week, ...digest } = digestMail(title, linkTitle);
  return {
    ...digest,
    kind: 'monthly',
    from: '2026-10-01',
    to: '2026-10-31',
    days: Array.from({ length: 31 }, (_, at) => ({
      date: addDays('2026-10-01', at),
      views: 180 + ((at * 37) % 90),
      clicks: 40 + (at % 9),
    })),
    annotations: {
      rows: [
        { date: '2026-10-06', text: 'Deployed 1.2.0' },
        { date: '2026-10-19', text: linkTitle },
      ],
      more: 3,
    },
    goal: { goal: 6500, actual: 6830, unit: 'views' },
    pace: {
      month: '2026-11',
      unit: 'views',
      goal: 6500,
      soFar: 0,
      expected: 6900,
      low: 6100,
      high: 7800,
      probability: 0.71,
      verdict: 'on-course',
    },
  };
}

export function agencyMonthMail(title: string): Extract<MailContent, { kind: 'agency-monthly' }> {
  return {
    kind: 'agency-monthly',
    agency: 'North & Co',
    pages: 150,
    from: '2026-10-01',
    to: '2026-10-31',
    totals: { views: 6830, clicks: 1421 },
    previous: { views: 7010, clicks: 1290 },
    conversions: campaignsAndMore('').conversions,
    goals: { set: 12, reached: 7 },
    rows: Array.from({ length: 20 }, (_, at) => ({
      page: at === 0 ? '/ada' : `/page-${at}`,
      title: at === 0 ? title : `Page ${at}`,
      totals: { views: 2400 - at * 110, clicks: 300 },
      previous: at === 3 ? null : { views: 2300, clicks: 280 },
      goal: at < 2 ? { goal: 2300, actual: 2400 - at * 110, unit: 'views' as const } : null,
    })),
    more: 130,
  };
}

export function agencyMail(title: string): MailContent {
  return {
    kind: 'agency',
    agency: 'North & Co',
    date: '2026-11-16',
    pages: 150,
    opened: [
      { page: '/ada', title, incident: dropIncident },
      {
        page: '/bob',
        title: 'Bob',
        incident: { ...dropIncident, direction: 'surge', first: { expected: 200, actual: 1310, score: 9 } },
      },
    ],
    continuing: [
      {
        page: '/cleo',
        title: 'Cleo',
        incident: { ...dropIncident, unit: 'rate', first: { expected: 0.2, actual: 0.08, score: 4 } },
      },
    ],
    recovered: [{ page: '/dan', title: 'Dan', incident: { ...dropIncident, recovered: '2026-11-16' } }],
  };
}

import type { z } from 'zod';
import type { Incident } from '#schemas/alerts.ts';
import { anomaliesSchema, type Backtest, backtestsSchema, forecastSchema } from '#schemas/api/detection.ts';
import { incidentSchema } from '#schemas/alerts.ts';
import { horizonTotals } from '#core/forecast/horizon-totals.ts';
import { describeBacktest, describeHourlyBacktest, formatSpan } from '#core/mails/incident-words.ts';
import { describePace, explainNoForecast } from '#core/mails/forecast-words.ts';
import { toAnomalyView } from '#functions/api/views.ts';

/** Alerts, a forecast and backtests of page `/ada`, with the API's sentences. */

/** The last settled day. */
const through = '2026-11-21';

/** A referrer that an attacker sends. */
export const hostileReferrer = '<img src=x onerror="document.title=1">.example';

const drop: Incident = incidentSchema.parse({
  id: '2026-11-12#traffic',
  page: '/ada',
  metric: 'traffic',
  method: 'default',
  direction: 'drop',
  since: '2026-11-12',
  lastAlert: '2026-11-13',
  recovered: null,
  openedAt: Date.parse('2026-11-13T00:25:00Z'),
  recoveredAt: null,
  unit: 'views',
  first: { expected: 1238.4, actual: 470, score: 6.1 },
  end: null,
  cause: {
    change: -0.62,
    dimensions: [
      {
        dimension: 'referrer',
        values: [{ value: 'Instagram', before: 798.2, after: 76, share: 0.94 }],
        share: 0.94,
        surprise: 0.2,
      },
      {
        dimension: 'link',
        values: [{ value: 'merch', before: 610.4, after: 4, share: 0.97 }],
        share: 0.97,
        surprise: 0.1,
      },
      {
        dimension: 'country',
        values: [
          { value: 'AT', before: 402, after: 97, share: 0.4 },
          { value: 'DE', before: 301, after: 70, share: 0.3 },
        ],
        share: 0.7,
        surprise: 0.05,
      },
      {
        dimension: 'device',
        values: [{ value: 'mobile', before: 901, after: 240, share: 0.86 }],
        share: 0.86,
        surprise: 0.02,
      },
    ],
    bots: { before: 0.03, after: 0.12 },
  },
  broken: [{ code: 'ada-1', url: 'https://shop.example/merch', problem: 'returns HTTP 404' }],
  checked: true,
});

const surge: Incident = {
  ...drop,
  id: '2026-11-02#traffic',
  method: 'classic',
  direction: 'surge',
  since: '2026-11-02',
  lastAlert: '2026-11-02',
  recovered: '2026-11-05',
  openedAt: Date.parse('2026-11-03T00:25:00Z'),
  recoveredAt: Date.parse('2026-11-06T00:25:00Z'),
  first: { expected: 804, actual: 5224, score: 9 },
  broken: [],
  cause: {
    change: 5.5,
    dimensions: [
      {
        dimension: 'referrer',
        values: [{ value: hostileReferrer, before: 0, after: 4300, share: 0.97 }],
        share: 0.97,
        surprise: 0.3,
      },
    ],
    bots: { before: 0.03, after: 0.02 },
  },
};

const rate: Incident = {
  ...drop,
  id: '2026-10-20#click-through',
  metric: 'click-through',
  since: '2026-10-20',
  lastAlert: '2026-10-22',
  recovered: '2026-10-25',
  openedAt: Date.parse('2026-10-21T00:25:00Z'),
  unit: 'rate',
  first: { expected: 0.412, actual: 0.2, score: 5 },
  cause: null,
  broken: [],
};

const silent: Incident = {
  ...drop,
  id: '2026-10-03T07+02:00#early',
  metric: 'early',
  direction: 'silent',
  since: '2026-10-03T07+02:00',
  lastAlert: '2026-10-03T07+02:00',
  openedAt: Date.parse('2026-10-03T07:20:00Z'),
  first: { expected: 92, actual: 0, score: 8 },
  cause: null,
  broken: [
    { code: 'ada-1', title: 'Spring merch', url: 'https://shop.example/merch', problem: 'returns HTTP 404' },
    { code: 'ada-2', url: 'https://shop.example/book', problem: 'returns HTTP 404' },
  ],
  checked: true,
};

export const anomalies = anomaliesSchema.parse({
  rows: [
    toAnomalyView({ incident: drop, state: 'open' }),
    toAnomalyView({ incident: surge, state: 'recovered' }),
    toAnomalyView({ incident: rate, state: 'recovered' }),
    toAnomalyView({ incident: silent, state: 'closed' }),
  ],
  next: null,
  mutedUntil: null,
});

/** Views of Sunday to Saturday: 3,000 a week. */
const week = [380, 410, 430, 400, 460, 520, 400];

const days = Array.from({ length: 28 }, (_, at) => dateAfter(through, at + 1)).map((date) => ({
  date,
  views: usual(date),
  low: usual(date) * 0.8,
  high: usual(date) * 1.2,
}));

const pace = {
  month: '2026-11',
  unit: 'views',
  goal: 10_000,
  soFar: 9012,
  expected: 12_400.3,
  low: 11_214,
  high: 13_871,
  probability: 0.973,
  verdict: 'ahead',
} as const;

export const forecast = forecastSchema.parse({
  forecast: { page: '/ada', through, state: 'forecast', reason: null, unit: 'views', days, pace },
  recent: Array.from({ length: 28 }, (_, at) => dateAfter(through, at - 27)).map((date, at) => ({
    date,
    value: date === '2026-11-03' ? null : usual(date) + (((at * 31) % 80) - 40),
  })),
  totals: horizonTotals(days),
  words: { pace: describePace(pace), skipped: null },
});

export const noForecast = forecastSchema.parse({
  forecast: null,
  recent: [],
  totals: [],
  words: { pace: null, skipped: null },
});

export const skippedForecast = forecastSchema.parse({
  forecast: {
    page: '/ada',
    through,
    state: 'skipped',
    reason: 'short-history',
    unit: 'views',
    days: [],
    pace: null,
  },
  recent: [],
  totals: [],
  words: { pace: null, skipped: explainNoForecast('short-history') },
});

/** Two alerts at normal sensitivity, fewer at low and more at high; without those on excluded days. */
export function backtests(url: URL): z.infer<typeof backtestsSchema> {
  const badDays = (url.searchParams.get('badDays') ?? '').split(',').filter(Boolean);
  const compared = [
    backtestOf({ method: 'default', sensitivity: 'low' }, 1, badDays),
    backtestOf({ method: 'default', sensitivity: 'normal' }, 2, badDays),
    backtestOf({ method: 'default', sensitivity: 'high' }, 3, badDays),
    backtestOf({ method: 'classic', sensitivity: null }, 2, badDays),
  ];
  return backtestsSchema.parse({ through, days: 90, unit: 'views', asked: compared[1], compared });
}

const dropDays = [
  { from: '2026-09-15', words: '70% fewer views than usual on 15 Sept', actual: 300 },
  { from: '2026-10-10', words: '52% fewer views than usual on 10 Oct', actual: 480 },
  { from: '2026-11-10', words: '42% fewer views than usual on 10 Nov', actual: 580 },
];

function backtestOf(
  setting: Pick<Backtest, 'method' | 'sensitivity'>,
  alerts: number,
  badDays: readonly string[],
): Backtest {
  const incidents = dropDays
    .slice(0, alerts)
    .filter(({ from }) => !badDays.includes(from))
    .map((each) => ({ ...each, to: each.from, direction: 'drop' as const, days: 1, expected: 1001.6 }));
  const evaluated = 90 - badDays.length;
  const line = { days: 90, evaluated, dates: incidents.map(({ from }) => from) };
  return {
    ...setting,
    evaluated,
    incidents,
    hourly: setting.sensitivity === null ? null : hourlyOf(setting.sensitivity === 'low' ? 0 : alerts - 1),
    words: describeBacktest(line, setting.sensitivity ?? setting.method) ?? '',
  };
}

const dropHours = [
  { from: '2026-11-05T07+01:00', to: '2026-11-05T12+01:00', words: '31% fewer views than usual' },
  { from: '2026-11-18T14+01:00', to: '2026-11-18T16+01:00', words: '22% fewer views than usual' },
];

function hourlyOf(alerts: number): Backtest['hourly'] {
  const incidents = dropHours.slice(0, alerts).map(({ words, ...span }) => ({
    ...span,
    words: `${words} ${formatSpan(span.from, span.to)}`,
    direction: 'drop' as const,
    expected: 412.4,
    actual: 285,
  }));
  const dates = incidents.map(({ from }) => from.slice(0, 10));
  return { days: 34, incidents, words: describeHourlyBacktest({ days: 34, dates }) };
}

function dateAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

function usual(date: string): number {
  return week[new Date(date).getUTCDay()] ?? 0;
}

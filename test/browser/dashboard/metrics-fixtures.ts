import type { MetricPreview, MetricRow, MetricValues, MetricView, NewMetric } from '#schemas/insights/metrics.ts';
import { addDays } from '../../../dashboard/src/format/times.ts';

/** Fixed responses about custom metrics. */

function metricOf(changes: Partial<MetricView>): MetricView {
  return {
    id: 'm1',
    name: 'Sales per click',
    unit: 'percent',
    currency: null,
    decimals: 1,
    measures: {
      a: { of: 'events', property: null, filters: [{ field: 'event', operator: 'is', values: ['purchase', 'sale'] }] },
      b: {
        of: 'clicks',
        property: null,
        filters: [{ field: 'properties.plan', operator: 'is-not', values: ['free'] }],
      },
    },
    formula: 'a / b',
    goal: { target: 0.05, period: 'month', at: 'least' },
    alert: { when: 'below', value: 0.05, period: 'week', periods: 2 },
    version: 2,
    since: '2026-11-12T08:00:00.000Z',
    source: 'lake',
    ...changes,
  };
}

export const metrics: MetricView[] = [
  metricOf({}),
  metricOf({
    id: 'm2',
    name: 'Revenue less refunds of everything that was sold on the page',
    unit: 'money',
    currency: 'EUR',
    measures: { a: { of: 'sum', property: null, filters: [] } },
    formula: 'a',
    goal: { target: 1_000_000, period: 'month', at: 'least' },
    alert: { when: 'above', value: 500_000, period: 'day', periods: 1 },
    version: 1,
  }),
  metricOf({
    id: 'm3',
    name: 'Clicks from Austria',
    unit: 'count',
    decimals: 0,
    measures: { a: { of: 'clicks', property: null, filters: [{ field: 'country', operator: 'is', values: ['AT'] }] } },
    formula: 'a',
    goal: { target: 40, period: 'week', at: 'most' },
    alert: null,
    version: 1,
    source: 'counters',
  }),
  metricOf({
    id: 'm4',
    name: '<img src=x onerror="document.title=1">‮=HYPERLINK',
    unit: 'ratio',
    decimals: 2,
    formula: '(a - b) / a',
    goal: null,
    alert: null,
    version: 1,
  }),
];

const freshness = {
  seconds: 20,
  hot: '2026-11-22T14:20:00.000Z',
  settledThrough: '2026-11-22T13:00:00.000Z',
  settling: null,
  receivedThrough: '2026-11-22T14:15:00.000Z',
};

/** Values of a metric: waves, with a day without a value, an earlier version and a day that is not settled. */
export function metricValues({ pathname, searchParams }: URL): MetricValues {
  const id = pathname.split('/').at(-2);
  const metric = metrics.find((each) => each.id === id) ?? metricOf({});
  const [from, to] = [searchParams.get('from') ?? '2026-10-26', searchParams.get('to') ?? '2026-11-22'];
  const by = searchParams.get('by') === 'week' ? 'week' : searchParams.get('by') === 'month' ? 'month' : 'day';
  const step = { day: 1, week: 7, month: 30 }[by];
  const rows: MetricRow[] = [];
  for (let at = 0, start = from; start <= to; at++, start = addDays(from, at * step)) {
    const isLast = addDays(start, step) > to;
    const wave = 1 + Math.sin(at / 2) / 3;
    const value = { m1: 0.042 * wave, m2: 41_233 * wave, m3: 33 * wave, m4: Math.sin(at / 3) }[metric.id] ?? 1;
    rows.push({
      start,
      value:
        at === 5 && metric.unit === 'percent'
          ? null
          : metric.unit === 'count' || metric.unit === 'money'
            ? Math.round(value)
            : value,
      error: null,
      ignored: metric.unit === 'money' ? at % 3 : 0,
      state: isLast ? 'running' : 'settled',
      version: metric.version === 2 && at < 12 ? 1 : metric.version,
    });
  }
  return {
    metric,
    from,
    to,
    by,
    rows,
    total: {
      value: { m1: 0.0431, m2: 1_154_500, m3: 921, m4: -0.31 }[metric.id] ?? 1,
      error: null,
      ignored: metric.unit === 'money' ? 27 : 0,
      days: 28,
      known: metric.version === 2 ? 16 : 28,
    },
    goal: metric.goal && {
      from: '2026-11-01',
      to: '2026-11-30',
      value: { m1: 0.0431, m2: 865_000, m3: 51 }[metric.id] ?? null,
      share: { m1: 0.862, m2: 0.865, m3: 1.275 }[metric.id] ?? null,
      expected: { m2: 712_000, m3: 37.6 }[metric.id] ?? null,
      pace: metric.id === 'm2' ? 'ahead' : metric.id === 'm3' ? 'behind' : null,
    },
    alert:
      metric.id === 'm1'
        ? { start: '2026-11-09', outcome: 'beyond', value: 0.043, expected: null, since: '2026-11-02' }
        : metric.id === 'm2'
          ? { start: '2026-11-21', outcome: 'muted', value: 4_000, expected: null, since: null }
          : null,
    freshness,
    errors: [],
  };
}

export function previewOf(definition: NewMetric): MetricPreview {
  const isLake = Object.values(definition.measures).some(({ filters }) => filters.length > 0);
  return {
    source: isLake ? 'lake' : 'counters',
    from: '2026-10-26',
    to: '2026-11-22',
    rows: Array.from({ length: 28 }, (_, at) => ({
      start: addDays('2026-10-26', at),
      value: at % 4 === 0 ? null : 0.04,
      error: null,
      ignored: 0,
    })),
    total: { value: 0.0431, error: null, ignored: 12 },
    cost: isLake ? { preview: 0.00005, history: 0.00065, month: 0.003 } : { preview: 0, history: 0, month: 0 },
  };
}

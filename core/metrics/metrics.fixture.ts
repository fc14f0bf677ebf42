import type { Measure, Metric } from '#schemas/insights/metrics.ts';

/** Sales per click: a lake metric, because of its filter by event. */
export function buildTestMetric(changes: Partial<Metric> = {}): Metric {
  return {
    id: 'm1',
    version: 1,
    since: '2026-11-01T00:00:00.000Z',
    name: 'Sales per click',
    unit: 'percent',
    currency: null,
    decimals: 1,
    measures: { a: measure('events', [['event', 'is', ['purchase']]]), b: measure('clicks') },
    formula: 'a / b',
    goal: null,
    alert: null,
    earlier: [],
    ...changes,
  };
}

type FilterTuple = [field: string, operator: Measure['filters'][number]['operator'], values: string[]];

export function measure(of: Measure['of'], filters: FilterTuple[] = [], property: string | null = null): Measure {
  return { of, property, filters: filters.map(([field, operator, values]) => ({ field, operator, values })) };
}

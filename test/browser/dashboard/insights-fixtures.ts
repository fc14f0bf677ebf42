import type { z } from 'zod';
import { buildFunnelSteps } from '#core/funnel/report.ts';
import { dimensionNames } from '#schemas/dimensions.ts';
import type { Funnel, funnelReportSchema } from '#schemas/api/insights/funnels.ts';
import { addPeriods, endOfPeriod, listPeriods, startOfPeriod } from '#core/periods.ts';
import { buildRetention } from '#core/retention/table.ts';
import { retentionLimits, type retentionSchema } from '#schemas/api/insights/retention.ts';
import { type PeriodUnit, periodUnits } from '#schemas/time/periods.ts';

type Retention = z.input<typeof retentionSchema>;

const freshness: Retention['freshness'] = {
  seconds: 20,
  hot: '2026-11-22T14:20:00.000Z',
  settledThrough: '2026-11-22T13:00:00.000Z',
  settling: null,
  receivedThrough: '2026-11-22T14:15:00.000Z',
};

/** A table in which fewer people come back the later it is; the third cohort is small, and the first has no full period of ids. */
export function fixtureRetention(url: URL): Retention {
  const today = '2026-11-22';
  const by: PeriodUnit = periodUnits.find((unit) => unit === url.searchParams.get('by')) ?? 'week';
  const last = startOfPeriod(today, by);
  const first = startOfPeriod(url.searchParams.get('from') ?? addPeriods(last, -11, by), by);
  const cohorts = listPeriods(first, last, by);
  const sizes = Object.fromEntries(
    cohorts.map((period, at) => [period, at === 3 ? 4 : at < 1 ? 0 : 90 + ((at * 37) % 120)]),
  );
  const back = Object.fromEntries(
    cohorts.map((period) => [
      period,
      Object.fromEntries(
        Array.from({ length: 30 }, (_, at) => [
          addPeriods(period, at + 1, by),
          Math.round((sizes[period] ?? 0) * Math.max(0.01, 0.46 - 0.055 * at)),
        ]),
      ),
    ]),
  );
  const counts = {
    settledThrough: 0,
    sizes,
    back,
    last: back,
    counted: 28_412,
    withId: 9_871,
    conflicts: 3,
    since: cohorts[2] ?? null,
  };
  return {
    by,
    from: first,
    to: endOfPeriod(last, by),
    ...buildRetention(counts, {
      by,
      cohorts,
      periods: retentionLimits[by].periods,
      today,
      settledDate: '2026-11-21',
      unbounded: false,
      mean: 'weighted',
      smallest: 5,
      fewest: 3,
    }),
    coverage: { counted: counts.counted, withId: counts.withId, share: counts.withId / counts.counted, low: false },
    identityConflicts: counts.conflicts,
    identitiesSince: counts.since,
    unavailable: null,
    settledThrough: freshness.settledThrough,
    sources: { retention: { source: 'lake', asOf: freshness.hot, stale: false } },
    freshness,
    errors: [],
  };
}

export const fixtureFunnels: readonly Funnel[] = [
  {
    id: 'f1',
    name: 'From a visit to an order of the collected letters',
    unit: 'session',
    windowDays: 7,
    steps: [
      { type: 'page_view', path: '/letters' },
      { type: 'link_click', link: 'ada-1' },
      { type: 'custom', name: 'add_to_cart' },
      { type: 'custom', name: 'Order Completed' },
    ],
  },
  {
    id: 'f2',
    name: 'Members',
    unit: 'person',
    windowDays: 14,
    steps: [
      { type: 'custom', name: 'Signed Up' },
      { type: 'custom', name: 'Order Completed' },
    ],
  },
];

/** The report of a funnel, by country as asked. */
export function fixtureFunnel(url: URL): z.input<typeof funnelReportSchema> {
  const funnel = fixtureFunnels.find(({ id }) => url.pathname.includes(`/${id}/`)) ?? fixtureFunnels[0];
  if (funnel === undefined) throw new RangeError('there is no funnel');
  const options = { length: funnel.steps.length, smallest: funnel.unit === 'person' ? 5 : 1 };
  function steps(first: number) {
    const counts = funnel?.steps.map((_, at) => ({
      step: at + 1,
      reached: Math.round(first * 0.42 ** at),
      open: at === 0 ? 7 : 0,
      medianSeconds: at === 0 ? null : 38 * 4 ** at,
    }));
    return buildFunnelSteps(counts ?? [], options);
  }
  const by = dimensionNames.find((name) => name === url.searchParams.get('by')) ?? null;
  return {
    funnel,
    from: url.searchParams.get('from') ?? '2026-10-24',
    to: url.searchParams.get('to') ?? '2026-11-22',
    by,
    steps: steps(12_430),
    values: by === null ? [] : ['AT', 'DE', ''].map((value, at) => ({ value, steps: steps(6_000 - 2_300 * at) })),
    coverage: { counted: 31_320, withId: 30_900, share: 30_900 / 31_320, low: false },
    unavailable: null,
    settledThrough: freshness.settledThrough,
    sources: { funnel: { source: 'lake', asOf: freshness.hot, stale: false } },
    freshness,
    errors: [],
  };
}

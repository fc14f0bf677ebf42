import { describe, expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import type { MetricGoal } from '#schemas/insights/metrics.ts';
import { evaluateGoal, type GoalFacts, passedShare } from './goal.ts';
import { addMeasures, computeMetric, countSum, isCounted, type MeasureSums, readCounted } from './measures.ts';
import { buildTestMetric, measure } from './metrics.fixture.ts';
import { roundTo } from './round.ts';
import { buildMetricRows, type MetricDay, totalOfDays } from './values.ts';
import { endOfPeriod, startOfPeriod } from '../periods.ts';
import { changeMetric } from './versions.ts';

function day(date: string, counts: Readonly<Record<string, number>>, version = 1): MetricDay {
  const measures = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, countSum(count)]));
  return { date, state: 'settled', version, measures };
}

describe('a ratio', () => {
  const days = [
    day('2026-11-01', { a: 10, b: 100 }),
    day('2026-11-02', { a: 0, b: 0 }),
    day('2026-11-03', { a: 5, b: 0 }),
  ];

  it('of days is that of each, and of a range that of the sums, never a mean', () => {
    const metric = buildTestMetric();
    expect(buildMetricRows(metric, days, 'day').map(({ value }) => value)).toEqual([0.1, null, null]);
    expect(totalOfDays(metric, days)).toEqual({ value: 0.15, error: null, ignored: 0, days: 3, known: 3 });
    expect(buildMetricRows(metric, days, 'month')).toMatchObject([{ start: '2026-11-01', value: 0.15, version: 1 }]);
  });

  it('of a mean is the sum by the numbers', () => {
    const metric = buildTestMetric({ measures: { a: measure('average', [], 'price') }, formula: 'a' });
    const parts: MetricDay[] = [
      { ...day('2026-11-01', {}), measures: { a: { sum: 10, numbers: 1, ignored: 0 } } },
      { ...day('2026-11-02', {}), measures: { a: { sum: 20, numbers: 9, ignored: 2 } } },
      { ...day('2026-11-03', {}), measures: { a: { sum: 0, numbers: 0, ignored: 0 } } },
    ];
    expect(buildMetricRows(metric, parts, 'day').map(({ value }) => value)).toEqual([10, 20 / 9, null]);
    expect(totalOfDays(metric, parts)).toMatchObject({ value: 3, ignored: 2 });
  });

  it('of nothing is unknown', () => {
    expect(totalOfDays(buildTestMetric(), [])).toEqual({ value: null, error: null, ignored: 0, days: 0, known: 0 });
  });
});

describe('days of several versions', () => {
  const metric = buildTestMetric({
    version: 2,
    formula: 'b',
    earlier: [{ ...buildTestMetric(), formula: 'a', version: 1 }],
  });
  const days = [
    { ...day('2026-11-01', {}, 0), state: 'missing' as const, measures: undefined },
    day('2026-11-02', { a: 1, b: 10 }, 1),
    day('2026-11-03', { a: 2, b: 20 }, 2),
    { ...day('2026-11-04', { a: 4, b: 40 }, 2), state: 'running' as const },
  ];

  it('are each computed by their own', () => {
    const rows = buildMetricRows(metric, days, 'day').map(({ value, version, state }) => [value, version, state]);
    expect(rows).toEqual([
      [null, 0, 'missing'],
      [1, 1, 'settled'],
      [20, 2, 'settled'],
      [40, 2, 'running'],
    ]);
  });

  it('are never mixed in one number', () => {
    expect(totalOfDays(metric, days)).toMatchObject({ value: 60, days: 4, known: 2 });
    expect(buildMetricRows(metric, days, 'month')).toMatchObject([{ value: 60, version: 2, state: 'running' }]);
    expect(buildMetricRows(metric, days.slice(0, 2), 'month')).toMatchObject([{ value: 1, version: 1 }]);
  });

  it('begin when what is computed changes', () => {
    const { name, unit, currency, decimals, measures, formula, goal, alert } = metric;
    const definition = { name, unit, currency, decimals, measures, formula, goal, alert };
    const since = '2026-11-20T00:00:00.000Z';
    expect(changeMetric(metric, { ...definition, name: 'Other', decimals: 2 }, since)).toMatchObject({
      version: 2,
      name: 'Other',
    });
    const rule = { when: 'below', value: 1, period: 'day', periods: 2 } as const;
    expect(changeMetric(metric, { ...definition, alert: rule }, since)).toMatchObject({ version: 2, alert: rule });
    const changed = changeMetric(metric, { ...definition, formula: 'a + b' }, since);
    expect(changed).toMatchObject({ version: 3, since, earlier: [{ version: 2, formula: 'b' }, { version: 1 }] });
    let many = metric;
    for (let at = 0; at < 9; at++) many = changeMetric(many, { ...definition, formula: `a + ${at}` }, since);
    expect([many.version, many.earlier.map(({ version }) => version)]).toEqual([11, [10, 9, 8, 7, 6]]);
  });
});

describe('a value', () => {
  it('of money is rounded to its smallest unit, halves away from zero', () => {
    const metric = buildTestMetric({ unit: 'money', currency: 'EUR' });
    expect(computeMetric(metric, { a: countSum(5), b: countSum(2) }).value).toBe(3);
    expect(computeMetric(metric, { a: countSum(-5), b: countSum(2) }).value).toBe(-3);
  });

  it('beyond 2^53 is refused', () => {
    const metric = buildTestMetric({ formula: 'a * b' });
    expect(computeMetric(metric, { a: countSum(1e9), b: countSum(1e9) })).toEqual({
      value: null,
      error: 'overflow',
      ignored: 0,
    });
    expect(computeMetric(buildTestMetric({ formula: 'a' }), { a: countSum(2 ** 53), b: countSum(0) }).value).toBe(
      2 ** 53,
    );
    const sums = addMeasures([{ a: countSum(2 ** 53) }, { a: countSum(2 ** 53) }]);
    expect(computeMetric(buildTestMetric({ formula: 'a' }), sums).error).toBe('overflow');
  });

  it('is unknown without one of its measures', () => {
    expect(computeMetric(buildTestMetric(), { a: countSum(1) }).value).toBeNull();
    expect(computeMetric(buildTestMetric(), undefined).value).toBeNull();
  });

  it.each([
    [1.005, 2, 1.01],
    [-1.005, 2, -1.01],
    [0.5, 0, 1],
    [-0.5, 0, -1],
    [-0.4, 0, 0],
    [1.15, 1, 1.2],
    [1e-9, 6, 0],
    [1e21, 2, 1e21],
    [123_456_789.123_456_7, 6, 123_456_789.123_457],
  ])('%d to %d decimals is %d', (value, decimals, expected) => expect(roundTo(value, decimals)).toBe(expected));
});

it('sums do not depend on how days are grouped', () => {
  const sum = fc.record({
    sum: fc.integer({ min: -1e9, max: 1e9 }).map((minor) => minor / 1e3),
    numbers: fc.nat(1_000),
    ignored: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(fc.record({ a: sum, b: sum }), { minLength: 1, maxLength: 30 }), fc.nat(29), (days, at) => {
      const parts = [days.slice(0, at), days.slice(at)].filter((part) => part.length > 0);
      expect(addMeasures(parts.map(addMeasures))).toEqual(addMeasures(days));
    }),
  );
});

describe('counters hold', () => {
  it.each([
    [measure('clicks'), true],
    [measure('views', [['country', 'is', ['AT', 'DE']]]), true],
    [measure('clicks', [['referrer', 'is-not', ['social', '']]]), true],
    [measure('clicks', [['browser', 'starts-with', ['Chrome']]]), true],
    [measure('events'), true],
    [measure('clicks', [['referrer', 'is', ['Instagram']]]), false],
    [measure('clicks', [['referrer', 'starts-with', ['s']]]), false],
    [
      measure('clicks', [
        ['country', 'is', ['AT']],
        ['device', 'is', ['mobile']],
      ]),
      false,
    ],
    [measure('clicks', [['city', 'is', ['Wien']]]), false],
    [measure('clicks', [['campaign', 'is', ['spring']]]), false],
    [measure('clicks', [['properties.country', 'is', ['AT']]]), false],
    [measure('events', [['country', 'is', ['AT']]]), false],
    [measure('events', [['event', 'is', ['signup', 'sign-up']]]), false],
    [measure('visitors'), false],
    [measure('sessions'), false],
    [measure('sum', [], 'price'), false],
  ])('%j: %s', (a, expected) => {
    expect(isCounted({ measures: { a } })).toBe(expected);
    expect(isCounted({ measures: { a, b: measure('visitors') } })).toBe(false);
  });

  const numbers = {
    views: 10,
    clicks: 20,
    customs: 5,
    'c.AT': 7,
    'c.DE': 3,
    'vc.AT': 4,
    'd.mobile': 20,
    'r.social': 8,
    'r.direct': 2,
  };
  it.each([
    [measure('clicks'), 20],
    [measure('events'), 5],
    [measure('clicks', [['country', 'is', ['AT']]]), 7],
    [measure('views', [['country', 'is', ['AT', 'DE']]]), 4],
    [measure('clicks', [['country', 'is', ['']]]), 10],
    [measure('clicks', [['country', 'is', ['AT', '']]]), 17],
    [measure('clicks', [['country', 'is-not', ['AT']]]), 13],
    [measure('clicks', [['country', 'is-not', ['AT', '']]]), 3],
    [measure('clicks', [['country', 'starts-with', ['D', 'x']]]), 3],
    [measure('clicks', [['referrer', 'is', ['social']]]), 8],
    [measure('clicks', [['country', 'is', ['constructor']]]), 0],
  ])('%j is %d', (a, expected) => expect(readCounted({ measures: { a } }, numbers)).toEqual({ a: countSum(expected) }));
});

describe('periods', () => {
  it.each([
    ['2026-11-22', '2026-11-16', '2026-11-22', '2026-11-01', '2026-11-30'],
    ['2026-11-23', '2026-11-23', '2026-11-29', '2026-11-01', '2026-11-30'],
    ['2027-01-01', '2026-12-28', '2027-01-03', '2027-01-01', '2027-01-31'],
    ['2028-02-29', '2028-02-28', '2028-03-05', '2028-02-01', '2028-02-29'],
  ])('%s is in the week of %s to %s and the month of %s to %s', (date, monday, sunday, first, last) => {
    expect([startOfPeriod(date, 'week'), endOfPeriod(monday, 'week')]).toEqual([monday, sunday]);
    expect([startOfPeriod(date, 'month'), endOfPeriod(first, 'month')]).toEqual([first, last]);
    expect([startOfPeriod(date, 'day'), endOfPeriod(date, 'day')]).toEqual([date, date]);
  });
});

describe('a goal', () => {
  const least: MetricGoal = { target: 700, period: 'week', at: 'least' };
  /** Wednesday noon, with as many each day. */
  function facts(changes: Partial<GoalFacts> = {}): GoalFacts {
    return { goal: least, value: 250, additive: true, today: '2026-11-25', passed: 0.5, history: [], ...changes };
  }

  it('is compared with what has usually come by now', () => {
    expect(evaluateGoal(facts())).toEqual({
      from: '2026-11-23',
      to: '2026-11-29',
      value: 250,
      share: 250 / 700,
      expected: 250,
      pace: 'on',
    });
  });

  it.each([
    [275, 'on', 'on'],
    [276, 'ahead', 'behind'],
    [225, 'on', 'on'],
    [224, 'behind', 'ahead'],
  ])('at %d is %s; at most, %s', (value, pace, atMost) => {
    expect(evaluateGoal(facts({ value })).pace).toBe(pace);
    expect(evaluateGoal(facts({ value, goal: { ...least, at: 'most' } })).pace).toBe(atMost);
  });

  it('weighs weekdays as they were', () => {
    // All of a week comes on Mondays.
    const history = Array.from({ length: 28 }, (_, at) => ({
      date: new Date(Date.UTC(2026, 9, 26 + at)).toISOString().slice(0, 10),
      value: at % 7 === 0 ? 100 : 0,
    }));
    expect(evaluateGoal(facts({ history })).expected).toBe(700);
    expect(evaluateGoal(facts({ history: history.slice(0, 13) })).expected).toBe(250);
    expect(evaluateGoal(facts({ history: history.map((each) => ({ ...each, value: 0 })) })).expected).toBe(250);
  });

  it('of a ratio has no pace, and of zero no share', () => {
    expect(evaluateGoal(facts({ additive: false, value: 0.1 }))).toMatchObject({ expected: null, pace: null });
    expect(evaluateGoal(facts({ goal: { ...least, target: 0 } }))).toMatchObject({
      share: null,
      expected: 0,
      pace: 'ahead',
    });
    expect(evaluateGoal(facts({ value: null }))).toMatchObject({ share: null, pace: null });
  });

  it('of a month and of a day has their dates', () => {
    expect(evaluateGoal(facts({ goal: { ...least, period: 'month' } }))).toMatchObject({
      from: '2026-11-01',
      to: '2026-11-30',
      expected: (700 * 24.5) / 30,
    });
    expect(evaluateGoal(facts({ goal: { ...least, period: 'day' } }))).toMatchObject({
      from: '2026-11-25',
      expected: 350,
    });
  });

  it('takes the part of a day by its usual hours', () => {
    const hours = [
      { hour: 9, events: 30 },
      { hour: 18, events: 60 },
      { hour: 9, events: 10 },
    ];
    expect(passedShare(hours, { hour: 9, minute: 30 })).toBe(0.2);
    expect(passedShare(hours, { hour: 12, minute: 0 })).toBe(0.4);
    expect(passedShare(hours, { hour: 23, minute: 0 })).toBe(1);
    expect(passedShare([], { hour: 6, minute: 0 })).toBe(0.25);
  });
});

it('measures that one day lacks are left out of a sum', () => {
  const days: MeasureSums[] = [{ a: countSum(1), b: countSum(2) }, { a: countSum(3) }];
  expect(addMeasures(days)).toEqual({ a: countSum(4) });
  expect(addMeasures([])).toEqual({});
});

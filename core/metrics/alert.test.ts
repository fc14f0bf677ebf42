import { describe, expect, it } from 'vitest';
import { addDays } from '#core/ledger/time-range.ts';
import type { MetricAlert, MetricAlertState } from '#schemas/insights/metric-alert.ts';
import { followMetricAlert, listAlertPeriods, statusOfAlert, type ThresholdMetric } from './alert.ts';
import { describeMetricAlert } from './alert-words.ts';
import { countSum, type MeasureSums } from './measures.ts';
import { buildTestMetric } from './metrics.fixture.ts';
import type { MetricDay } from './values.ts';

/** Clicks per view: below 5% on one day, unless a test says otherwise. */
function metricWith(
  rule: Partial<ThresholdMetric['alert']> = {},
  changes: Partial<ThresholdMetric> = {},
): ThresholdMetric {
  const alert: ThresholdMetric['alert'] = { when: 'below', value: 0.05, period: 'day', periods: 1, ...rule };
  return { ...buildTestMetric(), ...changes, alert };
}

/** Days up to and including `last`, one for each pair of sums; undefined for one that is not computed. */
function daysUntil(last: string, sums: readonly ([number, number] | undefined)[]): MetricDay[] {
  return sums.map((pair, at): MetricDay => {
    const measures: MeasureSums | undefined = pair && { a: countSum(pair[0]), b: countSum(pair[1]) };
    const date = addDays(last, at - sums.length + 1);
    return { date, state: 'settled', version: measures ? 1 : 0, measures };
  });
}

const last = '2026-11-22';
const usual: [number, number] = [100, 1_000];
const low: [number, number] = [40, 1_000];

/** Evaluates the newest closed period, after the days of two months that are as usual. */
function evaluate(
  metric: ThresholdMetric,
  sums: readonly ([number, number] | undefined)[],
  { state, excluded = [], muted = false }: { state?: MetricAlertState; excluded?: string[]; muted?: boolean } = {},
) {
  const before = Array.from({ length: 430 }, () => usual);
  const days = daysUntil(last, [...before, ...sums]);
  const step = followMetricAlert({
    metric,
    state,
    periods: listAlertPeriods(metric, state, last),
    days,
    excluded: new Set(excluded),
    muted,
  });
  const opened = step?.news.find(({ kind }) => kind === 'opened');
  return step && { ...step, opened: opened ? { start: opened.start, value: opened.value } : null };
}

describe('a threshold', () => {
  it.each<[ThresholdMetric['alert']['when'], number, boolean]>([
    ['below', 49, true],
    ['below', 50, false],
    ['above', 50, false],
    ['above', 51, true],
  ])('%s 5%% with %i of 1,000 opens an alert: %s', (when, clicks, opens) => {
    const step = evaluate(metricWith({ when }), [[clicks, 1_000]]);
    expect(step?.opened).toEqual(opens ? { start: last, value: clicks / 1_000 } : null);
    expect(step?.state).toMatchObject({
      outcome: opens ? 'beyond' : 'within',
      value: clicks / 1_000,
      since: opens ? last : null,
    });
  });

  it('of a range is that of its sums, not a mean of days', () => {
    // Days of 0.1 and 0.01; the week has (7 × 20 + 70) / (6 × 1,000 + 7,000).
    const week: [number, number][] = [...Array.from({ length: 6 }, (): [number, number] => [100, 1_000]), [70, 7_000]];
    const step = evaluate(metricWith({ period: 'week', value: 0.053 }), week);
    expect(step?.opened).toEqual({ start: '2026-11-16', value: 670 / 13_000 });
  });
});

describe('periods in a row', () => {
  it.each([1, 3, 14])('opens an alert after %i of them, not before', (periods) => {
    const metric = metricWith({ periods });
    expect(
      evaluate(
        metric,
        Array.from({ length: periods - 1 }, () => low),
      )?.opened,
    ).toBeNull();
    expect(
      evaluate(
        metric,
        Array.from({ length: periods }, () => low),
      )?.opened,
    ).toMatchObject({ start: last });
    expect(
      evaluate(
        metric,
        Array.from({ length: periods + 1 }, () => low),
      )?.opened,
    ).toMatchObject({ start: last });
  });

  it('begin again after a period that is within, muted, unknown or excluded', () => {
    const metric = metricWith({ periods: 3 });
    for (const gap of [usual, [0, 19], [1, 0]] as [number, number][])
      expect(evaluate(metric, [low, low, gap, low, low])?.opened).toBeNull();
    expect(evaluate(metric, [low, low, low], { excluded: [addDays(last, -1)] })?.opened).toBeNull();
  });

  it('of months are at most as many as days are kept', () => {
    const metric = metricWith({ period: 'month', periods: 12 });
    const { due, all } = listAlertPeriods(metric, undefined, '2026-11-30');
    expect([due, all[0], all.length]).toEqual([['2026-11-01'], '2025-12-01', 12]);
  });
});

describe('a closed period', () => {
  it.each<[MetricAlert['period'], string, string]>([
    ['day', '2026-11-22', '2026-11-22'],
    ['week', '2026-11-21', '2026-11-09'],
    ['week', '2026-11-22', '2026-11-16'],
    ['week', '2026-11-23', '2026-11-16'],
    ['month', '2026-11-29', '2026-10-01'],
    ['month', '2026-11-30', '2026-11-01'],
    ['month', '2026-02-28', '2026-02-01'],
    ['month', '2028-02-28', '2028-01-01'],
    ['month', '2026-12-31', '2026-12-01'],
  ])('of a %s with %s as the last settled date begins on %s', (period, settled, start) => {
    expect(listAlertPeriods(metricWith({ period }), undefined, settled).due).toEqual([start]);
  });

  it('is evaluated once, and a later run catches up on at most seven', () => {
    const metric = metricWith();
    const state = evaluate(metric, [usual])?.state;
    expect(listAlertPeriods(metric, state, last).due).toEqual([]);
    expect(listAlertPeriods(metric, state, addDays(last, 2)).due).toEqual(['2026-11-23', '2026-11-24']);
    expect(listAlertPeriods(metric, state, addDays(last, 7)).due).toHaveLength(7);
    expect(listAlertPeriods(metric, state, addDays(last, 8)).due).toHaveLength(7);
  });

  it('is left for a later run until it is computed', () => {
    expect(evaluate(metricWith(), [low, undefined])).toBeNull();
    // An older day without measures is unknown.
    expect(evaluate(metricWith({ periods: 2 }), [low, undefined, low])?.opened).toBeNull();
  });
});

describe('an alert', () => {
  it('is open until a period is within, and sends nothing meanwhile', () => {
    const metric = metricWith();
    const opened = { ...evaluate(metric, [low])?.state, start: addDays(last, -1), since: addDays(last, -1) };
    const state = opened as MetricAlertState;
    expect(evaluate(metric, [low, low], { state })).toMatchObject({ opened: null, state: { since: '2026-11-21' } });
    expect(evaluate(metric, [low, [3, 10]], { state })).toMatchObject({
      opened: null,
      state: { outcome: 'muted', since: '2026-11-21' },
    });
    expect(evaluate(metric, [low, usual], { state })).toMatchObject({ opened: null, state: { since: null } });
  });

  it('opens again after it has ended', () => {
    const metric = metricWith();
    const state: MetricAlertState = {
      start: addDays(last, -2),
      outcome: 'beyond',
      value: 0.04,
      expected: null,
      since: addDays(last, -2),
      rule: metric.alert,
      version: 1,
      announced: true,
    };
    const period = { expected: null, since: addDays(last, -2), start: addDays(last, -1), value: 0.1 };
    expect(evaluate(metric, [low, usual, low], { state })?.news).toEqual([
      { kind: 'recovered', ...period },
      { kind: 'opened', expected: null, since: last, start: last, value: 0.04 },
    ]);
    // An alert that opened while the page was muted was not sent, so its end is not sent either.
    const muted = evaluate(metric, [low], { muted: true });
    expect(muted).toMatchObject({ news: [], state: { since: last, announced: false } });
    const unheard = { ...state, announced: false };
    expect(evaluate(metric, [low, usual], { state: unheard })).toMatchObject({ news: [], state: { since: null } });
  });

  it('is muted where a measure that the formula uses has fewer than 20 events', () => {
    expect(evaluate(metricWith({ value: 1 }), [[19, 1_000]])).toMatchObject({
      opened: null,
      state: { outcome: 'muted', value: 0.019 },
    });
    expect(evaluate(metricWith({ value: 1 }), [[20, 1_000]])?.opened).toMatchObject({ value: 0.02 });
    expect(evaluate(metricWith({ value: 5_000 }, { formula: 'b' }), [[0, 1_000]])?.opened).toMatchObject({
      value: 1_000,
    });
  });

  it('never opens for an unknown value or one that is not exact', () => {
    const divided = metricWith({ when: 'above', value: -1 }, { formula: 'a / (b - b)' });
    expect(evaluate(divided, [usual])).toMatchObject({ opened: null, state: { outcome: 'unknown', value: null } });
    const large = metricWith({ when: 'above', value: 1 }, { formula: 'a * 1e9 * b * 1e9' });
    expect(evaluate(large, [usual])).toMatchObject({ opened: null, state: { outcome: 'unknown' } });
  });

  it('begins anew with another rule or version, and has no status until then', () => {
    const metric = metricWith();
    const state = evaluate(metric, [low])?.state;
    expect(statusOfAlert(metric, state)).toEqual({
      start: last,
      outcome: 'beyond',
      value: 0.04,
      expected: null,
      since: last,
    });
    expect(statusOfAlert(metricWith({ value: 0.06 }), state)).toBeNull();
    expect(statusOfAlert(metricWith({}, { version: 2 }), state)).toBeNull();
    expect(statusOfAlert(buildTestMetric(), state)).toBeNull();
    expect(listAlertPeriods(metricWith({ value: 0.06 }), state, last).due).toEqual([last]);
  });

  it('is described in words', () => {
    const { alert } = metricWith({ periods: 2, period: 'week' });
    expect(describeMetricAlert(alert, metricWith())).toBe('below 5.0% for 2 weeks');
    const money = { unit: 'money', currency: 'EUR', decimals: 0 } as const;
    expect(describeMetricAlert({ ...alert, when: 'above', value: 1250, periods: 1 }, money)).toBe(
      'above €12.50 for a week',
    );
  });
});

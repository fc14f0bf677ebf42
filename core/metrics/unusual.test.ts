import { describe, expect, it } from 'vitest';
import { type AlertState, unwatched } from '#core/detect/alert-state.ts';
import { evaluateDay } from '#core/detect/daily-traffic.ts';
import { normalSetting } from '#core/detect/sensitivity.ts';
import { addDays } from '#core/ledger/time-range.ts';
import type { MetricAlertState } from '#schemas/insights/metric-alert.ts';
import type { UnusualMetric } from './alert.ts';
import { countSum, type MeasureSums } from './measures.ts';
import { buildTestMetric, measure } from './metrics.fixture.ts';
import { evaluateUnusual, followUnusual, type UnusualFacts } from './unusual.ts';
import type { MetricDay } from './values.ts';

const alert = { when: 'unusual', period: 'day', periods: 1 } as const;
const clicks: UnusualMetric = {
  ...buildTestMetric({ unit: 'count', measures: { a: measure('clicks') }, formula: 'a' }),
  alert,
};
const ratio: UnusualMetric = { ...buildTestMetric(), alert };

const last = '2026-11-22';
/** A series that varies by ±20% in a fixed pattern. */
function wave(at: number, level: number): number {
  return Math.round(level * (1 + 0.2 * Math.sin(at * 2.3)));
}

/** Days up to and including `last`; undefined for a day that is not computed. */
function daysOf(count: number, sumsAt: (at: number) => MeasureSums | undefined): MetricDay[] {
  return Array.from({ length: count }, (_, at): MetricDay => {
    const measures = sumsAt(at);
    return { date: addDays(last, at + 1 - count), state: 'settled', version: measures ? 1 : 0, measures };
  });
}

function evaluate(metric: UnusualMetric, days: MetricDay[], changes: Partial<UnusualFacts> = {}) {
  return evaluateUnusual({
    metric,
    date: last,
    days,
    hours: new Map(),
    excluded: new Set(),
    setting: normalSetting,
    state: unwatched,
    ...changes,
  });
}

/** Sums of a count on usual days, and another on the last one. */
function counted(usual: number, on: number, count = 90): MetricDay[] {
  return daysOf(count, (at) => ({ a: countSum(at === count - 1 ? on : wave(at, usual)) }));
}

/** Numerators and denominators of usual days, and others on the last one. */
function divided(usual: [number, number], on: [number, number], count = 90): MetricDay[] {
  return daysOf(count, (at) => ({
    a: countSum(at === count - 1 ? on[0] : wave(at, usual[0])),
    b: countSum(at === count - 1 ? on[1] : usual[1]),
  }));
}

describe('a count', () => {
  it('is evaluated as the traffic of a page', () => {
    for (const on of [0, 60, 95, 200, 290, 400, 1_000]) {
      const days = counted(300, on);
      const counts = days.map(({ date, measures }) => ({ date, views: measures?.['a']?.sum ?? 0 }));
      const [found, expected] = [evaluate(clicks, days), evaluateDay(counts, last, normalSetting)];
      expect(found.kind).toBe(expected.kind);
      if (found.kind === 'skipped' || expected.kind === 'skipped') throw new TypeError('it was not evaluated');
      expect(found.expected).toBeCloseTo(expected.expected, 6);
      expect(found.actual).toBeCloseTo(on, 6);
    }
  });

  it.each<[number, 'drop' | 'surge' | undefined]>([
    [60, 'drop'],
    [0, 'drop'],
    [290, undefined],
    [1_000, 'surge'],
  ])('of %i where 300 are usual: %s', (on, direction) => {
    const evaluation = evaluate(clicks, counted(300, on));
    expect(evaluation.kind === 'alert' ? evaluation.direction : undefined).toBe(direction);
  });

  it('is not evaluated with a short history, or below 20 on usual days and this one', () => {
    expect(evaluate(clicks, counted(300, 0, 14))).toEqual({ kind: 'skipped', reason: 'short-history' });
    expect(evaluate(clicks, counted(300, 0, 15)).kind).toBe('alert');
    expect(evaluate(clicks, counted(15, 0))).toEqual({ kind: 'skipped', reason: 'too-small' });
    expect(evaluate(clicks, counted(15, 19))).toEqual({ kind: 'skipped', reason: 'too-small' });
    expect(evaluate(clicks, counted(5, 200))).toMatchObject({ kind: 'alert', direction: 'surge' });
  });

  it('of a day with 23 hours is compared with 23 hours', () => {
    const days = counted(300, 300);
    const evaluation = evaluate(clicks, days, { hours: new Map([[last, 23]]) });
    const plain = evaluate(clicks, days);
    if (evaluation.kind === 'skipped' || plain.kind === 'skipped') throw new TypeError('it was not evaluated');
    expect(evaluation.expected).toBeLessThan(plain.expected);
  });
});

describe('revenue', () => {
  const money: UnusualMetric = {
    ...buildTestMetric({ unit: 'money', currency: 'EUR', measures: { a: measure('sum') }, formula: 'a' }),
    alert,
  };
  /** Sales of 50 euros. */
  function sales(count: number): MeasureSums {
    return { a: { sum: count * 5_000, numbers: count, ignored: 0 } };
  }

  it('is worth as many events as sales made it, not as it has cents', () => {
    // 25 to 12 sales a day are chance; 125,000 to 60,000 of anything else would not be.
    expect(
      evaluate(
        money,
        daysOf(90, (at) => sales(at === 89 ? 14 : 25)),
      ).kind,
    ).toBe('not-significant');
    const drop = evaluate(
      money,
      daysOf(90, (at) => sales(at === 89 ? 2 : 25)),
    );
    expect(drop).toMatchObject({ kind: 'alert', direction: 'drop', actual: 10_000 });
    if (drop.kind === 'alert') expect(drop.expected).toBeCloseTo(125_000, -3);
  });

  it('below zero is not evaluated, and neither is what is usually below', () => {
    const refunds = { a: { sum: -5_000, numbers: 30, ignored: 0 } };
    expect(
      evaluate(
        money,
        daysOf(90, (at) => (at === 89 ? refunds : sales(40))),
      ),
    ).toEqual({
      kind: 'skipped',
      reason: 'not-a-count',
    });
    expect(
      evaluate(
        money,
        daysOf(90, () => refunds),
      ),
    ).toEqual({ kind: 'skipped', reason: 'not-a-count' });
  });
});

describe('a ratio', () => {
  it.each<[string, [number, number], 'drop' | 'surge' | undefined]>([
    ['a fall of the numerator', [20, 1_000], 'drop'],
    ['no numerator', [0, 1_000], 'drop'],
    ['a rise of the numerator', [300, 1_000], 'surge'],
    // The same ratio with half of both.
    ['less of both', [50, 500], undefined],
    // 0.033 instead of 0.1, but of 30 events.
    ['few events', [1, 30], undefined],
  ])('%s', (_what, on, direction) => {
    const evaluation = evaluate(ratio, divided([100, 1_000], on));
    expect(evaluation.kind === 'alert' ? evaluation.direction : undefined).toBe(direction);
  });

  it('needs 20 events below the line, on the day and in its history', () => {
    expect(evaluate(ratio, divided([100, 1_000], [0, 19]))).toEqual({ kind: 'skipped', reason: 'too-small' });
    expect(evaluate(ratio, divided([100, 1_000], [0, 20])).kind).toBe('not-significant');
    const sparse = daysOf(90, (at) => ({ a: countSum(100), b: countSum(at < 76 ? 19 : 1_000) }));
    expect(evaluate(ratio, sparse)).toEqual({ kind: 'skipped', reason: 'short-history' });
  });

  it('by zero is a gap', () => {
    expect(evaluate(ratio, divided([100, 1_000], [5, 0]))).toEqual({ kind: 'skipped', reason: 'missing' });
    const gaps = daysOf(90, (at) => ({ a: countSum(wave(at, 100)), b: countSum(at % 3 === 0 ? 0 : 1_000) }));
    expect(evaluate(ratio, [...gaps.slice(0, -1), ...divided([1, 1], [10, 1_000], 1)])).toMatchObject({
      kind: 'alert',
      direction: 'drop',
    });
  });

  it('of a mean needs its numbers', () => {
    const mean: UnusualMetric = { ...buildTestMetric({ measures: { a: measure('average') }, formula: 'a' }), alert };
    function numbers(count: number, each: number): MeasureSums {
      return { a: { sum: count * each, numbers: count, ignored: 0 } };
    }
    function before(at: number): MeasureSums {
      return numbers(100, wave(at, 50));
    }
    expect(
      evaluate(
        mean,
        daysOf(90, (at) => (at === 89 ? numbers(19, 5) : before(at))),
      ).kind,
    ).toBe('skipped');
    expect(
      evaluate(
        mean,
        daysOf(90, (at) => (at === 89 ? numbers(100, 5) : before(at))),
      ),
    ).toMatchObject({
      kind: 'alert',
      actual: 5,
    });
  });
});

describe('a day', () => {
  it('that is excluded or not computed neither counts nor is evaluated', () => {
    const days = counted(300, 60);
    expect(evaluate(clicks, days, { excluded: new Set([last]) })).toEqual({ kind: 'skipped', reason: 'bad-day' });
    const missing = daysOf(90, (at) => (at === 89 ? undefined : { a: countSum(300) }));
    expect(evaluate(clicks, missing)).toEqual({ kind: 'skipped', reason: 'missing' });
    const excluded = new Set(days.slice(0, -14).map(({ date }) => date));
    expect(evaluate(clicks, days, { excluded })).toEqual({ kind: 'skipped', reason: 'short-history' });
  });

  it('of another version of the metric is not known', () => {
    const days = counted(300, 60).map((day, at) => (at < 80 ? { ...day, version: 2 } : day));
    expect(evaluate(clicks, days)).toEqual({ kind: 'skipped', reason: 'short-history' });
  });
});

describe('an alert', () => {
  /** Follows the last days one by one. */
  function follow(counts: readonly number[], { muted = false } = {}) {
    const before = Array.from({ length: 90 }, (_, at) => wave(at, 300));
    const all = [...before, ...counts];
    const days = daysOf(all.length, (at) => ({ a: countSum(all[at] ?? 0) }));
    let state: MetricAlertState | undefined;
    const news: string[] = [];
    for (const { date } of days.slice(before.length)) {
      const detection: AlertState = state?.detection ?? unwatched;
      const step = followUnusual(
        { metric: clicks, date, days },
        evaluate(
          clicks,
          days.filter((day) => day.date <= date),
          { date, state: detection },
        ),
        { state, muted },
      );
      state = step.state;
      news.push(...step.news.map(({ kind, since, start, value }) => `${kind} ${since} ${start} ${value}`));
    }
    return { news, state };
  }

  it('opens once, and ends after three usual days, each with one message', () => {
    const { news, state } = follow([60, 70, 300, 310, 290]);
    expect(news).toEqual(['opened 2026-11-18 2026-11-18 60', 'recovered 2026-11-18 2026-11-22 290']);
    expect(state).toMatchObject({ outcome: 'within', since: null, value: 290 });
  });

  it('that opens again within a week belongs to the last one, without a message', () => {
    const { news, state } = follow([60, 300, 310, 290, 50, 300, 310, 290]);
    expect(news).toEqual(['opened 2026-11-15 2026-11-15 60', 'recovered 2026-11-15 2026-11-18 290']);
    expect(state?.since).toBeNull();
  });

  it('that opens while the page is muted has no message at its end', () => {
    expect(follow([60, 300, 310, 290], { muted: true }).news).toEqual([]);
  });

  it('is open until then, and a day that is not evaluated changes nothing', () => {
    const { state } = follow([60, 300]);
    expect(state).toMatchObject({ outcome: 'within', since: '2026-11-21', announced: true });
    const skipped = followUnusual(
      { metric: clicks, date: '2026-11-23', days: [] },
      { kind: 'skipped', reason: 'missing' },
      { state, muted: false },
    );
    expect(skipped).toMatchObject({ news: [], state: { outcome: 'unknown', since: '2026-11-21', expected: null } });
  });
});

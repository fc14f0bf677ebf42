import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import { type HourlyCount, hourlySeries, hourSlot } from './hourly-series.ts';
import { createHourEvaluator } from './hourly-traffic.ts';
import { normalSetting } from './sensitivity.ts';

const start = Date.UTC(2026, 2, 2);
function nameOf(index: number): string {
  return new Date(start + index * 3_600_000).toISOString().slice(0, 19);
}

/** A page that sleeps at night, with a fixed pattern of noise. */
function diurnal(hours: number, level: number): HourlyCount[] {
  return Array.from({ length: hours }, (_, index) => ({
    hour: nameOf(index),
    views: Math.round(
      level * (1 - 0.8 * Math.cos((2 * Math.PI * (index % 24)) / 24)) * (1 + 0.1 * Math.sin(index * 1.7)),
    ),
  }));
}

function alerts(counts: readonly HourlyCount[]) {
  const series = hourlySeries(counts);
  const evaluate = createHourEvaluator(series, normalSetting);
  return series.counts.flatMap((count, index) => {
    const evaluation = evaluate(index);
    return evaluation.kind === 'alert' ? [{ hour: count?.hour, direction: evaluation.direction }] : [];
  });
}

function replaced(counts: readonly HourlyCount[], from: number, views: readonly number[]): HourlyCount[] {
  return counts.map((count, index) => ({ ...count, views: views[index - from] ?? count.views }));
}

describe('the evaluation of each hour of a history', () => {
  it('leaves three weeks of days and nights alone', () => expect(alerts(diurnal(504, 200))).toEqual([]));

  it('knows a silent page after two hours', () =>
    expect(alerts(replaced(diurnal(504, 200), 490, [0, 0]))).toEqual([{ hour: nameOf(491), direction: 'silent' }]));

  it('knows a viral page after one', () => {
    expect(alerts(replaced(diurnal(504, 200), 490, [9000]))).toEqual([{ hour: nameOf(490), direction: 'surge' }]);
  });

  it('does not take a quiet night for silence', () =>
    expect(alerts(replaced(diurnal(504, 4), 480, [0, 0, 0, 0]))).toEqual([]));

  it('takes a gap for no change', () => {
    const counts = diurnal(504, 200).filter((_, index) => index < 300 || index > 330);
    expect(alerts(counts)).toEqual([]);
  });

  it('answers whatever it is given', () => {
    const hour = fc.record({
      hour: fc.oneof(fc.constantFrom('2026-03-02T07+01:00', '2026-03-02 07:00:00', '2026-13-45T99', ''), fc.string()),
      views: fc.double(),
    });
    fc.assert(
      fc.property(fc.array(hour), fc.array(fc.double({ noNaN: true, min: 0 }), { maxLength: 120 }), (odd, views) => {
        const counts = [...views.map((value, index) => ({ hour: nameOf(index), views: value })), ...odd];
        const series = hourlySeries(counts);
        const evaluate = createHourEvaluator(series, normalSetting);
        expect(series.counts.every((_, index) => 'kind' in evaluate(index))).toBe(true);
      }),
    );
  });
});

describe('one hour', () => {
  function evaluateLast(counts: readonly HourlyCount[]) {
    const series = hourlySeries(counts);
    return createHourEvaluator(series, normalSetting)(series.counts.length - 1);
  }

  it('is not evaluated while it is open', () => {
    const counts = diurnal(200, 200).map((count, index) => (index === 199 ? { ...count, settled: false } : count));
    expect(evaluateLast(counts)).toEqual({ kind: 'skipped', reason: 'unsettled' });
  });

  it('is missing in an empty history', () => expect(evaluateLast([])).toEqual({ kind: 'skipped', reason: 'missing' }));
});

describe('hourSlot', () => {
  it('keeps both hours of a clock change apart', () => {
    const before = hourSlot('2026-10-25T02+02:00');
    const after = hourSlot('2026-10-25T02+01:00');
    expect((after?.at ?? 0) - (before?.at ?? 0)).toBe(1);
    expect(after?.hour).toBe(before?.hour);
  });
});

import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import type { ViewsAndClicks } from './classic-rules.ts';
import { evaluateClickThrough } from './click-through.ts';
import { clickThroughSpread } from './click-through-spread.ts';
import { normalSetting } from './sensitivity.ts';

function days(views: number, clicks: number) {
  return Array.from({ length: 14 }, () => ({ views, clicks }));
}

/** Days whose rates differ by this factor up and down in turn. */
function swinging(count: number, views: number, factor: number) {
  return Array.from({ length: count }, (_, day) => ({
    views,
    clicks: Math.round((views / 10) * (day % 2 === 0 ? factor : 1 / factor)),
  }));
}

function evaluate(before: readonly ViewsAndClicks[], ...recent: ViewsAndClicks[]) {
  return evaluateClickThrough({ before, recent }, normalSetting);
}

describe('evaluateClickThrough', () => {
  it('does not take chance for a change', () => {
    expect(evaluate(days(100, 2), { views: 100, clicks: 4 })).toMatchObject({
      kind: 'not-significant',
      reason: 'within-noise',
    });
  });
  it('finds a rate that halved', () => {
    expect(evaluate(days(1000, 100), { views: 1000, clicks: 50 })).toMatchObject({
      kind: 'alert',
      direction: 'drop',
    });
  });
  it('leaves a certain but tiny change alone', () => {
    expect(evaluate(days(1e6, 300_000), { views: 1e6, clicks: 310_000 })).toMatchObject({
      kind: 'not-significant',
      reason: 'below-minimum-effect',
    });
  });
  it('asks more of a page whose days differ, in proportion to how much', () => {
    const drop = { views: 1000, clicks: 60 };
    const probabilities = [1, 1.1, 1.2, 1.4].map((factor) => {
      const evaluation = evaluate(swinging(56, 1000, factor), drop);
      return evaluation.kind === 'skipped' ? Number.NaN : evaluation.probability;
    });
    expect(probabilities).toEqual(probabilities.toSorted((a, b) => a - b));
    expect(evaluate(swinging(56, 1000, 1), drop).kind).toBe('alert');
    expect(evaluate(swinging(56, 1000, 1.4), drop)).toMatchObject({ kind: 'not-significant', reason: 'within-noise' });
  });
  it('finds a change that lasts for three days, though each day alone could be chance', () => {
    const day = { views: 300, clicks: 18 };
    const history = swinging(56, 300, 1.18);
    expect(evaluate(history, day)).toMatchObject({ kind: 'not-significant', reason: 'within-noise' });
    const alert = { kind: 'alert', direction: 'drop', actual: 18 / 300 };
    expect(evaluate(history, day, day, day)).toMatchObject(alert);
    // Before there is an incident, its days are the last of the history.
    expect(evaluate([...history, day, day], day)).toMatchObject(alert);
  });
  it('takes a day that is back to usual for the end, whatever the two days before it were', () => {
    const low = { views: 300, clicks: 5 };
    expect(evaluate(swinging(56, 300, 1.1), low, low, { views: 300, clicks: 30 }).kind).toBe('not-significant');
  });
  it('knows pages whose views bring several clicks each', () => {
    expect(evaluate(days(100, 250), { views: 100, clicks: 120 })).toMatchObject({
      kind: 'alert',
      direction: 'drop',
    });
  });
  it.each([
    ['no history', [], { views: 100, clicks: 1 }, 'short-history'],
    ['few views', days(100, 2), { views: 19, clicks: 19 }, 'too-small'],
    ['no number', days(100, 2), { views: Number.NaN, clicks: 0 }, 'not-a-count'],
  ])('skips %s', (_, history, recent, reason) =>
    expect(evaluate(history, recent)).toEqual({ kind: 'skipped', reason }),
  );

  it('answers whatever it is given', () => {
    const part = fc.record({ views: fc.oneof(fc.nat(3000), fc.double()), clicks: fc.oneof(fc.nat(3000), fc.double()) });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), part, part, (history, recent, last) => {
        const evaluation = evaluate(history, recent, last);
        expect(evaluation.kind === 'skipped' || !Number.isNaN(evaluation.probability)).toBe(true);
      }),
    );
  });
});

describe('clickThroughSpread', () => {
  it('is the variance of the rates on the log scale where the counts are large', () =>
    expect(Math.sqrt(clickThroughSpread(swinging(84, 1e6, Math.exp(0.2))).variance)).toBeCloseTo(0.2, 1));
  it('is almost none where counts cannot tell, and then has many degrees of freedom', () => {
    const sparse = Array.from({ length: 28 }, (_, day) => ({ views: 100, clicks: day % 2 === 0 ? 0 : 2 }));
    const { variance, freedom } = clickThroughSpread(sparse);
    expect(Math.abs(variance)).toBeLessThan(0.01);
    expect(freedom).toBeGreaterThan(500);
  });
  it('is close to none where the days are as alike as chance, and counts where they clearly differ', () => {
    const [alike, different] = [1.08, 1.3].map((factor) => clickThroughSpread(swinging(84, 3000, factor)));
    const expected = [1.08, 1.3].map((factor) => Math.log(factor) ** 2);
    // Counting noise alone is 1 / 333.
    expect(Math.abs(alike?.variance ?? 1)).toBeLessThan((expected[0] ?? 0) * 0.9);
    expect(different?.variance).toBeGreaterThan((expected[1] ?? 0) * 0.9);
    expect(alike?.freedom).toBeGreaterThan(different?.freedom ?? Infinity);
  });
  it('does not take a slow drift for differences between days', () => {
    const drift = Array.from({ length: 84 }, (_, day) => ({ views: 10_000, clicks: 1000 + 5 * day }));
    expect(clickThroughSpread(drift).variance).toBeLessThan(0.002);
  });
  it('forgives a past incident', () => {
    const usual = swinging(84, 3000, 1.05);
    const incident = usual.map((day, at) => (at >= 30 && at < 35 ? { views: 3000, clicks: 60 } : day));
    expect(evaluate(incident, { views: 3000, clicks: 150 }).kind).toBe('alert');
  });
  it('is unknown without two days with clicks', () =>
    expect(clickThroughSpread([{ views: 10, clicks: 1 }])).toEqual({ variance: 0, freedom: Number.POSITIVE_INFINITY }));
});

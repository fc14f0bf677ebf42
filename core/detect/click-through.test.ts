import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import { clickThroughDispersion, clickThroughProbability, evaluateClickThrough } from './click-through.ts';
import { normalSetting } from './sensitivity.ts';

function days(views: number, clicks: number) {
  return Array.from({ length: 14 }, () => ({ views, clicks }));
}

describe('clickThroughProbability', () => {
  it("is Fisher's p when the observed outcome counts fully", () => {
    // The lady tasting tea, three of four right: p = 34/70.
    expect(clickThroughProbability({ views: 4, clicks: 1 }, { views: 4, clicks: 3 }, 1)).toBeCloseTo(34 / 70, 8);
  });
  it('weighs equally likely outcomes by half', () =>
    expect(clickThroughProbability({ views: 4, clicks: 1 }, { views: 4, clicks: 3 })).toBeCloseTo(18 / 70, 8));
});

describe('evaluateClickThrough', () => {
  it('does not take chance for a change', () => {
    expect(evaluateClickThrough(days(100, 2), { views: 100, clicks: 4 }, normalSetting)).toMatchObject({
      kind: 'not-significant',
      reason: 'within-noise',
    });
  });
  it('finds a rate that halved', () => {
    expect(evaluateClickThrough(days(1000, 100), { views: 1000, clicks: 50 }, normalSetting)).toMatchObject({
      kind: 'alert',
      direction: 'drop',
    });
  });
  it('leaves a certain but tiny change alone', () => {
    expect(evaluateClickThrough(days(1e6, 300_000), { views: 1e6, clicks: 310_000 }, normalSetting)).toMatchObject({
      kind: 'not-significant',
      reason: 'below-minimum-effect',
    });
  });
  it('asks more of a page whose rate swings by itself', () => {
    const swinging = Array.from({ length: 14 }, (_, day) => ({ views: 1000, clicks: day % 2 === 0 ? 50 : 150 }));
    expect(clickThroughDispersion(swinging)).toBeGreaterThan(20);
    expect(evaluateClickThrough(swinging, { views: 1000, clicks: 60 }, normalSetting).kind).toBe('not-significant');
  });
  it('knows pages whose views bring several clicks each', () => {
    expect(evaluateClickThrough(days(100, 250), { views: 100, clicks: 120 }, normalSetting)).toMatchObject({
      kind: 'alert',
      direction: 'drop',
    });
  });
  it.each([
    ['no history', [], { views: 100, clicks: 1 }, 'short-history'],
    ['few views', days(100, 2), { views: 19, clicks: 19 }, 'too-small'],
    ['no number', days(100, 2), { views: Number.NaN, clicks: 0 }, 'not-a-count'],
  ])('skips %s', (_, history, recent, reason) =>
    expect(evaluateClickThrough(history, recent, normalSetting)).toEqual({ kind: 'skipped', reason }),
  );

  it('answers whatever it is given', () => {
    const part = fc.record({ views: fc.oneof(fc.nat(3000), fc.double()), clicks: fc.oneof(fc.nat(3000), fc.double()) });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), part, (history, recent) => {
        const evaluation = evaluateClickThrough(history, recent, normalSetting);
        expect(evaluation.kind === 'skipped' || !Number.isNaN(evaluation.probability)).toBe(true);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { countingDeviate, fisherProbability } from './two-rates.ts';

describe('fisherProbability', () => {
  it("is Fisher's p when the observed outcome counts fully", () => {
    // The lady tasting tea, three of four right: p = 34/70.
    expect(fisherProbability({ views: 4, clicks: 1 }, { views: 4, clicks: 3 }, 1)).toBeCloseTo(34 / 70, 8);
  });
  it('weighs equally likely outcomes by half', () =>
    expect(fisherProbability({ views: 4, clicks: 1 }, { views: 4, clicks: 3 })).toBeCloseTo(18 / 70, 8));
});

describe('countingDeviate', () => {
  it('is the same on both sides of the largest exact counts', () => {
    const history = { views: 280_000, clicks: 56_000 };
    const [exact, pooled] = [9_400, 11_000].map((views) =>
      countingDeviate(history, { views, clicks: Math.round(0.2 * views + 3 * Math.sqrt(0.16 * views)) }),
    );
    expect(exact).toBeCloseTo(2.95, 1);
    expect(pooled).toBeCloseTo(2.95, 1);
  });
  it('stays finite and grows where probabilities are too small to write down', () => {
    const history = { views: 28_000, clicks: 280 };
    const deviates = [200, 400, 800].map((clicks) => countingDeviate(history, { views: 1000, clicks }));
    expect(deviates.every(Number.isFinite)).toBe(true);
    expect(deviates).toEqual(deviates.toSorted((a, b) => a - b));
  });
  it('is within noise where nothing was clicked', () =>
    expect(countingDeviate({ views: 1e6, clicks: 0 }, { views: 1e5, clicks: 0 })).toBeLessThan(1));
});

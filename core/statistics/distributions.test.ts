import { describe, expect, it } from 'vitest';
import { countTails, logGamma, normalDeviate, studentTail } from './distributions.ts';

describe('distributions', () => {
  it('knows factorials', () => expect(Math.exp(logGamma(11))).toBeCloseTo(3_628_800, 3));
  it('has the tails of Student that the tables print', () => {
    expect(studentTail(2.228, 10)).toBeCloseTo(0.025, 4);
    expect(studentTail(2.776, 4)).toBeCloseTo(0.025, 4);
  });
  it('is Poisson without overdispersion', () => {
    const { atMost, atLeast } = countTails(2, 4, 0);
    expect(atMost).toBeCloseTo(Math.exp(-4) * (1 + 4 + 8), 5);
    expect(atLeast).toBeCloseTo(1 - Math.exp(-4) * 5, 5);
  });
  it('is geometric with an overdispersion of 1', () => expect(countTails(0, 3, 1).atMost).toBeCloseTo(0.25, 10));
  it.each([
    [1, 0],
    [0.05, 1.96],
    [0.01, 2.576],
    [1e-6, 4.892],
  ])('has the normal deviate that the tables print for %f', (probability, deviate) =>
    expect(normalDeviate(probability)).toBeCloseTo(deviate, 2),
  );
});

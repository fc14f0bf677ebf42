import { fc } from '#test/property.ts';
import { describe, expect, test } from 'vitest';
import { dayOfRates, emptyReceives, expectedDistinct, messagesPerBatch, missShare, zipfShares } from './traffic.ts';

const poller = { pollers: 5, windowSeconds: 5, maxBatch: 1000, longPollSeconds: 20 };

describe('zipfShares', () => {
  test('gives the second half of the first at exponent 1, and adds up to 1', () => {
    const shares = zipfShares(3, 1);
    expect(shares[0]).toBeCloseTo(6 / 11);
    expect(shares[1]).toBeCloseTo(3 / 11);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  });
  test('is even at exponent 0', () => expect(zipfShares(4, 0)).toEqual([0.25, 0.25, 0.25, 0.25]));
});

describe('expectedDistinct', () => {
  test('is 1 for one draw', () => expect(expectedDistinct(zipfShares(2000, 1), 1)).toBeCloseTo(1));
  test('is 1.5 for two tosses of a coin', () => expect(expectedDistinct([0.5, 0.5], 2)).toBeCloseTo(1.5));
  test('is 1 for a single item', () => expect(expectedDistinct([1], 3)).toBe(1));
  test('is at most the draws or the items, and grows with the draws', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: 1, max: 1e5, noNaN: true }),
        (count, exponent, draws) => {
          const shares = zipfShares(count, exponent);
          const distinct = expectedDistinct(shares, draws);
          expect(distinct).toBeLessThanOrEqual(Math.min(draws, count) + 1e-9);
          expect(expectedDistinct(shares, draws * 2)).toBeGreaterThanOrEqual(distinct);
        },
      ),
    );
  });
  test('agrees with a simulation', () => {
    const shares = zipfShares(50, 1);
    let state = 7;
    function random(): number {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    }
    function draw(): number {
      let left = random();
      return shares.findIndex((share) => (left -= share) < 0);
    }
    const runs = Array.from({ length: 2000 }, () => new Set(Array.from({ length: 40 }, draw)).size);
    const mean = runs.reduce((sum, size) => sum + size, 0) / runs.length;
    expect(Math.abs(mean - expectedDistinct(shares, 40))).toBeLessThan(0.2);
  });
});

test('a day keeps the month’s mean and peaks at 1 + swing', () => {
  const rates = dayOfRates(2_629_800, 0.6);
  expect(rates.reduce((sum, rate) => sum + rate, 0) / 24).toBeCloseTo(1);
  expect(Math.max(...rates)).toBeCloseTo(1.6);
});

describe('messagesPerBatch', () => {
  test('a lone click is its own batch', () => expect(messagesPerBatch(0, poller)).toBe(1));
  test('grows by rate × window over the pollers', () => expect(messagesPerBatch(38, poller)).toBeCloseTo(39));
  test('stops at the largest batch', () => expect(messagesPerBatch(1e6, poller)).toBe(1000));
});

test('empty receives vanish under load', () => {
  expect(emptyReceives(0, poller)).toBe(0.25);
  expect(emptyReceives(100, poller)).toBeLessThan(1e-100);
});

test('a cache entry is read once per lifetime plus the wait for the next request', () => {
  expect(missShare([1], 1, 1, 60)).toBeCloseTo(1 / 61);
  expect(missShare([1], 1, 2, 60)).toBeCloseTo(1 / 31);
});

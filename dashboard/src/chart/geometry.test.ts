import { expect, it } from 'vitest';
import { fineTicks, linePath, niceTicks, rangePath, tickIndexes } from './geometry.ts';

it.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [4, [0, 1, 2, 3, 4]],
  [7, [0, 2, 4, 6, 8]],
  [9, [0, 3, 6, 9]],
  [130, [0, 50, 100, 150]],
  [1_000_000, [0, 250_000, 500_000, 750_000, 1_000_000]],
])('%i has whole round ticks', (most, ticks) => {
  expect(niceTicks(most)).toEqual(ticks);
  expect(niceTicks(most).at(-1)).toBeGreaterThanOrEqual(most);
});

const frame = { width: 150, height: 134, points: 3, most: 10, least: 0 };

it('interrupts a line where a value is unknown, and closes an area at zero', () => {
  expect(linePath(frame, [0, 10, 5], 0, 2)).toBe('M44,108L94,8L144,58');
  expect(linePath(frame, [0, null, 5], 0, 2)).toBe('M44,108h0M144,58h0');
  expect(linePath(frame, [0, 10, 5], 1, 2, true)).toBe('M94,8L144,58L144,108L94,108Z');
  expect(rangePath(frame, [null, [0, 10], [5, 10]])).toBe('M94,8L144,8L144,58L94,108Z');
});

it.each([
  [0, 0, [0, 0.25]],
  [0, 0.15, [0, 0.05, 0.1, 0.15]],
  [0, 1, [0, 0.25, 0.5, 0.75, 1]],
  [-3, 0.5, [-3, -2, -1, 0, 1]],
  [-1, -0.5, [-1, -0.75, -0.5, -0.25, 0]],
  [0, 4_200, [0, 2_000, 4_000, 6_000]],
])('from %d to %d are fine ticks', (least, most, ticks) => expect(fineTicks(least, most)).toEqual(ticks));

it('draws below zero', () => {
  expect(linePath({ ...frame, least: -10 }, [0, 10, -10], 0, 2)).toBe('M44,58L94,8L144,108');
});

it('labels as many points as have room', () => {
  expect(tickIndexes({ ...frame, width: 1_000 })).toEqual([0, 1, 2]);
  expect(tickIndexes(frame)).toEqual([0, 2]);
  expect(tickIndexes({ ...frame, points: 1 })).toEqual([0]);
  expect(tickIndexes({ ...frame, width: 1, points: 400 })).toEqual([0]);
});

import { expect, it } from 'vitest';
import { queryDeadline, slicesOf, usualRowsPerSlice as rowsPerSlice } from './slices.ts';

it('divides an hour above five million rows by the first digit of its pages, into sixteen slices at most', () => {
  expect(slicesOf(0)).toEqual(['']);
  expect(slicesOf(rowsPerSlice)).toEqual(['']);
  expect(slicesOf(rowsPerSlice + 1)).toEqual(['01234567', '89ABCDEF']);
  expect(slicesOf(36_000_000)).toHaveLength(8);
  expect(slicesOf(80_000_001)).toHaveLength(16);
  expect(slicesOf(1e9)).toHaveLength(16);
  for (const rows of [1e7, 36e6, 1e9]) expect(slicesOf(rows).join('')).toBe('0123456789ABCDEF');
});

it('gives a query half a minute more for each slice, and ten minutes at most', () => {
  expect(queryDeadline(0)).toBe(240_000);
  expect(queryDeadline(rowsPerSlice)).toBe(240_000);
  expect(queryDeadline(rowsPerSlice + 1)).toBe(270_000);
  expect(queryDeadline(36_000_000)).toBe(450_000);
  expect(queryDeadline(1e9)).toBe(600_000);
});

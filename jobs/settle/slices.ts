import { queryMilliseconds } from './budget.ts';

/**
 * Rows that one query settles. Above, an hour is settled in slices of its pages, because a query holds its rows in memory.
 * Each slice reads all files of the hour.
 */
export const usualRowsPerSlice = 5_000_000;

const digits = '0123456789ABCDEF';

/** Queries that run at the same time. Each reads every file, and S3 answers 5,500 requests a second for a prefix. */
export const slicesAtOnce = 4;

/** Returns the first digits of the hashes of each slice's pages; one empty text for an hour that is not divided. */
export function slicesOf(rows: number, rowsPerSlice = usualRowsPerSlice): string[] {
  let count = 1;
  while (count < digits.length && rows > count * rowsPerSlice) count *= 2;
  if (count === 1) return [''];
  const size = digits.length / count;
  return Array.from({ length: count }, (_, at) => digits.slice(at * size, (at + 1) * size));
}

const longestQuery = 10 * 60_000;

/** Returns the milliseconds that a query of an hour with these rows may take. */
export function queryDeadline(rows: number): number {
  const slices = Math.max(0, Math.ceil(rows / usualRowsPerSlice) - 1);
  return Math.min(longestQuery, queryMilliseconds + slices * 30_000);
}

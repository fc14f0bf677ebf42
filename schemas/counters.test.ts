import { expect, test } from 'vitest';
import { batchWindows } from './counters.ts';

test.each([
  [5, 4, 1],
  [20, 15, 5],
  [60, 45, 15],
])(
  'an event of freshness %i waits for up to %i s for enrich, and for up to %i s for rollup',
  (seconds, clicks, files) => {
    expect(batchWindows(seconds)).toEqual({ clicks, files });
  },
);

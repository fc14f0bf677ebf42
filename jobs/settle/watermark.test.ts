import { expect, it } from 'vitest';
import { hourName } from '#core/settle/hours.ts';
import { listSecondLooks } from './watermark.ts';

function names(from: string, to: string): string[] {
  return listSecondLooks(Date.parse(from), Date.parse(to)).map(hourName);
}

it('looks again at the hours that the watermark passes by a day and by a week', () => {
  expect(names('2026-11-22T07:00:00Z', '2026-11-22T09:00:00Z')).toEqual([
    '2026-11-21T07',
    '2026-11-21T08',
    '2026-11-15T07',
    '2026-11-15T08',
  ]);
  expect(names('2026-11-22T07:00:00Z', '2026-11-22T07:00:00Z')).toEqual([]);
});

it('looks at no more than the last month, after a settle that did not run for a year', () => {
  expect(names('2026-10-22T07:00:00Z', '2026-11-22T07:00:00Z')).toHaveLength(2 * 31 * 24);
  expect(names('2025-11-22T07:00:00Z', '2026-11-22T07:00:00Z')).toHaveLength(2 * 31 * 24);
});

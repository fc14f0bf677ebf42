import { describe, expect, it } from 'vitest';
import { addPeriods, endOfPeriod, listPeriods, startOfPeriod } from './periods.ts';

describe('periods', () => {
  it.each([
    ['2026-11-26', 'day', '2026-11-26', '2026-11-26'],
    ['2026-11-26', 'week', '2026-11-23', '2026-11-29'],
    ['2026-11-23', 'week', '2026-11-23', '2026-11-29'],
    ['2026-11-29', 'week', '2026-11-23', '2026-11-29'],
    // The first ISO week of 2027 begins on the 4th, and the last of 2026 ends in January.
    ['2027-01-03', 'week', '2026-12-28', '2027-01-03'],
    ['2028-02-29', 'month', '2028-02-01', '2028-02-29'],
    ['2026-12-31', 'month', '2026-12-01', '2026-12-31'],
  ] as const)('%s by %s', (date, by, first, last) => {
    expect([startOfPeriod(date, by), endOfPeriod(startOfPeriod(date, by), by)]).toEqual([first, last]);
  });

  it('go on over years', () => {
    expect(addPeriods('2026-11-01', 3, 'month')).toBe('2027-02-01');
    expect(addPeriods('2027-01-01', -13, 'month')).toBe('2025-12-01');
    expect(listPeriods('2026-12-21', '2027-01-04', 'week')).toEqual(['2026-12-21', '2026-12-28', '2027-01-04']);
  });
});

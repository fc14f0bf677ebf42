import { describe, expect, it } from 'vitest';
import { resolveRange, type TimeRange } from '#core/ledger/time-range.ts';
import { comparedDates, comparedDay, comparedPeriod, previousPeriod } from './period.ts';

function rangeOf(from: string, to: string, zone: string, tz?: string): TimeRange {
  const result = resolveRange({ from, to, interval: 'hour', tz }, zone, 0);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.range;
}

function previous(range: TimeRange, now: string): string[] {
  const { start, end } = previousPeriod(range, Date.parse(now));
  return [start, end].map((at) => new Date(at).toISOString().slice(0, 19));
}

describe('the previous period', () => {
  it('is whole dates for a range that is over', () => {
    const range = rangeOf('2026-11-16', '2026-11-22', 'Europe/Vienna');
    expect(previous(range, '2026-11-22T23:00:00Z')).toEqual(['2026-11-08T23:00:00', '2026-11-15T23:00:00']);
  });

  it('ends as far into its last day as today has come', () => {
    const range = rangeOf('2026-11-16', '2026-11-22', 'Europe/Vienna');
    expect(previous(range, '2026-11-22T07:30:00Z')).toEqual(['2026-11-08T23:00:00', '2026-11-15T07:30:00']);
  });

  it('of a range that ends in the future ends on the day that corresponds to today', () => {
    const range = rangeOf('2026-11-01', '2026-11-30', 'UTC');
    expect(previous(range, '2026-11-10T12:00:00Z')).toEqual(['2026-10-02T00:00:00', '2026-10-11T12:00:00']);
  });

  it('has the hour that has just begun on both sides', () => {
    const range = rangeOf('2026-11-22', '2026-11-22', 'UTC');
    const { end } = previousPeriod(range, Date.parse('2026-11-22T15:00:00Z'));
    expect(end).toBe(Date.parse('2026-11-21T15:00:00.001Z'));
  });

  it('counts hours since midnight on days of 23 and 25 hours', () => {
    // On 25 October, the clock goes back at 3:00 in Vienna, which has no 26th hour.
    const after = rangeOf('2026-10-26', '2026-10-26', 'Europe/Vienna');
    expect(previous(after, '2026-10-26T11:30:00Z')).toEqual(['2026-10-24T22:00:00', '2026-10-25T10:30:00']);
    const long = rangeOf('2026-10-25', '2026-10-25', 'Europe/Vienna');
    expect(previous(long, '2026-10-25T22:45:00Z')).toEqual(['2026-10-23T22:00:00', '2026-10-24T22:00:00']);
  });

  it('of instants is moved by their length', () => {
    const range = rangeOf('2026-11-21T15:00:00Z', '2026-11-22T15:00:00Z', 'Europe/Vienna');
    expect(previous(range, '2026-11-22T14:20:00Z')).toEqual(['2026-11-20T15:00:00', '2026-11-21T14:20:00']);
    expect(previous(range, '2026-11-23T14:20:00Z')).toEqual(['2026-11-20T15:00:00', '2026-11-21T15:00:00']);
  });

  it('of a range that has not begun is empty', () => {
    const range = rangeOf('2026-12-01', '2026-12-03', 'UTC');
    const { start, end } = previousPeriod(range, Date.parse('2026-11-22T14:20:00Z'));
    expect([new Date(start).toISOString(), end - start]).toEqual(['2026-11-28T00:00:00.000Z', 1]);
  });
});

it('compares as many settled dates as the range has', () => {
  const range = rangeOf('2026-11-16', '2026-11-22', 'UTC');
  function compared(settled: string, now = settled) {
    return comparedDates(range, previousPeriod(range, Date.parse(now)), Date.parse(settled));
  }
  expect(compared('2026-11-23T00:00Z')).toEqual({ first: '2026-11-09', last: '2026-11-15' });
  expect(compared('2026-11-22T09:00Z')).toEqual({ first: '2026-11-09', last: '2026-11-14' });
  // Yesterday has not settled yet.
  expect(compared('2026-11-21T23:00Z', '2026-11-22T00:30Z')).toEqual({ first: '2026-11-09', last: '2026-11-13' });
  expect(compared('2026-11-16T09:00Z')).toEqual({ first: '2026-11-09', last: '2026-11-08' });
  expect(comparedDates(range, range, undefined)).toEqual({ first: '2026-11-16', last: '2026-11-15' });
});

it('compares no day if today is not one of the dates', () => {
  const now = Date.parse('2026-11-22T14:20:00Z');
  expect(comparedDay({ first: '2026-11-01', last: '2026-11-21' }, 'UTC', now)).toBeUndefined();
  expect(comparedDay({ first: '2026-11-23', last: '2026-11-30' }, 'UTC', now)).toBeUndefined();
  expect(comparedDay({ first: '2026-11-21', last: '2026-11-22' }, 'UTC', now)?.date).toBe('2026-11-20');
});

describe('the same period a year before, or from a date', () => {
  function compared(range: TimeRange, comparison: string, now = '2027-01-01T00:00:00Z'): string[] {
    const { start, end } = comparedPeriod(range, comparison, Date.parse(now));
    return [start, end].map((at) => new Date(at).toISOString().slice(0, 19));
  }

  it('is the same dates in the time zone of the page', () => {
    const range = rangeOf('2026-03-29', '2026-04-02', 'Europe/Vienna');
    // In 2026 the clock changes on 29 March, in 2025 on 30 March.
    expect(compared(range, 'year')).toEqual(['2025-03-28T23:00:00', '2025-04-02T22:00:00']);
    expect(compared(range, '2026-01-01')).toEqual(['2025-12-31T23:00:00', '2026-01-05T23:00:00']);
  });

  it('of 29 February is 28 February, and the last day is never omitted', () => {
    expect(compared(rangeOf('2024-02-29', '2024-02-29', 'UTC'), 'year')).toEqual([
      '2023-02-28T00:00:00',
      '2023-03-01T00:00:00',
    ]);
    expect(compared(rangeOf('2024-02-01', '2024-02-28', 'UTC'), 'year')[1]).toBe('2023-03-01T00:00:00');
    expect(compared(rangeOf('2025-02-01', '2025-02-28', 'UTC'), 'year')[1]).toBe('2024-02-29T00:00:00');
  });

  it('ends as far into its day as today has come', () => {
    const range = rangeOf('2026-11-01', '2026-11-30', 'Europe/Vienna');
    const now = '2026-11-22T07:30:00Z';
    expect(compared(range, 'year', now)).toEqual(['2025-10-31T23:00:00', '2025-11-22T07:30:00']);
    expect(compared(range, '2026-10-01', now)).toEqual(['2026-09-30T22:00:00', '2026-10-22T06:30:00']);
  });

  it('is whole days although days have 23 and 25 hours', () => {
    const long = rangeOf('2026-10-25', '2026-10-25', 'Europe/Vienna');
    expect(compared(long, '2026-03-29')).toEqual(['2026-03-28T23:00:00', '2026-03-29T22:00:00']);
    // The 25th hour has no counterpart on a day of 23 hours.
    expect(compared(long, '2026-03-29', '2026-10-25T22:45:00Z')).toEqual([
      '2026-03-28T23:00:00',
      '2026-03-29T22:00:00',
    ]);
  });

  it('keeps the local times of hours', () => {
    const range = rangeOf('2026-11-21T15:00:00Z', '2026-11-22T15:00:00Z', 'Europe/Vienna', 'Asia/Tokyo');
    expect(compared(range, 'year')).toEqual(['2025-11-21T15:00:00', '2025-11-22T15:00:00']);
  });

  it('has an end for the first and the last year', () => {
    expect(compared(rangeOf('1970-01-01', '1970-01-02', 'UTC'), 'year')[1]).toBe('1969-01-03T00:00:00');
    expect(compared(rangeOf('2026-11-21', '2026-11-22', 'UTC'), '1970-01-01')[1]).toBe('1970-01-03T00:00:00');
    expect(compared(rangeOf('2026-11-21', '2026-11-21', 'UTC'), '2999-12-31')[1]).toBe('3000-01-01T00:00:00');
  });
});

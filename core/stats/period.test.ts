import { describe, expect, it } from 'vitest';
import { resolveRange, type TimeRange } from '#core/ledger/time-range.ts';
import { comparedDay, previousPeriod } from './period.ts';

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

it('compares no day if today is not one of the dates', () => {
  const now = Date.parse('2026-11-22T14:20:00Z');
  expect(comparedDay({ first: '2026-11-01', last: '2026-11-21' }, 'UTC', now)).toBeUndefined();
  expect(comparedDay({ first: '2026-11-23', last: '2026-11-30' }, 'UTC', now)).toBeUndefined();
  expect(comparedDay({ first: '2026-11-21', last: '2026-11-22' }, 'UTC', now)?.date).toBe('2026-11-20');
});

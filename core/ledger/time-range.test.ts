import { describe, expect, it } from 'vitest';
import { isZone, listBuckets, type RangeRequest, resolveRange, startOfDate, type TimeRange } from './time-range.ts';

const now = Date.parse('2026-11-22T07:30:00Z');
function rangeOf(request: Partial<RangeRequest>, zone: string): TimeRange {
  const result = resolveRange({ interval: 'hour', ...request }, zone, now);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.range;
}
function iso(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 16);
}
function day(date: string, zone: string): string[] {
  return listBuckets(rangeOf({ from: date, to: date }, zone), now);
}

describe('a time range', () => {
  it.each([
    ['2026-11-22', 'UTC', '2026-11-22T00:00'],
    ['2026-11-22', 'Asia/Kathmandu', '2026-11-21T18:15'],
    ['2026-11-22', 'Pacific/Kiritimati', '2026-11-21T10:00'],
    ['2026-11-22', 'Pacific/Pago_Pago', '2026-11-22T11:00'],
    // Midnight does not exist there on this date: the clock jumps to one o'clock.
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00'],
  ])('starts on %s in %s at %s', (date, zone, start) => {
    expect(iso(startOfDate(date, zone))).toBe(start);
  });

  it.each([
    ['2026-03-08', 'America/Los_Angeles', 23],
    ['2026-11-01', 'America/Los_Angeles', 25],
    ['2026-10-25', 'Europe/Vienna', 25],
    ['2026-09-06', 'America/Santiago', 23],
    ['2026-05-05', 'Asia/Kolkata', 24],
  ])('has on %s in %s %i hours', (date, zone, hours) => {
    expect(day(date, zone)).toHaveLength(hours);
  });

  it('names the hours of Kathmandu by its own clock', () => {
    expect(day('2026-05-05', 'Asia/Kathmandu').slice(0, 2)).toEqual([
      '2026-05-05T00:00:00+05:45',
      '2026-05-05T01:00:00+05:45',
    ]);
  });

  it('ends with the present hour', () => {
    expect(day('2026-11-22', 'UTC').at(-1)).toBe('2026-11-22T07:00:00+00:00');
  });

  it('holds the hours that begin within two instants', () => {
    const range = rangeOf({ from: '2026-11-22T03:20:00Z', to: '2026-11-22T06:10:00Z' }, 'UTC');
    expect(listBuckets(range, now).map((start) => start.slice(11, 13))).toEqual(['04', '05', '06']);
  });
});

describe('isZone', () => {
  // Offsets are zones for some runtimes, and have no clock changes.
  it.each([
    ['Europe/Vienna', true],
    ['UTC', true],
    ['Mars/Olympus', false],
    ['+05:30', false],
    ['', false],
  ])('%s: %s', (name, known) => expect(isZone(name)).toBe(known));
});

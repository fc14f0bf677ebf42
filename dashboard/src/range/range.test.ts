import { describe, expect, it } from 'vitest';
import { resolveRange } from '#core/ledger/time-range.ts';
import { presets } from './presets.ts';
import { readRange, toStatsQuery } from './range.ts';

const now = Date.parse('2026-11-22T14:20:00Z');
function read(query: string, zone = 'Europe/Vienna', at = now) {
  return readRange(new URLSearchParams(query), zone, at);
}

describe('a range read from the query string', () => {
  it('is 30 days by default, ends today in the time zone of the page, and is live', () => {
    expect(read('')).toMatchObject({
      preset: '30d',
      from: '2026-10-24',
      to: '2026-11-22',
      interval: 'day',
      live: true,
    });
    // In Auckland it is the 23rd already.
    expect(read('', 'Pacific/Auckland')).toMatchObject({ from: '2026-10-25', to: '2026-11-23' });
  });

  it.each([
    ['today', '2026-11-22', '2026-11-22', true],
    ['yesterday', '2026-11-21', '2026-11-21', false],
    ['7d', '2026-11-16', '2026-11-22', true],
    ['90d', '2026-08-25', '2026-11-22', true],
    ['mtd', '2026-11-01', '2026-11-22', true],
    ['lastmonth', '2026-10-01', '2026-10-31', false],
    ['12mo', '2025-11-23', '2026-11-22', true],
    ['365d', '2025-11-23', '2026-11-22', true],
    ['all', '2025-10-19', '2026-11-22', true],
  ])('%s is from %s to %s', (name, from, to, live) => {
    expect(read(`range=${name}`)).toMatchObject({ from, to, dates: { from, to }, live });
  });

  it.each([
    // The day has begun in Auckland, and has not in Honolulu.
    ['today', '2026-03-01T05:00:00Z', 'Pacific/Auckland', '2026-03-01', '2026-03-01'],
    ['today', '2026-03-01T05:00:00Z', 'Pacific/Honolulu', '2026-02-28', '2026-02-28'],
    ['mtd', '2026-03-01T05:00:00Z', 'Pacific/Honolulu', '2026-02-01', '2026-02-28'],
    ['lastmonth', '2026-03-01T05:00:00Z', 'Pacific/Honolulu', '2026-01-01', '2026-01-31'],
    ['lastmonth', '2026-03-01T05:00:00Z', 'Pacific/Auckland', '2026-02-01', '2026-02-28'],
    // Leap days, the first day of a month and of a year.
    ['yesterday', '2024-03-01T12:00:00Z', 'UTC', '2024-02-29', '2024-02-29'],
    ['lastmonth', '2024-03-31T12:00:00Z', 'UTC', '2024-02-01', '2024-02-29'],
    ['lastmonth', '2027-01-31T12:00:00Z', 'UTC', '2026-12-01', '2026-12-31'],
    ['mtd', '2027-01-01T00:00:00Z', 'UTC', '2027-01-01', '2027-01-01'],
    ['12mo', '2024-02-29T12:00:00Z', 'UTC', '2023-03-01', '2024-02-29'],
    ['12mo', '2025-02-28T12:00:00Z', 'UTC', '2024-02-29', '2025-02-28'],
    // Days of 23 and of 25 hours: shortly before and after midnight in Vienna.
    ['yesterday', '2026-03-29T21:59:59Z', 'Europe/Vienna', '2026-03-28', '2026-03-28'],
    ['yesterday', '2026-03-29T22:00:00Z', 'Europe/Vienna', '2026-03-29', '2026-03-29'],
    ['today', '2026-10-25T22:59:59Z', 'Europe/Vienna', '2026-10-25', '2026-10-25'],
    ['yesterday', '2026-10-25T23:00:00Z', 'Europe/Vienna', '2026-10-25', '2026-10-25'],
  ])('%s at %s in %s is from %s to %s', (name, at, zone, from, to) => {
    expect(read(`range=${name}`, zone, Date.parse(at)).dates).toEqual({ from, to });
    expect(read(`range=${name}&tz=${zone}`, 'Europe/London', Date.parse(at)).dates).toEqual({ from, to });
  });

  it('is a range that the API accepts, at any date, by day and by hour', () => {
    const start = Date.parse('2023-12-25T12:00:00Z');
    for (let day = 0; day < 2 * 366; day += 9)
      for (const query of presets.flatMap((name) => [`range=${name}`, `range=${name}&interval=hour`])) {
        const { from, to, interval } = read(query, 'Europe/Vienna', start + day * 86_400_000);
        expect(resolveRange({ from, to, interval }, 'Europe/Vienna', 0), query).toMatchObject({ ok: true });
      }
  });

  it('is custom for chosen dates, and not live if they are over', () => {
    expect(read('from=2026-11-01&to=2026-11-10')).toMatchObject({ preset: 'custom', live: false });
    expect(read('from=2026-11-01&to=2026-11-22')).toMatchObject({ preset: 'custom', live: true });
  });

  it('compares with the period before, the same dates a year before, or from a date', () => {
    expect(read('range=7d')).toMatchObject({ compare: undefined });
    expect(read('range=7d&compare=previous')).toMatchObject({
      compare: 'previous',
      compared: { from: '2026-11-09', to: '2026-11-15' },
    });
    expect(read('range=lastmonth&compare=year')).toMatchObject({
      compare: 'year',
      compared: { from: '2025-10-01', to: '2025-10-31' },
    });
    expect(read('range=mtd&compare=2026-10-01')).toMatchObject({
      compare: '2026-10-01',
      compared: { from: '2026-10-01', to: '2026-10-22' },
    });
    expect(read('from=2024-02-29&to=2024-02-29&compare=year').compared).toEqual({
      from: '2023-02-28',
      to: '2023-02-28',
    });
    expect(read('from=2024-02-01&to=2024-02-28&compare=previous').compared).toEqual({
      from: '2024-01-04',
      to: '2024-01-31',
    });
  });

  it.each(['range=7d&compare=2026-02-30', 'range=7d&compare=tomorrow', 'range=all&compare=previous'])(
    'compares with nothing for %s',
    (query) => expect(read(query).compare).toBeUndefined(),
  );

  it('is by hour for up to 3 days, and on request for up to 31', () => {
    expect(read('from=2026-11-20&to=2026-11-22').interval).toBe('hour');
    expect(read('range=30d&interval=hour').interval).toBe('hour');
    expect(read('range=90d&interval=hour').interval).toBe('day');
  });

  it('is 24 whole hours for the preset 24h', () => {
    expect(read('range=24h')).toMatchObject({
      from: '2026-11-21T15:00:00.000Z',
      to: '2026-11-22T15:00:00.000Z',
      dates: { from: '2026-11-21', to: '2026-11-22' },
      compared: { from: '2026-11-20', to: '2026-11-21' },
      live: true,
    });
    // Of a zone with half hours, at midnight, the dates of its first and last minute.
    expect(read('range=24h', 'Asia/Kolkata', Date.parse('2026-11-22T18:20:00Z')).dates).toEqual({
      from: '2026-11-22',
      to: '2026-11-23',
    });
  });

  it('is by hour in another time zone, and by day in the page’s', () => {
    expect(read('range=7d&tz=Asia/Tokyo')).toMatchObject({ zone: 'Asia/Tokyo', interval: 'hour' });
    expect(read('range=7d&tz=Europe/Vienna')).toMatchObject({ zone: undefined, interval: 'day' });
  });

  it('reads filters as the API takes them, and ignores other parameters', () => {
    const range = read('country=AT&city=Wien&country=DE&host.not=&sort=-clicks&utm_id.contains=x');
    expect(toStatsQuery(range)).toEqual({
      from: '2026-10-24',
      to: '2026-11-22',
      interval: 'day',
      tz: undefined,
      country: ['AT', 'DE'],
      city: ['Wien'],
      'host.not': [''],
      'utm_id.contains': ['x'],
    });
  });

  it.each([
    'range=1y',
    'from=2026-13-01&to=2026-11-22',
    'from=2026-02-30&to=2026-11-22',
    'from=2026-11-22&to=2026-11-01',
    'from=yesterday',
  ])('falls back to the default for %s', (query) =>
    expect(read(query)).toMatchObject({ preset: '30d', from: '2026-10-24' }),
  );
});

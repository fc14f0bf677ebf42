import { describe, expect, it } from 'vitest';
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

  it('names the dates of the period before', () => {
    expect(read('range=7d&compare=previous').previous).toEqual({ from: '2026-11-09', to: '2026-11-15' });
  });

  it('compares a past range with whole days', () => {
    const range = read('from=2026-11-01&to=2026-11-10');
    expect(range).toMatchObject({ preset: 'custom', live: false, previous: { from: '2026-10-22', to: '2026-10-31' } });
  });

  it('is by hour for up to 3 days, and on request for up to 31', () => {
    expect(read('from=2026-11-20&to=2026-11-22').interval).toBe('hour');
    expect(read('range=30d&interval=hour').interval).toBe('hour');
    expect(read('range=90d&interval=hour').interval).toBe('day');
  });

  it('is 24 whole hours for the preset 24h', () => {
    expect(read('range=24h')).toMatchObject({
      from: '2026-11-21T15:00:00.000Z',
      to: '2026-11-22T15:00:00.000Z',
      previous: { from: '2026-11-20T15:00:00.000Z', to: '2026-11-21T15:00:00.000Z' },
    });
  });

  it('is by hour in another time zone, and by day in the page’s', () => {
    expect(read('range=7d&tz=Asia/Tokyo')).toMatchObject({ zone: 'Asia/Tokyo', interval: 'hour' });
    expect(read('range=7d&tz=Europe/Vienna')).toMatchObject({ zone: undefined, interval: 'day' });
  });

  it('reads filters, and ignores empty and unknown ones', () => {
    const range = read('country=AT&city=Wien&device=&sort=-clicks');
    expect(toStatsQuery(range)).toEqual({
      from: '2026-10-24',
      to: '2026-11-22',
      interval: 'day',
      tz: undefined,
      country: 'AT',
      city: 'Wien',
    });
  });

  it.each(['range=1y', 'from=2026-13-01&to=2026-11-22', 'from=2026-11-22&to=2026-11-01', 'from=yesterday'])(
    'falls back to the default for %s',
    (query) => expect(read(query)).toMatchObject({ preset: '30d', from: '2026-10-24' }),
  );
});

import { readFileSync } from 'node:fs';
import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import { dateOfDay } from '#core/detect/daily-series.ts';
import { forecastDaily } from './daily-forecast.ts';
import { goalPace } from './goal-pace.ts';
import { errorRange } from './interval.ts';
import { loadSeasonalTrend } from './models.ts';

const trend = loadSeasonalTrend(readFileSync(new URL('mstl_bg.wasm', import.meta.resolve('@bsull/augurs/mstl'))));
const weekdays = [130, 120, 100, 100, 110, 60, 80];
function page(days: number) {
  return Array.from({ length: days }, (_, index) => ({
    date: dateOfDay(20_000 + index),
    views: Math.round((weekdays[index % 7] ?? 0) * (10 + Math.sin(index * 2.3))),
  }));
}
function last(days: number): string {
  return dateOfDay(20_000 + days - 1);
}

describe('forecastDaily', () => {
  it('knows the weekdays, and holds them in its interval', () => {
    const forecast = forecastDaily(page(119), last(119), 28, trend);
    if (forecast.kind !== 'forecast') throw new Error(forecast.reason);
    expect(forecast.days).toHaveLength(28);
    const worst = forecast.days.map(({ views }, step) => Math.abs(views / ((weekdays[step % 7] ?? 0) * 10) - 1));
    expect(Math.max(...worst)).toBeLessThan(0.15);
    expect(forecast.days.every(({ low, views, high }) => low <= views && views <= high)).toBe(true);
  });
  it('does not look past the day it is made on', () =>
    expect(forecastDaily(page(119), last(80), 7, trend)).toEqual(forecastDaily(page(80), last(80), 7, trend)));
  it('says why it makes none', () => {
    expect(forecastDaily([], '2026-11-22', 7, trend)).toEqual({ kind: 'skipped', reason: 'no-data' });
    expect(forecastDaily(page(13), last(13), 7, trend)).toEqual({ kind: 'skipped', reason: 'short-history' });
  });
  it('expects nothing of a page that nobody reads', () => {
    const empty = page(60).map(({ date }) => ({ date, views: 0 }));
    const forecast = forecastDaily(empty, last(60), 7, trend);
    expect(forecast.kind === 'forecast' && forecast.days.every(({ views, high }) => views === 0 && high === 0)).toBe(
      true,
    );
  });
  it('answers whatever it is given', () => {
    const day = fc.record({ date: fc.oneof(fc.constant('2024-10-20'), fc.string()), views: fc.double() });
    fc.assert(
      fc.property(fc.array(day), fc.array(fc.double({ noNaN: true, min: 0 }), { maxLength: 40 }), (odd, views) => {
        const counts = [...views.map((value, index) => ({ date: dateOfDay(20_000 + index), views: value })), ...odd];
        expect(['forecast', 'skipped']).toContain(forecastDaily(counts, last(40), 7, trend).kind);
      }),
      { numRuns: 50 },
    );
  });
});

describe('errorRange', () => {
  const errors = Array.from({ length: 70 }, (_, index) => ({ ahead: (index % 7) + 1, error: (index - 34.5) / 100 }));
  it('leaves about a tenth on either side', () => {
    const { low, high } = errorRange(errors, 3);
    expect(errors.filter(({ error }) => error < low || error > high).length / 70).toBeCloseTo(0.16, 1);
  });
  it('widens where it knows nothing that far ahead', () =>
    expect(errorRange(errors, 28).high).toBeCloseTo(2 * errorRange(errors, 7).high));
});

describe('goalPace', () => {
  const remaining = Array.from({ length: 10 }, () => ({ date: '', views: 100, low: 80, high: 130 }));
  it.each([
    [400, 'reached'],
    [1100, 'ahead'],
    [1500, 'on-course'],
    [2000, 'behind'],
  ])('on a goal of %i is %s', (goal, verdict) =>
    expect(goalPace([200, 200], remaining, goal)).toEqual({
      soFar: 400,
      expected: 1400,
      low: 1200,
      high: 1700,
      verdict,
    }),
  );
});

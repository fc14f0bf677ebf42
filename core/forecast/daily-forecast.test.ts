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
  const ten = Array.from({ length: 10 }, () => Math.log(101));
  const past = Array.from({ length: 26 }, (_, week) => ({
    forecast: ten,
    actual: ten.map((log) => log + (week - 12.5) / 50),
  }));
  it.each([
    [400, 1, 'reached'],
    [1100, 1, 'ahead'],
    [1450, 0.42, 'on-course'],
    [2200, 0.02, 'behind'],
    [null, null, null],
  ])('on a goal of %j is reached with a probability of %j, %j', (goal, probability, verdict) => {
    const pace = goalPace(goal, [200, 200], remaining, past);
    expect(pace).toMatchObject({ soFar: 400, expected: 1400, low: 1200, high: 1700, verdict });
    if (probability === null) expect(pace.probability).toBeNull();
    else expect(pace.probability).toBeCloseTo(probability, 1);
  });
  it('knows when no day is left', () => {
    expect(goalPace(500, [200, 200], [], past)).toMatchObject({ probability: 0, verdict: 'behind' });
    expect(goalPace(400, [200, 200], [], past)).toMatchObject({ probability: 1, verdict: 'reached' });
  });
  it('is less certain without history, and never surer of more', () => {
    const known = goalPace(1250, [400], remaining, past).probability ?? 0;
    expect(goalPace(1250, [400], remaining, []).probability).toBeLessThan(known);
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 0, max: 30 }))),
        fc.nat(5000),
        fc.nat(500),
        (actual, goal, more) => {
          const odd = actual.map((logs) => ({ forecast: ten, actual: logs }));
          const [likely, lessLikely] = [goal, goal + more].map(
            (each) => goalPace(each, [], remaining, odd).probability,
          );
          expect(likely).toBeGreaterThanOrEqual(lessLikely ?? Number.NaN);
          expect(
            [likely, lessLikely].every((each) => each !== null && each !== undefined && each >= 0 && each <= 1),
          ).toBe(true);
        },
      ),
    );
  });
  it('ignores totals with an unknown day', () => {
    const gap = past.map(({ forecast, actual }) => ({ forecast, actual: actual.with(3, Number.NaN) }));
    expect(goalPace(1250, [400], remaining, gap)).toEqual(goalPace(1250, [400], remaining, []));
  });
});

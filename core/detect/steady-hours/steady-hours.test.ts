import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { fc } from '#test/property.ts';
import { type HourlyCount, hourlySeries, hourSlot } from '../hourly-series.ts';
import { normalSetting, sensitivities } from '../sensitivity.ts';
import { evaluateSteadyHours } from './evaluate.ts';
import { profileDays, steadyProfile } from './profile.ts';
import { walkSteadyHours } from './walk.ts';

/** Past both clock changes of a year, the second one in the evaluated days. */
const start = Date.UTC(2026, 7, 10);
const days = 84;

/** About 15,000 views a day that vary by 3 %, with the days and hours of the week. */
function steady({ zone = 'UTC', level = 625, spread = 0.03, length = days, from = start } = {}): HourlyCount[] {
  return Array.from({ length: length * 24 }, (_, index) => {
    const { hour } = localTimeOf(zone, from + index * 3_600_000);
    const slot = hourSlot(hour);
    const weekend = (slot?.weekday ?? 0) === 2 || (slot?.weekday ?? 0) === 3 ? 0.7 : 1;
    const share = (1 + 0.6 * Math.sin((2 * Math.PI * ((slot?.hour ?? 0) - 8)) / 24)) * weekend;
    const varied = Math.exp(spread * (noise(Math.floor(index / 24)) + noise(index + 0.5)));
    return { hour, views: Math.round(level * share * varied + noise(index + 0.25) * Math.sqrt(level * share)) };
  });
}

/** A reproducible number with mean 0 and standard deviation 1. */
function noise(seed: number): number {
  const uniform = [1, 2, 3].map((part) => Math.abs(Math.sin(seed * 12.9898 + part * 78.233) * 43_758.5453) % 1);
  return 2 * uniform.reduce((sum, each) => sum + each, -1.5);
}

function changed(counts: readonly HourlyCount[], from: number, hours: number, factor: number): HourlyCount[] {
  return counts.map((count, index) =>
    index >= from && index < from + hours ? { ...count, views: Math.round(count.views * factor) } : count,
  );
}

function alertsOf(counts: readonly HourlyCount[], setting = normalSetting) {
  return walkSteadyHours(hourlySeries(counts), setting).flatMap((evaluation, index) =>
    evaluation.kind === 'alert' ? [{ index, direction: evaluation.direction }] : [],
  );
}

/** A Thursday afternoon. */
const changeAt = 73 * 24 + 14;

describe('three hours of a steady page', () => {
  const calm = steady();

  it('alert on none of four usual weeks', () => expect(alertsOf(calm)).toEqual([]));

  it.each([
    ['drop', 0.7],
    ['surge', 1.4],
  ])('are a %s within four hours, and its end is none', (direction, factor) => {
    const alerts = alertsOf(changed(calm, changeAt, 120, factor));
    expect(alerts[0]?.index).toBeLessThan(changeAt + 4);
    expect(new Set(alerts.map((alert) => alert.direction))).toEqual(new Set([direction]));
    expect(alerts.every(({ index }) => index >= changeAt && index < changeAt + 122)).toBe(true);
  });

  it('alert less with a lower sensitivity', () => {
    const some = changed(calm, changeAt, 24, 0.85);
    const [low = 0, normal = 0, high = 0] = sensitivities.map(
      (sensitivity) => alertsOf(some, { sensitivity, threshold: 1 }).length,
    );
    expect(low).toBe(0);
    expect(normal).toBeGreaterThan(low);
    expect(high).toBeGreaterThanOrEqual(normal);
  });

  it.each(['Europe/Vienna', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'])(
    'alert on a change only, through the clock change of %s',
    (zone) => {
      const local = steady({ zone });
      expect(alertsOf(local)).toEqual([]);
      expect(alertsOf(changed(local, changeAt, 6, 0.7))[0]?.direction).toBe('drop');
    },
  );

  it('alert on no hour that the clock skips in spring', () =>
    expect(alertsOf(steady({ zone: 'Europe/Vienna', from: Date.UTC(2026, 0, 12) }))).toEqual([]));

  it.each([
    ['missing', (counts: HourlyCount[], at: number) => counts.filter((_, index) => index !== at)],
    [
      'unsettled',
      (counts: HourlyCount[], at: number) =>
        counts.with(at, { hour: counts[at]?.hour ?? '', views: 0, settled: false }),
    ],
    [
      'excluded',
      (counts: HourlyCount[], at: number) => counts.with(at, { hour: counts[at]?.hour ?? '', views: 0, bad: true }),
    ],
  ])('are not evaluated with an hour that is %s', (_, without) => {
    const evaluations = walkSteadyHours(hourlySeries(without(calm, changeAt)), normalSetting);
    const kinds = evaluations.slice(changeAt, changeAt + 13).map(({ kind }) => kind);
    expect(kinds).toEqual([...Array<string>(12).fill('skipped'), 'not-significant']);
    expect(evaluations.some(({ kind }) => kind === 'alert')).toBe(false);
  });

  it('answer whatever they are given', () => {
    const series = hourlySeries(calm);
    const profile = steadyProfile(series, series.counts.length);
    const hour = fc.record({ hour: fc.oneof(fc.constant('2026-10-20T07+02:00'), fc.string()), views: fc.double() });
    fc.assert(
      fc.property(fc.array(hour, { maxLength: 14 }), (hours) => {
        expect(profile && evaluateSteadyHours(profile, hours, normalSetting)).toHaveProperty('kind');
      }),
    );
  });
});

describe('a profile', () => {
  it.each([
    ['needs eight weeks', { length: profileDays.least - 1 }, false],
    ['is learned from eight weeks', { length: profileDays.least }, true],
    ['is not of a small page', { level: 5 }, false],
    ['is not of a restless page', { spread: 0.2 }, false],
  ])('%s', (_, options, learned) => {
    const series = hourlySeries(steady(options));
    expect(steadyProfile(series, series.counts.length) !== undefined).toBe(learned);
  });

  it('forgets an incident', () => {
    const usual = hourlySeries(steady());
    const past = hourlySeries(changed(steady(), 40 * 24, 120, 0.5));
    const [a, b] = [usual, past].map((series) => steadyProfile(series, series.counts.length)?.expected ?? []);
    expect(a?.every((expected, place) => Math.abs(Math.log(expected / (b?.[place] ?? 0))) < 0.06)).toBe(true);
  });
});

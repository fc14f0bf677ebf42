import { describe, expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import { type HourlyCount, hourlySeries } from '../hourly-series.ts';
import { normalSetting, sensitivities } from '../sensitivity.ts';
import { backtestSteadyHours } from './backtest.ts';
import { evaluateSteadyHours } from './evaluate.ts';
import { profileDays, steadyProfile } from './profile.ts';
import { changed, steady, steadyDays } from './steady-hours.fixture.ts';
import { walkSteadyHours } from './walk.ts';

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

describe('a backtest of hours', () => {
  const settings = sensitivities.map((sensitivity) => ({ sensitivity, threshold: 1 }));
  function spansOf(counts: readonly HourlyCount[], days = 28) {
    return backtestSteadyHours(hourlySeries(counts), settings, days).map(({ incidents }) =>
      incidents.map(({ from, direction }) => [from, direction]),
    );
  }

  it('lists a change that lasts once, with the three hours in which it began', () => {
    const counts = changed(steady(), changeAt, 60, 0.65);
    const [, normal] = backtestSteadyHours(hourlySeries(counts), settings, 28);
    const first = normal?.incidents[0];
    expect(normal).toMatchObject({ days: 28, incidents: [{ direction: 'drop' }] });
    const start = counts.findIndex(({ hour }) => hour === first?.from);
    expect(start).toBeGreaterThanOrEqual(changeAt - 2);
    expect(start).toBeLessThan(changeAt + 2);
    expect(first?.actual).toBe(counts.slice(start, start + 3).reduce((sum, { views }) => sum + views, 0));
    expect(counts.findIndex(({ hour }) => hour === first?.to)).toBeGreaterThan(changeAt + 50);
  });

  it('takes a second change in the direction as the same within a day, and as another later', () => {
    const twice = changed(changed(steady(), changeAt, 6, 0.6), changeAt + 14, 6, 0.6);
    expect(spansOf(twice)[1]).toHaveLength(1);
    const later = changed(changed(steady(), changeAt, 6, 0.6), changeAt + 48, 6, 0.6);
    expect(spansOf(later)[1]).toHaveLength(2);
    const back = changed(changed(steady(), changeAt, 6, 0.6), changeAt + 14, 6, 1.6);
    expect(spansOf(back)[1]?.map(([, direction]) => direction)).toEqual(['drop', 'surge']);
  });

  it('lists more with a higher sensitivity', () => {
    const some = changed(steady(), changeAt, 24, 0.85);
    const [low = [], normal = [], high = []] = spansOf(some);
    expect(low.length).toBeLessThan(normal.length);
    expect(high.length).toBeGreaterThanOrEqual(normal.length);
  });

  it.each([
    ['the days before', { length: 70 }, 3, 3],
    ['more days than there are profiles', {}, 60, steadyDays - profileDays.least],
    ['a page without a profile', { level: 5 }, 28, 0],
    ['too few hours', { length: 50 }, 28, 0],
  ])('evaluates at most the days that it has: %s', (_, options, days, evaluated) =>
    expect(backtestSteadyHours(hourlySeries(steady(options)), settings, days).map((each) => each.days)).toEqual(
      settings.map(() => evaluated),
    ),
  );

  it('leaves out what lies before its days', () =>
    expect(spansOf(changed(steady(), changeAt, 6, 0.6), 5)).toEqual([[], [], []]));
});

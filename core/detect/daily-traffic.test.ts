import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import { walkDays } from './backtest.ts';
import { type DailyCount, dateOfDay, dayNumber } from './daily-series.ts';
import { evaluateDay } from './daily-traffic.ts';
import { normalSetting } from './sensitivity.ts';

const first = dayNumber('2026-01-05');
const weekdays = [1.1, 1.05, 1, 1, 1.05, 0.85, 0.9];

/** A page without a change; the noise is a fixed pattern of ±8 %. */
function steady(days: number, level: number, noise = 0.08): DailyCount[] {
  return Array.from({ length: days }, (_, index) => ({
    date: dateOfDay(first + index),
    views: Math.round(level * (weekdays[index % 7] ?? 1) * (1 + noise * Math.sin(index * 2.3))),
  }));
}

/** A page whose days differ by up to ±20 %. */
function restless(days: number, level: number): DailyCount[] {
  return steady(days, level, 0.2);
}

function withDay(counts: readonly DailyCount[], index: number, change: Partial<DailyCount>): DailyCount[] {
  return counts.map((count, at) => (at === index ? { ...count, ...change } : count));
}

function evaluateLast(counts: readonly DailyCount[]) {
  return evaluateDay(counts, counts.at(-1)?.date ?? '', normalSetting);
}
function scaled(counts: readonly DailyCount[], index: number, factor: number): DailyCount[] {
  return withDay(counts, index, { views: Math.round((counts[index]?.views ?? 0) * factor) });
}

function alertDates(counts: readonly DailyCount[]): string[] {
  return walkDays(counts, normalSetting)
    .filter(({ evaluation }) => evaluation.kind === 'alert')
    .map(({ date }) => date);
}

describe('evaluateDay', () => {
  it('leaves a steady page alone for half a year', () => expect(alertDates(steady(180, 1000))).toEqual([]));

  it.each([
    ['drop', 0.4],
    ['surge', 2.5],
  ])('finds a %s on its first day', (direction, factor) => {
    const counts = steady(60, 1000);
    expect(evaluateLast(scaled(counts, 59, factor))).toMatchObject({ kind: 'alert', direction });
  });

  it('learns neither from a day of a hundred times the usual nor alerts on the day after it', () => {
    const counts = steady(60, 1000);
    expect(alertDates(scaled(counts, 50, 100))).toEqual([counts[50]?.date]);
  });

  it('does not take the return from a two-day drop for a surge', () => {
    const counts = scaled(scaled(steady(70, 1000), 50, 0.4), 51, 0.4);
    expect(alertDates(counts)).toEqual([counts[50]?.date, counts[51]?.date]);
  });

  it('leaves a peak that ebbs away one incident', () => {
    const ebbing = [8, 4.5, 2.8, 1.9, 1.5, 1.2, 1].reduce(
      (counts, factor, day) => scaled(counts, 50 + day, factor),
      steady(70, 1000),
    );
    const dates = alertDates(ebbing);
    expect(dates).toEqual(ebbing.slice(50, 50 + dates.length).map(({ date }) => date));
    expect(dates.length).toBeGreaterThanOrEqual(4);
  });

  it('expects more on the day after a peak, and less after a hole', () => {
    const counts = restless(60, 1000);
    function expected(factor: number): number {
      const evaluation = evaluateLast(withDay(scaled(counts, 58, factor), 59, { views: factor > 1 ? 9000 : 100 }));
      return evaluation.kind === 'skipped' ? Number.NaN : evaluation.expected;
    }
    expect(expected(4)).toBeGreaterThan(1.5 * (counts[59]?.views ?? 0));
    expect(expected(0.2)).toBeLessThan(0.8 * (counts[59]?.views ?? 0));
  });

  it('never takes a day between the level and the day before for a change', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 50, noNaN: true }), fc.double({ min: 0, max: 1 }), (before, way) => {
        const counts = scaled(steady(60, 1000), 58, before);
        const today = Math.round((counts[59]?.views ?? 0) * before ** (0.5 * way));
        const evaluation = evaluateLast(withDay(counts, 59, { views: today }));
        const wrongWay = evaluation.kind === 'alert' && (evaluation.direction === 'drop') === before > 1;
        expect(wrongWay).toBe(false);
      }),
    );
  });

  it('asks a larger change of a page that has alerted within four weeks', () => {
    const counts = restless(60, 1000);
    const date = counts[59]?.date ?? '';
    function leastAfter(days: number): number {
      const story = { lastAlert: dateOfDay(dayNumber(date) - days), open: null };
      let views = 1000;
      while (evaluateDay(withDay(counts, 59, { views }), date, normalSetting, story).kind !== 'alert') views += 1;
      return views;
    }
    // The smallest surge, e^0.66, to the power of 0.1.
    expect(leastAfter(28) / leastAfter(29)).toBeCloseTo(Math.exp(0.66 * 0.1), 2);
  });

  it('goes on with a small change in an incident only', () => {
    const counts = scaled(restless(60, 1000), 59, 1.4);
    const date = counts[59]?.date ?? '';
    const yesterday = counts[58]?.date ?? '';
    const open = { direction: 'surge', since: yesterday, usual: 1000, mayContinue: true } as const;
    expect(evaluateDay(counts, date, normalSetting)).toMatchObject({ kind: 'not-significant' });
    expect(evaluateDay(counts, date, normalSetting, { lastAlert: yesterday, open })).toMatchObject({
      kind: 'alert',
      direction: 'surge',
    });
  });

  describe('of a steady page', () => {
    const counts = steady(100, 15_000, 0.02);
    function least(direction: 1 | -1, noise: number): number {
      const page = steady(100, 15_000, noise);
      const expected = expectedOf(evaluateLast(page));
      let views = Math.round(expected);
      while (evaluateLast(withDay(page, 99, { views })).kind !== 'alert') views += direction;
      return Math.log(views / expected);
    }
    function expectedOf(evaluation: ReturnType<typeof evaluateLast>): number {
      return evaluation.kind === 'skipped' ? Number.NaN : evaluation.expected;
    }
    it('finds a change of 15 %, and none below', () => {
      expect(least(1, 0.02)).toBeCloseTo(0.15, 3);
      expect(least(-1, 0.02)).toBeCloseTo(-0.15, 3);
    });
    it('asks four spreads of a page with more noise', () => {
      expect(least(1, 0.06)).toBeGreaterThan(0.2);
      expect(least(1, 0.06)).toBeLessThan(0.35);
    });
    it('asks more of a page whose noise is heavy-tailed', () => {
      // Every seventh day, on another weekday each time, deviates by four times as much.
      const heavy = counts.map((count, index) => scaled(counts, index, index % 8 === 3 ? 1.1 : 1)[index] ?? count);
      const light = steady(100, 15_000, 0.02);
      function isAlert(page: readonly DailyCount[], change: number): boolean {
        const expected = expectedOf(evaluateLast(page));
        return evaluateLast(withDay(page, 99, { views: Math.round(expected * Math.exp(change)) })).kind === 'alert';
      }
      expect([isAlert(light, 0.16), isAlert(heavy, 0.16)]).toEqual([true, false]);
      expect(isAlert(heavy, 0.4)).toBe(true);
    });
    it('does not take past changes for a heavy tail', () => {
      const changed = [60, 61, 75, 76].reduce((days, index) => scaled(days, index, 0.6), counts);
      const expected = expectedOf(evaluateLast(changed));
      expect(evaluateLast(withDay(changed, 99, { views: Math.round(expected * 0.84) }))).toMatchObject({
        kind: 'alert',
      });
    });
    it('takes a drop of five days and its end for one incident', () => {
      const changed = [80, 81, 82, 83, 84].reduce((days, index) => scaled(days, index, 0.7), counts);
      expect(alertDates(changed)).toEqual(changed.slice(80, 85).map(({ date }) => date));
    });
    it('finds a surge at the end of a drop', () => {
      const changed = [80, 81, 82, 83, 84].reduce((days, index) => scaled(days, index, 0.7), counts);
      expect(alertDates(scaled(changed, 85, 1.3))).toEqual(changed.slice(80, 86).map(({ date }) => date));
    });
    it('knows weekdays that differ by half', () => {
      const weekly = counts.map((count, index) => (index % 7 > 4 ? { ...count, views: count.views / 2 } : count));
      expect(alertDates(weekly)).toEqual([]);
    });
    it('moves with the sensitivity', () => {
      const date = counts[99]?.date ?? '';
      const expected = expectedOf(evaluateLast(counts));
      function kindAt(sensitivity: 'low' | 'normal' | 'high', change: number) {
        const changed = withDay(counts, 99, { views: Math.round(expected * Math.exp(change)) });
        return evaluateDay(changed, date, { sensitivity, threshold: 1 }).kind;
      }
      expect([kindAt('low', 0.2), kindAt('low', 0.22)]).toEqual(['not-significant', 'alert']);
      expect([kindAt('normal', 0.14), kindAt('normal', 0.16)]).toEqual(['not-significant', 'alert']);
      expect([kindAt('high', 0.1), kindAt('high', 0.11)]).toEqual(['not-significant', 'alert']);
    });
    it('evaluates two pages each by its own noise', () => {
      const [calm, noisy] = [0.02, 0.2].map((noise) => evaluateLast(scaled(steady(100, 15_000, noise), 99, 1.3)));
      expect([calm?.kind, noisy?.kind]).toEqual(['alert', 'not-significant']);
    });
  });

  it('learns a new level', () => {
    const counts = steady(120, 1000).map((count, index) => (index < 60 ? count : { ...count, views: count.views * 3 }));
    expect(alertDates(counts).every((date) => dayNumber(date) < first + 60 + 29)).toBe(true);
  });

  it('asks for more surprise in small numbers', () => {
    const counts = steady(60, 10);
    expect(evaluateLast(withDay(counts, 59, { views: 4 }))).toMatchObject({
      kind: 'not-significant',
      reason: 'within-noise',
    });
    expect(evaluateLast(withDay(counts, 59, { views: 0 }))).toMatchObject({ kind: 'alert', direction: 'drop' });
  });

  it('expects less of a day of 23 hours, and more of one of 25', () => {
    const counts = steady(60, 1000);
    const [short, long] = [23, 25].map((hours) => evaluateLast(withDay(counts, 59, { hours })));
    function expected(evaluation: typeof short): number {
      return evaluation === undefined || evaluation.kind === 'skipped' ? Number.NaN : evaluation.expected;
    }
    expect(expected(long) / expected(short)).toBeCloseTo(25 / 23, 5);
  });

  it.each([
    ['a missing day', [] as DailyCount[], 'missing'],
    ['an unsettled day', [{ date: '2026-03-06', views: 1, settled: false }], 'unsettled'],
    ['a day known to be bad', [{ date: '2026-03-06', views: 1, bad: true }], 'bad-day'],
    ['a day of a changed zone', [{ date: '2026-03-06', views: 1, hours: 15 }], 'zone-change'],
    ['no number', [{ date: '2026-03-06', views: Number.NaN }], 'not-a-count'],
  ])('skips %s', (_, day, reason) => {
    expect(evaluateDay([...steady(60, 1000), ...day], '2026-03-06', normalSetting)).toEqual({
      kind: 'skipped',
      reason,
    });
  });

  it.each([
    ['no data', [], 'missing'],
    ['one day', steady(1, 1000), 'short-history'],
  ])('skips a page with %s', (_, counts, reason) => {
    expect(evaluateDay(counts, '2026-01-05', normalSetting)).toEqual({ kind: 'skipped', reason });
  });

  it('is quiet about a page that nobody reads', () => expect(alertDates(steady(90, 0))).toEqual([]));

  it('takes days that are missing for no change', () => {
    const counts = steady(90, 1000).filter((_, index) => index % 11 !== 3 && (index < 40 || index > 47));
    expect(alertDates(counts)).toEqual([]);
  });

  it('evaluates a day by the days before it alone', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { minLength: 20, maxLength: 60 }), fc.array(fc.nat(5000)), (past, future) => {
        const counts = [...past, ...future].map((views, index) => ({ date: dateOfDay(first + index), views }));
        const date = dateOfDay(first + past.length - 1);
        expect(evaluateDay(counts, date, normalSetting)).toEqual(
          evaluateDay(counts.slice(0, past.length), date, normalSetting),
        );
      }),
    );
  });

  it('answers whatever it is given', () => {
    const day = fc.record(
      {
        date: fc.oneof(fc.constantFrom('2026-01-05', '2026-01-07', '2026-02-30', '9999-99-99', ''), fc.string()),
        views: fc.double(),
        hours: fc.double(),
        settled: fc.boolean(),
        bad: fc.boolean(),
      },
      { requiredKeys: ['date', 'views'] },
    );
    fc.assert(
      fc.property(fc.array(day), fc.array(fc.double({ noNaN: true, min: 0 }), { maxLength: 80 }), (odd, views) => {
        const counts = [...views.map((value, index) => ({ date: dateOfDay(first + index), views: value })), ...odd];
        expect(walkDays(counts, normalSetting).every(({ evaluation }) => 'kind' in evaluation)).toBe(true);
      }),
    );
  });
});

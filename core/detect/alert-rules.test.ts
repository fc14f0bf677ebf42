import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import { backtest } from './backtest.ts';
import { decomposeCause } from './cause.ts';
import { classicClickThrough, classicTraffic } from './classic-rules.ts';
import { dateOfDay } from './daily-series.ts';
import { boundFalseDiscoveries } from './false-discovery.ts';
import { computeThreshold } from './feedback.ts';
import type { Evaluation } from './evaluation.ts';
import { mayLeaveAt } from '#core/alerts/quiet-hours.ts';
import { normalSetting } from './sensitivity.ts';

function alertWith(probability: number): Evaluation {
  return {
    kind: 'alert',
    direction: 'drop',
    expected: 100,
    actual: 40,
    usual: 100,
    score: 4,
    probability,
  };
}

describe('boundFalseDiscoveries', () => {
  const quiet: Evaluation = {
    kind: 'not-significant',
    reason: 'usual',
    expected: 100,
    actual: 101,
    usual: 100,
    score: 0.1,
    probability: 0.5,
  };
  it('leaves one page alone as it was', () =>
    expect(boundFalseDiscoveries([alertWith(0.04)])).toEqual([alertWith(0.04)]));
  it('keeps a quiet day quiet for an agency of 500', () => {
    const day = [alertWith(0.002), ...Array.from({ length: 499 }, () => quiet)];
    expect(boundFalseDiscoveries(day)[0]).toMatchObject({ kind: 'not-significant', reason: 'false-discovery-bound' });
  });
  it('lets the same alert through when many pages fell together', () => {
    const day = [...Array.from({ length: 100 }, () => alertWith(0.002)), ...Array.from({ length: 400 }, () => quiet)];
    expect(boundFalseDiscoveries(day).filter(({ kind }) => kind === 'alert')).toHaveLength(100);
  });
});

interface Part {
  named: number;
  all: number;
}

function partOf(counts: Readonly<Record<string, number>>, names: ReadonlySet<string>): Part {
  const entries = Object.entries(counts);
  return {
    named: entries.reduce((sum, [name, count]) => sum + (names.has(name) ? count : 0), 0),
    all: entries.reduce((sum, [, count]) => sum + count, 0) || 1,
  };
}

describe('decomposeCause', () => {
  const bots = { before: 10, after: 10 };
  it('names the referrer and the link that the change came from', () => {
    const cause = decomposeCause(
      { before: 1000, after: 380 },
      {
        referrer: { before: { Instagram: 700, Google: 300 }, after: { Instagram: 117, Google: 263 } },
        link: { before: { '/merch': 600, '/music': 400 }, after: { '/merch': 5, '/music': 375 } },
        device: { before: { mobile: 800, desktop: 200 }, after: { mobile: 304, desktop: 76 } },
      },
      bots,
    );
    expect(cause.change).toBeCloseTo(-0.62);
    expect(
      cause.dimensions.map(({ dimension, values, share }) => [dimension, values.map(({ value }) => value), share]),
    ).toEqual([
      ['link', ['/merch'], expect.closeTo(0.96, 2)],
      ['referrer', ['Instagram'], expect.closeTo(0.94, 2)],
    ]);
    expect(cause.bots.after).toBeCloseTo(10 / 390);
  });
  it('says so when everything fell alike', () => {
    const half = { before: { DE: 600, AT: 400 }, after: { DE: 300, AT: 200 } };
    expect(decomposeCause({ before: 1000, after: 500 }, { country: half }, bots)).toMatchObject({
      change: -0.5,
      dimensions: [],
    });
  });
  it.each([
    ['both devices of the page', { mobile: 500, desktop: 480, tablet: 20 }, { mobile: 170, desktop: 310, tablet: 10 }],
    ['a surge on all devices', { mobile: 100, desktop: 95, tablet: 5 }, { mobile: 520, desktop: 350, tablet: 20 }],
    ['all but a rest', { DE: 900, AT: 70, CH: 30 }, { DE: 405, AT: 60, CH: 28 }],
    ['a device that fell little more than the rest', { mobile: 700, desktop: 300 }, { mobile: 240, desktop: 160 }],
  ])('does not name %s', (_, before, after) =>
    expect(decomposeCause({ before: 1000, after: 500 }, { device: { before, after } }, bots).dimensions).toEqual([]),
  );
  it('names a large part of the page if only that part changed', () => {
    const device = { before: { mobile: 900, desktop: 100 }, after: { mobile: 300, desktop: 100 } };
    const [cause] = decomposeCause({ before: 1000, after: 400 }, { device }, bots).dimensions;
    expect(cause?.values.map(({ value }) => value)).toEqual(['mobile']);
  });
  it('names only a real part of the page, which changed at least twice as much as the rest', () => {
    const counts = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.nat(500), { minKeys: 1 });
    fc.assert(
      fc.property(counts, counts, (before, after) => {
        const [cause] = decomposeCause({ before: 1, after: 2 }, { country: { before, after } }, bots).dimensions;
        if (cause === undefined) return;
        const named = new Set(cause.values.map(({ value }) => value));
        const was = partOf(before, named);
        const is = partOf(after, named);
        expect(Math.min(was.named / was.all, is.named / is.all)).toBeLessThan(0.9);
        const growth = is.all - was.all;
        const rest = (growth - (is.named - was.named)) / growth;
        expect((1 - rest) * (1 - was.named / was.all)).toBeGreaterThanOrEqual((2 * rest * was.named) / was.all - 1e-9);
      }),
    );
  });
  it('answers whatever it is given, with names that objects have of their own', () => {
    const counts = fc.dictionary(fc.oneof(fc.constantFrom('__proto__', 'constructor', 'x'), fc.string()), fc.double());
    fc.assert(
      fc.property(counts, counts, fc.double(), (before, after, whole) => {
        const cause = decomposeCause(
          { before: whole, after: 5 },
          { link: { before, after } },
          { before: whole, after: 0 },
        );
        for (const { values, share } of cause.dimensions) {
          expect(values.length).toBeGreaterThan(0);
          expect(share).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('mayLeaveAt', () => {
  const night = { from: '22:00', to: '07:00' };
  function at(iso: string): number {
    return Date.parse(iso);
  }
  it.each([
    ['by day', '2026-11-22T14:30:00Z', '2026-11-22T14:30:00Z'],
    ['before midnight', '2026-11-22T22:15:20Z', '2026-11-23T06:00:00Z'],
    ['after midnight', '2026-11-22T03:00:00Z', '2026-11-22T06:00:00Z'],
    ['in the night on which an hour is left out', '2026-03-28T23:30:00Z', '2026-03-29T05:00:00Z'],
    ['in the night on which an hour comes twice', '2026-10-24T22:30:00Z', '2026-10-25T06:00:00Z'],
  ])('%s', (_, now, leaves) => expect(new Date(mayLeaveAt(at(now), 'Europe/Berlin', night))).toEqual(new Date(leaves)));
  it('knows pages without quiet hours', () => expect(mayLeaveAt(5, 'UTC', null)).toBe(5));
});

describe('the classic rules', () => {
  const fortnight = Array.from({ length: 14 }, () => 200);
  it.each([
    [99, 'drop'],
    [100, null],
    [400, null],
    [401, 'surge'],
  ])('evaluate %i views against an average of 200', (views, expected) =>
    expect(classicTraffic(fortnight, views)).toBe(expected),
  );
  it('say nothing of a small or a young page', () => {
    expect(
      classicTraffic(
        fortnight.map(() => 100),
        1,
      ),
    ).toBeNull();
    expect(classicTraffic(fortnight.slice(1), 1)).toBeNull();
  });
  it('evaluate the click-through rate above 50 views', () => {
    const history = { views: 1000, clicks: 100 };
    expect(classicClickThrough(history, { views: 51, clicks: 2 })).toBe('drop');
    expect(classicClickThrough(history, { views: 50, clicks: 0 })).toBeNull();
  });
});

describe('thresholdFrom', () => {
  it('asks for twice the change after five mails that were not useful', () =>
    expect(computeThreshold(Array.from({ length: 5 }, () => 'not-useful' as const))).toBeCloseTo(2));
  it('stays within its bounds', () => {
    expect(computeThreshold(Array.from({ length: 99 }, () => 'not-useful' as const))).toBe(2.5);
    expect(computeThreshold(Array.from({ length: 99 }, () => 'useful' as const))).toBe(0.75);
  });
});

describe('backtest', () => {
  const counts = Array.from({ length: 120 }, (_, index) => ({
    date: dateOfDay(20_000 + index),
    views: index === 80 || index === 100 ? 3000 : 1000 + ((index * 37) % 90),
  }));
  it('counts the stories of the last 90 days, with their days', () => {
    expect(backtest(counts, normalSetting, dateOfDay(20_119))).toEqual({
      days: 90,
      evaluated: 90,
      incidents: [80, 100].map((day) => ({
        from: dateOfDay(20_000 + day),
        to: dateOfDay(20_000 + day),
        direction: 'surge',
        days: 1,
      })),
    });
  });
  it('finds fewer with a setting that asks for more', () => {
    const strict = { sensitivity: 'low', threshold: 2.5 } as const;
    const mild = counts.map(({ date, views }) => ({ date, views: Math.min(views, 1500) }));
    expect(backtest(mild, normalSetting, dateOfDay(20_119)).incidents).toHaveLength(2);
    expect(backtest(mild, strict, dateOfDay(20_119)).incidents).toEqual([]);
  });
});

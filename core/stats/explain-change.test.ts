import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainChange, mostValues, type PeriodCounts, type ValueCounts } from './explain-change.ts';

function period(views: number, clicks: number, lists: PeriodCounts['lists'] = {}): PeriodCounts {
  return { views, clicks, bots: 0, lists };
}

function row(value: string | null, views: number, clicks: number): ValueCounts {
  return { value, views, clicks };
}

describe('a change of clicks', () => {
  it('is divided among the values, largest change first, and what has no value is listed last', () => {
    const before = period(0, 100, { country: [row('AT', 0, 60), row('DE', 0, 30), row(null, 0, 10)] });
    const after = period(0, 60, { country: [row('AT', 0, 15), row('DE', 0, 40), row(null, 0, 5)] });
    const { dimensions, chance, cause } = explainChange(before, after, 'clicks');
    expect(dimensions).toEqual([
      {
        dimension: 'country',
        values: [
          { value: 'AT', before: clicks(60), after: clicks(15), change: -45, share: 1.125 },
          { value: 'DE', before: clicks(30), after: clicks(40), change: 10, share: -0.25 },
        ],
        others: { before: clicks(10), after: clicks(5), change: -5, share: 0.125 },
        parts: null,
      },
    ]);
    expect(chance).toBeLessThan(0.05);
    expect(cause?.dimensions.map(({ dimension, values }) => [dimension, values.map(({ value }) => value)])).toEqual([
      ['country', ['AT']],
    ]);
  });
  it('adds values beyond the limit to the others', () => {
    const many = Array.from({ length: mostValues + 1 }, (_, at) => row(`site${at}.example`, 0, 100 - at));
    const [hosts] = explainChange(period(0, 0, { host: [] }), period(0, 3825, { host: many }), 'clicks').dimensions;
    expect(hosts?.values.map(({ value }) => value)).toEqual(many.slice(0, mostValues).map(({ value }) => value));
    expect(hosts?.others?.after.clicks).toBe(100 - mostValues);
  });
  it('is chance if it is small, and unknown without events', () => {
    expect(explainChange(period(0, 100), period(0, 110), 'clicks').chance).toBeGreaterThan(0.05);
    expect(explainChange(period(0, 0), period(0, 0), 'clicks').chance).toBeNull();
  });
});

describe('a change of the click-through rate', () => {
  it('comes from other visitors, or from visitors who click less', () => {
    const before = period(200, 60, { device: [row('mobile', 100, 10), row('desktop', 100, 50)] });
    const others = period(200, 26, { device: [row('mobile', 185, 18.5), row('desktop', 15, 7.5)] });
    expect(partsOf(before, others)).toEqual({ mix: -0.17, rate: 0 });
    const less = period(200, 30, { device: [row('mobile', 100, 5), row('desktop', 100, 25)] });
    expect(partsOf(before, less)).toEqual({ mix: 0, rate: -0.15 });
  });
  it('adds up exactly, whatever the lists hold', () => {
    const count = fc.nat(1000);
    const list = fc.uniqueArray(fc.record({ value: fc.string({ maxLength: 3 }), views: count, clicks: count }), {
      selector: ({ value }) => value,
    });
    fc.assert(
      fc.property(list, list, count, (was, is, more) => {
        const [before, after] = [was, is].map((rows) =>
          period(total(rows, 'views') + more + 1, total(rows, 'clicks') + more, { os: rows }),
        );
        if (before === undefined || after === undefined) throw new TypeError('two periods');
        const { dimensions, ...rates } = explainChange(before, after, 'rate');
        const changes = [...(dimensions[0]?.values ?? []), ...(dimensions[0]?.others ? [dimensions[0].others] : [])];
        expect(changes.reduce((sum, { change }) => sum + change, 0)).toBeCloseTo(rates.after - rates.before, 9);
        const parts = dimensions[0]?.parts;
        expect((parts?.mix ?? Number.NaN) + (parts?.rate ?? Number.NaN)).toBeCloseTo(rates.after - rates.before, 9);
      }),
    );
  });
  it('has no parts by link, because a link has no views', () => {
    const before = period(100, 30, { link: [row('a', 0, 20), row('b', 0, 10)] });
    const after = period(100, 15, { link: [row('a', 0, 5), row('b', 0, 10)] });
    const [links] = explainChange(before, after, 'rate').dimensions;
    expect(links).toMatchObject({ parts: null, others: undefined });
    expect(links?.values.map(({ value, change }) => [value, change])).toEqual([
      ['a', expect.closeTo(-0.15)],
      ['b', 0],
    ]);
  });
  it('cannot be told without views', () => {
    expect(explainChange(period(0, 10), period(100, 10), 'rate')).toMatchObject({ before: 0, chance: null });
  });
});

function clicks(count: number) {
  return { views: 0, clicks: count };
}

function partsOf(before: PeriodCounts, after: PeriodCounts) {
  const parts = explainChange(before, after, 'rate').dimensions[0]?.parts;
  return parts && { mix: Number(parts.mix.toFixed(9)) + 0, rate: Number(parts.rate.toFixed(9)) + 0 };
}

function total(rows: readonly ValueCounts[], of: 'views' | 'clicks'): number {
  return rows.reduce((sum, each) => sum + each[of], 0);
}

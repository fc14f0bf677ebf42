import { describe, expect, it } from 'vitest';
import type { CountRow } from '#core/history/history-row.ts';
import type { ImportedMonth } from '#schemas/history/imported-counts.ts';
import { collectCounts } from './collect-counts.ts';
import { combineMonth, combineTotals } from './combine-counts.ts';
import { type CutOver, planMonth, planTotal, setLinkClicks, shortenLists, withoutImport } from './plan-counts.ts';

const plausible = { id: 'P', tool: 'plausible' };
const open: CutOver = { ownSince: '2026-11-30', until: undefined, counted: new Map(), today: '2026-11-30' };

function day(at: string, views: number, more: Partial<CountRow> = {}): CountRow {
  return { grain: 'day', line: 2, at, views, ...more };
}

function collect(rows: readonly CountRow[], zone = 'Europe/Vienna') {
  const collection = collectCounts({ zone, today: '2026-11-30' });
  const outcomes = rows.map((row) => collection.add(row));
  return { outcomes, of: (code = '') => collection.entities().get(code) };
}

function plan(rows: readonly CountRow[], stored?: ImportedMonth, cutOver = open, name = plausible) {
  const dates = collect(rows).of()?.months.get('2026-09') ?? new Map();
  return planMonth(stored, name, dates, cutOver);
}

describe('collecting rows', () => {
  it('adds up rows of breakdowns, and rows that add', () => {
    const { of } = collect([
      day('2026-09-01', 10, { visitors: 4 }),
      day('2026-09-01', 6, { dimension: 'browser', value: 'Chrome' }),
      day('2026-09-01', 3, { dimension: 'browser', value: 'Chrome' }),
      day('2026-09-02', 1, { adds: true, parts: { page: { '/': 1 }, source: { '': 1 } } }),
      day('2026-09-02', 2, { adds: true, parts: { page: { '/b': 2 } } }),
    ]);
    const dates = of()?.months.get('2026-09');
    const [first, second] = ['2026-09-01', '2026-09-02'].map((date) => dates?.get(date)?.get('views'));
    expect(first).toMatchObject({ count: 10, visitors: 4, rows: 3 });
    expect(first?.lists.get('browser')).toEqual(new Map([['Chrome', 9]]));
    expect(second).toMatchObject({ count: 3, visitors: undefined });
    expect(second?.lists.get('page')).toEqual(new Map(Object.entries({ '/': 1, '/b': 2 })));
    expect(second?.lists.get('source')).toEqual(new Map([[null, 1]]));
  });

  it('finds a second row of a date that has one: equal is repeated, another number refused', () => {
    const { outcomes, of } = collect([day('2026-09-01', 10), day('2026-09-01', 10), day('2026-09-01', 11)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['collected', 'repeated', 'refused']);
    expect(outcomes[2]).toMatchObject({ column: 'views', value: '11' });
    expect(of()?.months.get('2026-09')?.get('2026-09-01')?.get('views')?.count).toBe(10);
  });

  it('puts an hour in UTC into the local date, also where clocks change', () => {
    const { of } = collect(
      ['2026-10-24T22', '2026-10-25T00', '2026-10-25T01', '2026-10-25T23'].map((at) => ({
        grain: 'hour',
        line: 1,
        code: 'x',
        clicks: 1,
        at,
      })),
    );
    const dates = of('x')?.months.get('2026-10');
    expect([...(dates?.get('2026-10-25')?.get('clicks')?.hours.keys() ?? [])]).toEqual([
      '00+02:00',
      '02+02:00',
      '02+01:00',
    ]);
    expect(dates?.get('2026-10-26')?.get('clicks')?.hours).toEqual(new Map([['00+01:00', 1]]));
    const { of: inIndia } = collect([{ grain: 'hour', line: 1, at: '2026-09-30T18', views: 2 }], 'Asia/Kolkata');
    expect(inIndia()?.months.get('2026-09')?.get('2026-09-30')?.get('views')?.hours).toEqual(
      new Map([['23+05:30', 2]]),
    );
  });

  it.each<[Partial<CountRow>, string, string]>([
    [{ views: -1 }, 'views', '-1'],
    [{ views: 1.5 }, 'views', '1.5'],
    [{ views: 1_000_000_001 }, 'views', '1000000001'],
    [{ views: Number.NaN }, 'views', 'NaN'],
    [{ visitors: -2 }, 'visitors', '-2'],
    [{ at: '2026-02-30' }, 'date', '2026-02-30'],
    [{ at: null }, 'date', ''],
    [{ grain: 'hour', at: '2026-09-01T24' }, 'date', '2026-09-01T24'],
    [{ grain: 'hour', at: '2026-09-01' }, 'date', '2026-09-01'],
    [{ grain: 'total', at: 'yesterday' }, 'date', 'yesterday'],
    [{ dimension: 'shoe size', value: '43' }, 'dimension', 'shoe size'],
    [{ parts: { moon: { full: 1 } } }, 'dimension', 'moon'],
    [{ parts: { page: { '/': -1 } } }, 'parts', '-1'],
  ])('refuses %j', (change, column, value) => {
    expect(collect([{ ...day('2026-09-01', 1), ...change }]).outcomes).toEqual([
      { kind: 'refused', column, value, reason: expect.any(String) },
    ]);
  });

  it('takes the largest count, and refuses a row without views and clicks', () => {
    expect(collect([day('2026-09-01', 1_000_000_000)]).outcomes[0]?.kind).toBe('collected');
    expect(collect([{ grain: 'day', line: 1, at: '2026-09-01', visitors: 3 }]).outcomes[0]).toMatchObject({
      reason: 'has neither views nor clicks',
    });
  });

  it('keeps a long value among the others', () => {
    const { of } = collect([
      day('2026-09-01', 1, { dimension: 'page', value: `/${'a'.repeat(299)}` }),
      day('2026-09-01', 2, { dimension: 'page', value: `/${'a'.repeat(300)}` }),
    ]);
    const pages = of()?.months.get('2026-09')?.get('2026-09-01')?.get('views')?.lists.get('page');
    expect([...(pages?.values() ?? [])]).toEqual([1, 2]);
    expect(pages?.get(null)).toBe(2);
  });

  it('has a limit of numbers', () => {
    const collection = collectCounts({ zone: 'UTC', today: '2026-11-30', most: 4 });
    // A date and its only row are two.
    for (const date of ['2026-09-01', '2026-09-02']) collection.add(day(date, 1));
    expect(() => collection.add(day('2026-09-03', 1))).toThrow(/split it by date/);
  });
});

describe('planning a month', () => {
  it('accepts dates before the first event of its own, and refuses the others with their date', () => {
    const rows = ['2026-09-09', '2026-09-10', '2026-09-11'].map((date) => day(date, 5));
    const { month, dates } = plan(rows, undefined, { ...open, ownSince: '2026-09-10' });
    expect(dates.map(({ date, outcome }) => `${date} ${outcome}`)).toEqual([
      '2026-09-09 accepted',
      '2026-09-10 refused',
      '2026-09-11 refused',
    ]);
    expect(dates[1]?.reason).toBe('overlaps: it is counted here since 2026-09-10');
    expect(Object.keys(month.imports['P']?.days ?? {})).toEqual(['09']);
    const until = plan(rows, undefined, { ...open, ownSince: '2026-09-10', until: '2026-09-11' });
    expect(until.dates.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'refused']);
  });

  it('refuses counts of a date that has single events, unless `until` decides', () => {
    const counted = new Map([['2026-09-09', { views: 3, clicks: 0 }]]);
    const { dates } = plan([day('2026-09-08', 5), day('2026-09-09', 5)], undefined, { ...open, counted });
    expect(dates.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['accepted', undefined],
      ['refused', 'overlaps: 3 views of this date are here already, as single events'],
    ]);
    const until = plan([day('2026-09-09', 5)], undefined, { ...open, counted, until: '2026-09-10' });
    expect(until.dates[0]?.outcome).toBe('accepted');
  });

  it('refuses the future', () => {
    const { dates } = plan([day('2026-09-12', 1)], undefined, { ...open, today: '2026-09-11' });
    expect(dates[0]?.reason).toBe('is in the future');
  });

  it('gives a number of a date to one import, and plans an import again in the same way', () => {
    const rows = [day('2026-09-01', 5), day('2026-09-02', 6)];
    const first = plan(rows).month;
    expect(plan(rows, first)).toEqual(plan(rows));
    const other = { id: 'Q', tool: 'plausible' };
    const second = plan([day('2026-09-01', 5), day('2026-09-02', 7), day('2026-09-03', 8)], first, open, other);
    expect(second.dates.map(({ outcome }) => outcome)).toEqual(['repeated', 'refused', 'accepted']);
    expect(second.dates[1]?.reason).toContain('import P (plausible) already has 6 views of this date, this file 7');
    expect(withoutImport(second.month, 'Q')).toEqual(first);
    expect(withoutImport(first, 'P')).toBeUndefined();
    // Clicks of the same date are another number.
    const clicks = plan([{ grain: 'day', line: 1, at: '2026-09-01', clicks: 3 }], first, open, other);
    expect(clicks.dates.map(({ outcome }) => outcome)).toEqual(['accepted']);
  });

  it('keeps the most frequent values, and the sum of the others', () => {
    const values = Array.from({ length: 30 }, (_, at) =>
      day('2026-09-01', at + 1, { dimension: 'source', value: `s${at}` }),
    );
    const { month } = plan([day('2026-09-01', 465), ...values]);
    const list = month.imports['P']?.days['01']?.views?.lists?.source ?? [];
    expect(list).toHaveLength(26);
    expect(list[0]).toEqual(['s29', 30]);
    expect(list.at(-1)).toEqual([null, 15]);
    const shorter = shortenLists(month, 'P', 3).imports['P']?.days['01']?.views?.lists?.source;
    expect(shorter?.map(([, count]) => count)).toEqual([30, 29, 28, 378]);
    expect(shortenLists(month, 'P', 0).imports['P']?.days['01']?.views).toEqual({ count: 465 });
  });
});

describe('planning a total', () => {
  const total = { measure: 'clicks', count: 12, asOf: '2026-10-01', line: 2, rows: 1 } as const;
  it('has one total of a tool', () => {
    const bitly = { id: 'A', tool: 'bitly' };
    const { totals } = planTotal(undefined, bitly, total);
    expect(planTotal(totals, bitly, total)).toEqual({ totals, result: { outcome: 'accepted' } });
    expect(planTotal(totals, { ...bitly, id: 'B' }, total).result.outcome).toBe('repeated');
    const later = planTotal(totals, { ...bitly, id: 'B' }, { ...total, count: 13 });
    expect(later.totals).toBe(totals);
    expect(later.result.reason).toContain('already has a total of 12 as of 2026-10-01, of import A');
    const dub = planTotal(totals, { id: 'C', tool: 'dub' }, { ...total, count: 40 });
    expect(combineTotals(dub.totals).map(({ tool, count }) => [tool, count])).toEqual([
      ['dub', 40],
      ['bitly', 12],
    ]);
  });
});

describe('combining imports', () => {
  it('reads the clicks of a page from its links of all imports, unless an import has those of the page', () => {
    const links = setLinkClicks(
      undefined,
      { id: 'A', tool: 'bitly' },
      new Map([['2026-09-01', { count: 5, hours: new Map([['07+02:00', 5]]) }]]),
    );
    const more = setLinkClicks(
      links,
      { id: 'B', tool: 'dub' },
      new Map([['2026-09-01', { count: 2, hours: new Map() }]]),
    );
    expect(combineMonth('2026-09', more)).toEqual([
      {
        date: '2026-09-01',
        views: null,
        clicks: 7,
        visitors: null,
        // Of half of the clicks there are hours.
        hours: [],
        lists: [],
        tools: ['bitly', 'dub'],
      },
    ]);
    expect(combineMonth('2026-09', links)[0]?.hours).toEqual([{ hour: '2026-09-01T07+02:00', views: 0, clicks: 5 }]);
    const rows = [{ grain: 'day', line: 1, at: '2026-09-01', clicks: 6 } as const];
    const whole = plan(rows, more, open, { id: 'C', tool: 'dub' }).month;
    expect(combineMonth('2026-09', whole)[0]).toMatchObject({ clicks: 6, tools: ['dub'] });
  });

  it('puts hours in order, also where an hour occurs twice', () => {
    const dates = collect(
      ['2026-10-25T01', '2026-10-25T00'].map((at) => ({ grain: 'hour', line: 1, clicks: 1, at })),
    ).of()?.months;
    const { month } = planMonth(undefined, plausible, dates?.get('2026-10') ?? new Map(), open);
    expect(combineMonth('2026-10', month)[0]?.hours.map(({ hour }) => hour)).toEqual([
      '2026-10-25T02+02:00',
      '2026-10-25T02+01:00',
    ]);
  });
});

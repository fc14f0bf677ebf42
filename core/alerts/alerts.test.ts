import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import { unwatched } from '#core/detect/alert-state.ts';
import { normalSetting } from '#core/detect/sensitivity.ts';
import { addDays, lastEndedDate } from '#core/ledger/time-range.ts';
import { causeOfChange } from './compare-days.ts';
import { evaluateClassicDay, evaluatePageDay } from './evaluate-page.ts';
import { silentDates, wasDown } from './heartbeat.ts';
import { localDays, zoneLines } from './local-days.ts';
import { pageHistory } from './page-history.ts';

const zones = ['UTC', 'Europe/Vienna', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
const hour = 3_600_000;

describe('local days', () => {
  it('have 23 and 25 hours when the clock changes, and follow one another', () => {
    expect(localDays('Europe/Vienna', '2026-03-28', '2026-03-30').map(({ hours }) => hours)).toEqual([24, 23, 24]);
    expect(localDays('Europe/Vienna', '2026-10-24', '2026-10-26').map(({ hours }) => hours)).toEqual([24, 25, 24]);
    for (const zone of zones) {
      const days = localDays(zone, '2026-01-01', '2026-12-31');
      expect(days.every(({ start }, at) => at === 0 || start === days[at - 1]?.end)).toBe(true);
    }
  });

  it('end one after the other: what has ended at a moment ends no later than it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 9000 }), (zone, hours) => {
        const at = Date.parse('2026-01-02T00:00:00Z') + hours * hour;
        const ended = lastEndedDate(zone, at);
        const [day, next] = localDays(zone, ended, addDays(ended, 1));
        expect(day?.end).toBeLessThanOrEqual(at);
        expect(next?.end).toBeGreaterThan(at);
      }),
      { numRuns: 100 },
    );
  });

  it('become lines for SQL, one for each offset, without a gap', () => {
    expect(zoneLines('Europe/Vienna', Date.parse('2026-10-01'), Date.parse('2026-11-01'))).toEqual([
      'Europe/Vienna|2026-10-01 00:00:00|2026-10-25 01:00:00|120',
      'Europe/Vienna|2026-10-25 01:00:00|2026-11-01 00:00:00|60',
    ]);
    expect(zoneLines('Asia/Kolkata', Date.parse('2026-10-01'), Date.parse('2026-11-01'))).toHaveLength(1);
  });
});

describe('a history', () => {
  const days = localDays('UTC', '2026-11-01', '2026-11-06');
  const facts = { days, createdOn: '2026-01-01', silent: new Set<string>(), badDays: [] };
  const counted = [
    { date: '2026-11-02', views: 5, clicks: 1 },
    { date: '2026-11-05', views: 7, clicks: 0 },
  ];

  it('has a zero for each day without events, from the first day on', () => {
    expect(pageHistory({ ...facts, createdOn: '2026-11-02', counted }).days.map(({ views }) => views)).toEqual([
      5, 0, 0, 7, 0,
    ]);
  });

  it('begins before the page was created where there are older events', () => {
    const { days: found } = pageHistory({ ...facts, createdOn: '2026-11-22', counted });
    expect(found.map(({ date }) => date)).toEqual([
      '2026-11-02',
      '2026-11-03',
      '2026-11-04',
      '2026-11-05',
      '2026-11-06',
    ]);
  });

  it('is empty for a page that has only just been created', () => {
    expect(pageHistory({ ...facts, createdOn: '2026-11-06', counted: [] })).toEqual({ days: [], unit: 'views' });
  });

  it('leaves out the days on which the stack stood still, and marks bad ones', () => {
    const silent = new Set(['2026-11-03']);
    const { days: found } = pageHistory({ ...facts, counted, silent, badDays: ['2026-11-05'] });
    expect(found.map(({ date }) => date)).not.toContain('2026-11-03');
    expect(found.filter(({ bad }) => bad).map(({ date }) => date)).toEqual(['2026-11-05']);
  });

  it('is counted in clicks where a page is hardly seen', () => {
    const links = [{ date: '2026-11-02', views: 1, clicks: 400 }];
    expect(pageHistory({ ...facts, counted: links }).unit).toBe('clicks');
  });
});

describe('the heartbeat', () => {
  const [day] = localDays('Europe/Vienna', '2026-11-02', '2026-11-02');
  if (day === undefined) throw new Error('a day has a day');
  const all = Array.from({ length: 24 }, (_, at) => day.start + at * hour);

  it('tells an outage from a day without visitors, by the canary', () => {
    const alive = new Set(all);
    expect(wasDown(day, { stack: alive, canary: alive })).toBe(false);
    const gap = new Set(all.filter((_, at) => at < 10 || at > 11));
    expect(wasDown(day, { stack: gap, canary: gap })).toBe(true);
    const slow = new Set(all.filter((_, at) => at !== 10));
    expect(wasDown(day, { stack: slow, canary: slow })).toBe(false);
    expect(wasDown(day, { stack: new Set(all.slice(0, 3)), canary: new Set() })).toBe(false);
  });

  it('is silent on a date of which nobody knows anything', () => {
    expect([...silentDates([day], new Set(), new Set())]).toEqual(['2026-11-02']);
    expect([...silentDates([day], new Set([day.start]), new Set())]).toEqual([]);
    expect([...silentDates([day], new Set(), new Set(['2026-11-02']))]).toEqual([]);
  });
});

describe('a cause', () => {
  function dayOf(date: string, instagram: number, direct: number, merch: number) {
    return {
      date,
      numbers: {
        views: instagram + direct,
        clicks: merch + 20,
        'vr.direct': direct,
        'vc.AT': instagram + direct,
        'x.bot': 5,
      },
      tops: {
        host: [['l.instagram.com', 0, instagram]] as [string, number, number][],
        link: [
          ['merch', merch, 0],
          ['yt', 20, 0],
        ] as [string, number, number][],
      },
    };
  }

  it('names the source and the link of a drop, against the same weekdays before', () => {
    const before = ['2026-10-19', '2026-10-26', '2026-11-02', '2026-11-09'].map((date) => dayOf(date, 900, 100, 200));
    const cause = causeOfChange(before, dayOf('2026-11-16', 50, 100, 2), 'views', { expected: 1000 });
    expect(cause?.change).toBeCloseTo(-0.85);
    expect(cause?.dimensions.map(({ dimension, values }) => [dimension, values.map(({ value }) => value)])).toEqual(
      expect.arrayContaining([
        ['referrer', ['Instagram']],
        ['link', ['merch']],
      ]),
    );
    expect(cause?.bots.after).toBeCloseTo(5 / 155);
  });

  it('is unknown without days to compare with', () => {
    expect(causeOfChange([], dayOf('2026-11-16', 1, 1, 1), 'views', { expected: 1000 })).toBeUndefined();
    const empty = { date: '2026-11-09', numbers: {}, tops: {} };
    expect(causeOfChange([empty], dayOf('2026-11-16', 1, 1, 1), 'views', { expected: 0 })).toBeUndefined();
  });
});

describe('a day by the classic rules', () => {
  const date = '2026-11-15';
  function historyOf(before: [views: number, clicks: number][], last: [views: number, clicks: number]) {
    const days = [...before, last].map(([views, clicks], at) => ({
      date: addDays(date, at - before.length),
      views,
      clicks,
      hours: 24,
      bad: false,
    }));
    return { days, unit: 'views' as const };
  }
  function fortnight(views: number, clicks: number) {
    return Array.from({ length: 14 }, (): [number, number] => [views, clicks]);
  }

  it.each([
    ['steady', fortnight(120, 24), [120, 24], 'not-significant', 'not-significant'],
    ['half', fortnight(120, 30), [55, 30], 'drop', 'surge'],
    ['double', fortnight(130, 20), [300, 20], 'surge', 'drop'],
    ['small', fortnight(40, 4), [2, 4], 'not-significant', 'not-significant'],
    ['of a young page', fortnight(400, 0).slice(3), [10, 0], 'not-significant', 'not-significant'],
  ] as const)('%s', (_, before, last, traffic, clickThrough) => {
    const evaluations = evaluateClassicDay(historyOf([...before], [...last]), date);
    const words = [evaluations.traffic, evaluations['click-through']].map((each) =>
      each.kind === 'alert' ? each.direction : each.kind,
    );
    expect(words).toEqual([traffic, clickThrough]);
  });

  it('is compared with the 14 days before it, and says with what', () => {
    const history = historyOf([[9000, 9000], ...fortnight(120, 30)], [55, 30]);
    expect(evaluateClassicDay(history, date)).toMatchObject({
      traffic: { expected: 120, actual: 55 },
      'click-through': { expected: 0.25, actual: 30 / 55 },
    });
  });

  it('compares no rate of more clicks than views, and shows none above 100%', () => {
    const states = { traffic: unwatched, 'click-through': unwatched };
    function rateOf(before: [number, number][], last: [number, number]) {
      return evaluatePageDay(historyOf(before, last), date, normalSetting, states)['click-through'];
    }
    expect(rateOf(fortnight(120, 300), [120, 20])).toEqual({ kind: 'skipped', reason: 'too-small' });
    expect(rateOf(fortnight(120, 60), [120, 500])).toMatchObject({ kind: 'alert', direction: 'surge', actual: 1 });
    expect(evaluateClassicDay(historyOf(fortnight(120, 60), [120, 500]), date)['click-through']).toMatchObject({
      kind: 'alert',
      actual: 1,
    });
  });

  it('is skipped when it is missing or excluded', () => {
    const { days, unit } = historyOf(fortnight(120, 30), [55, 30]);
    expect(evaluateClassicDay({ days, unit }, '2026-11-16').traffic).toEqual({ kind: 'skipped', reason: 'missing' });
    const excluded = { days: days.map((day) => ({ ...day, bad: day.date === date })), unit };
    expect(evaluateClassicDay(excluded, date).traffic).toEqual({ kind: 'skipped', reason: 'bad-day' });
  });
});

import { describe, expect, it } from 'vitest';
import { addDays } from '#core/ledger/time-range.ts';
import { countDates, listDates } from '#core/stats/period.ts';
import { summaryLimits } from '#schemas/mails/summary-parts.ts';
import { monthToReport, periodsToReport, weekToReport } from './periods.ts';
import { summarizeAnnotations } from './summarize-annotations.ts';
import { summarizeConversions } from './summarize-conversions.ts';
import { summarizePage } from './summarize.ts';

const vienna = 'Europe/Vienna';

describe('a week', () => {
  it('is reported on Monday morning of its own zone, and at no other time', () => {
    function reported(at: string, zone = vienna) {
      const week = weekToReport(zone, Date.parse(at));
      return week && [week.first, week.last, week.before.first, week.before.last];
    }
    const week = ['2026-11-16', '2026-11-22', '2026-11-09', '2026-11-15'];
    expect(reported('2026-11-23T07:50:00Z')).toEqual(week);
    expect(reported('2026-11-23T06:50:00Z')).toBeUndefined();
    expect(reported('2026-11-23T11:50:00Z')).toBeUndefined();
    expect(reported('2026-11-24T07:50:00Z')).toBeUndefined();
    expect(reported('2026-11-22T21:50:00Z', 'Pacific/Auckland')).toEqual(week);
  });

  it('adds up its days and links, and compares with the week before', () => {
    const days = [day('2026-11-10', 50, 10), day('2026-11-16', 100, 30), day('2026-11-18', 20, 0)];
    const summary = summarizePage({ period: week(), days, createdOn: '2026-01-01' });
    expect(summary).toMatchObject({
      to: '2026-11-22',
      totals: { views: 120, clicks: 30 },
      previous: { views: 50, clicks: 10 },
      links: [{ code: 'merch', clicks: 30, previous: 10 }],
    });
    expect(summary?.days.map(({ views }) => views)).toEqual([100, 0, 20, 0, 0, 0, 0]);
  });

  it('of a page without events is nothing to report; a first week has nothing to compare with', () => {
    expect(summarizePage({ period: week(), days: [], createdOn: '2026-11-16' })).toBeUndefined();
    const days = [{ date: '2026-11-17', numbers: { views: 3 }, tops: {} }];
    expect(summarizePage({ period: week(), days, createdOn: '2026-11-16' })?.previous).toBeNull();
  });
});

describe('a month', () => {
  function reported(at: string, zone = vienna) {
    const month = monthToReport(zone, Date.parse(at));
    return month && [month.first, month.last, month.before.first, month.before.last];
  }

  it('is reported on the mornings of the first three days after it, in its own zone', () => {
    const october = ['2026-10-01', '2026-10-31', '2026-08-31', '2026-09-30'];
    for (const date of ['2026-11-01', '2026-11-02', '2026-11-03'])
      expect(reported(`${date}T07:50:00Z`)).toEqual(october);
    expect(reported('2026-11-04T07:50:00Z')).toBeUndefined();
    expect(reported('2026-11-01T06:50:00Z')).toBeUndefined();
    expect(reported('2026-11-01T10:50:00Z')).toEqual(october);
    expect(reported('2026-11-01T11:50:00Z')).toBeUndefined();
    expect(reported('2026-10-31T07:50:00Z')).toBeUndefined();
    expect(reported('2026-10-31T19:50:00Z', 'Pacific/Auckland')).toEqual(october);
    expect(reported('2026-11-01T07:50:00Z', 'Pacific/Honolulu')).toBeUndefined();
    expect(reported('2026-11-01T18:50:00Z', 'Pacific/Honolulu')).toEqual(october);
  });

  it('compares with as many whole days before, across years, leap days and changes of the clock', () => {
    expect(reported('2027-01-01T08:50:00Z')).toEqual(['2026-12-01', '2026-12-31', '2026-10-31', '2026-11-30']);
    expect(reported('2028-03-01T08:50:00Z')).toEqual(['2028-02-01', '2028-02-29', '2028-01-03', '2028-01-31']);
    expect(reported('2027-03-01T08:50:00Z')).toEqual(['2027-02-01', '2027-02-28', '2027-01-04', '2027-01-31']);
    for (const zone of [vienna, 'America/New_York', 'America/Santiago', 'Australia/Lord_Howe', 'Africa/Cairo'])
      for (let month = 0; month < 24; month++) {
        const noon = Date.UTC(2026, month, 2, 8) - offsetAt(Date.UTC(2026, month, 2, 8), zone);
        const period = monthToReport(zone, noon);
        if (period === undefined) throw new Error(`${zone} ${new Date(noon).toISOString()}`);
        expect(countDates(period.before)).toBe(countDates(period));
        expect(addDays(period.before.last, 1)).toBe(period.first);
      }
  });

  it('that ends on a Sunday is due together with its last week', () => {
    const due = periodsToReport(vienna, Date.parse('2026-06-01T06:50:00Z'));
    expect(due.map(({ kind, first }) => [kind, first])).toEqual([
      ['digest', '2026-05-25'],
      ['monthly', '2026-05-01'],
    ]);
    expect(periodsToReport(vienna, Date.parse('2026-06-01T12:50:00Z'))).toEqual([]);
  });

  it('has the most used campaigns by the unit of the page, and no more than fit', () => {
    const period = october();
    const campaigns = Array.from({ length: summaryLimits.campaigns + 1 }, (_, at) => [`c${at}`, 100 - at, at] as const);
    const days = [
      { date: '2026-09-01', numbers: { views: 1, clicks: 90 }, tops: { utm_campaign: [['c0', 50, 0] as const] } },
      { date: '2026-10-05', numbers: { views: 1, clicks: 900 }, tops: { utm_campaign: campaigns } },
    ];
    const summary = summarizePage({ period, days, createdOn: '2026-01-01' });
    expect(summary?.unit).toBe('clicks');
    expect(summary?.campaigns).toHaveLength(summaryLimits.campaigns);
    expect(summary?.campaigns[0]).toEqual({ name: 'c0', count: 100, previous: 50 });
    expect(summary?.days).toHaveLength(31);
  });

  it('with conversions alone is reported, too', () => {
    const days = [{ date: '2026-10-05', numbers: { customs: 1, 'g.lead': 1 }, tops: {} }];
    expect(summarizePage({ period: october(), days, createdOn: '2026-01-01' })).toMatchObject({
      totals: { views: 0, clicks: 0 },
      links: [],
      conversions: { kinds: [{ kind: 'lead', count: 1, previous: 0 }] },
    });
  });
});

describe('conversions of a period', () => {
  function of(numbers: Record<string, number>) {
    return [{ date: '2026-10-01', numbers }];
  }

  it('are compared with those of the period before, also if one period has none', () => {
    expect(summarizeConversions(of({ 'g.sale': 2, 'g.EUR': 1999 }), of({ 'g.lead': 3, 'g.EUR': 500 }))).toEqual({
      kinds: [
        { kind: 'lead', count: 0, previous: 3 },
        { kind: 'sale', count: 2, previous: 0 },
      ],
      revenue: [{ currency: 'EUR', amount: '19.99', previous: '5.00' }],
      moreCurrencies: 0,
    });
    expect(summarizeConversions(of({ views: 3 }), of({}))).toBeNull();
  });

  it('name three currencies, and count the others', () => {
    const most = { 'g.sale': 9, 'g.EUR': 300, 'g.USD': 200, 'g.GBP': 100 };
    expect(summarizeConversions(of(most), of({}))).toMatchObject({ moreCurrencies: 0 });
    const found = summarizeConversions(of({ ...most, 'g.CHF': 50 }), of({}));
    expect(found?.revenue.map(({ currency }) => currency)).toEqual(['EUR', 'USD', 'GBP']);
    expect(found?.moreCurrencies).toBe(1);
  });
});

describe('annotations of a period', () => {
  it('are those on its local dates, oldest first', () => {
    const annotations = [
      { at: '2026-10-31T22:59:59Z', text: 'last second' },
      { at: '2026-10-31T23:00:00Z', text: 'next month' },
      { at: '2026-09-30T22:00:00Z', text: 'first second' },
      { at: '2026-09-30', text: 'September' },
      { at: '2026-10-31', text: 'last date' },
    ];
    expect(summarizeAnnotations(annotations, october(), vienna)).toEqual({
      rows: [
        { date: '2026-10-01', text: 'first second' },
        { date: '2026-10-31', text: 'last date' },
        { date: '2026-10-31', text: 'last second' },
      ],
      more: 0,
    });
  });

  it('are the latest of more than fit', () => {
    const annotations = listDates(october())
      .slice(0, summaryLimits.annotations + 1)
      .map((at) => ({ at, text: at }));
    expect(summarizeAnnotations(annotations.slice(1), october(), vienna).more).toBe(0);
    const { rows, more } = summarizeAnnotations(annotations, october(), vienna);
    expect([rows.length, rows[0]?.date, more]).toEqual([summaryLimits.annotations, '2026-10-02', 1]);
  });
});

function day(date: string, views: number, clicks: number) {
  return { date, numbers: { views, clicks }, tops: { link: [['merch', clicks, 0] as const] } };
}

function week() {
  const found = weekToReport(vienna, Date.parse('2026-11-23T07:50:00Z'));
  if (found === undefined) throw new Error('no week');
  return found;
}

function october() {
  const found = monthToReport(vienna, Date.parse('2026-11-01T07:50:00Z'));
  if (found === undefined) throw new Error('no month');
  return found;
}

/** Milliseconds by which a zone is ahead of UTC. */
function offsetAt(time: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(time);
  const text = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return Date.parse(`${text['year']}-${text['month']}-${text['day']}T${text['hour']}:${text['minute']}:00Z`) - time;
}

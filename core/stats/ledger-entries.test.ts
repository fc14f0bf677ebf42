import { describe, expect, it } from 'vitest';
import { computeBalance, balanceByBucket } from '#core/ledger/report.ts';
import { resolveRange, type TimeRange } from '#core/ledger/time-range.ts';
import type { RefusedCounts } from '#core/ledger/refused.ts';
import type { RequestsByWindow } from '#core/ledger/windows.ts';
import type { Counters } from './counters.ts';
import { buildLedgerEntries } from './ledger-entries.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
function rangeOf(interval: 'hour' | 'day', from: string, to: string, zone = 'Europe/Vienna'): TimeRange {
  const result = resolveRange({ interval, from, to }, zone, now);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.range;
}
function hour(name: string, hot: Record<string, number>, final?: Record<string, number>) {
  return {
    hour: name,
    hot,
    final,
  };
}
/** A number of requests is that of one log window of the hour itself. */
function all(
  counters: Counters,
  received: Record<string, number | RequestsByWindow>,
  range: TimeRange,
  refused: RefusedCounts = {},
) {
  const { days, hours } = buildLedgerEntries({
    counters,
    received: new Map(
      Object.entries(received).map(([at, requests]) => [
        at,
        { requests: typeof requests === 'number' ? { '20261001T0000': requests } : requests, refused },
      ]),
    ),
    range,
    settledThrough: Date.parse('2026-11-22T11:00:00Z'),
  });
  return [...days, ...hours];
}

describe('intakes', () => {
  const range = rangeOf('day', '2026-11-21', '2026-11-22');
  const days = [{ date: '2026-11-21', numbers: { views: 5, 'x.bot': 2, visitors: 3 } }];

  it('join a settled day with what its hours received, and leave the days around the range alone', () => {
    const received = {
      '2026-11-20T23+01:00': 50,
      '2026-11-21T00+01:00': 4,
      '2026-11-21T23+01:00': 4,
      '2026-11-22T01+01:00': 2,
    };
    const intakes = all({ days, hours: [hour('2026-11-22T01+01:00', { clicks: 2 })] }, received, range);
    expect(intakes).toMatchObject([
      { start: '2026-11-21', end: Date.parse('2026-11-21T23:00:00Z'), received: 8 },
      { start: '2026-11-22', end: Date.parse('2026-11-22T01:00:00Z'), received: 2 },
    ]);
    const balance = computeBalance(intakes, Date.parse('2026-11-22T06:00:00Z'));
    expect(balance).toMatchObject({ received: 10, lost: 1, outcomes: { counted: 7, bot: 2 } });
  });

  it('show an hour that received requests and counted none: a loss', () => {
    const intakes = all({ days: [], hours: [] }, { '2026-11-22T08+01:00': 3 }, range);
    expect(computeBalance(intakes, now)).toMatchObject({ received: 3, lost: 3 });
    expect(computeBalance(intakes, Date.parse('2026-11-22T07:59:59Z'))).toMatchObject({ received: 3, lost: 0 });
    expect(computeBalance(intakes, undefined)).toMatchObject({ received: 3, lost: null });
  });

  it('know nothing of a day whose hours have expired, and say so for it alone', () => {
    const intakes = all({ days, hours: [] }, { '2026-11-22T08+01:00': 3 }, range);
    expect(computeBalance(intakes, now)).toMatchObject({ received: null, lost: null, outcomes: { counted: 5 } });
    expect(balanceByBucket(intakes, now).map(({ start, received, lost }) => [start, received, lost])).toEqual([
      ['2026-11-21', null, null],
      ['2026-11-22', 3, 3],
    ]);
  });

  it('take the settled numbers of an hour, never both', () => {
    const hours = [hour('2026-11-22T08+01:00', { views: 9 }, { views: 7, 'x.duplicate': 1 })];
    const balance = computeBalance(all({ days: [], hours }, { '2026-11-22T08+01:00': 8 }, range), now);
    expect(balance).toMatchObject({ received: 8, lost: 0, outcomes: { counted: 7, duplicate: 1 } });
  });

  it('show outcomes beyond the requests as a surplus, and when it settles, never as a negative loss', () => {
    const hours = [hour('2026-11-22T08+01:00', { views: 9 }), hour('2026-11-22T09+01:00', { views: 1 })];
    const received = { '2026-11-22T08+01:00': 3, '2026-11-22T09+01:00': 7 };
    expect(computeBalance(all({ days: [], hours }, received, range), now)).toMatchObject({
      received: 10,
      lost: 6,
      surplus: 6,
      surplusSettlesAt: '2026-11-22T08:25:00.000Z',
    });
  });

  it('do not miss the events of late requests in an hour that has settled, until it has settled again', () => {
    const hours = [hour('2026-11-22T08+01:00', { views: 9 }, { views: 3 })];
    function balanceWith(lateWindow: string) {
      const received = { '2026-11-22T08+01:00': { '20261122T0700': 3, [lateWindow]: 6 } };
      return computeBalance(all({ days: [], hours }, received, range), now);
    }
    expect(balanceWith('20261122T1100')).toMatchObject({ received: 9, lost: 0, surplus: 0 });
    expect(balanceWith('20261122T1045')).toMatchObject({ received: 9, lost: 6, surplus: 0 });
  });

  it('say of a settled hour with a surplus that it does not settle', () => {
    const hours = [hour('2026-11-22T08+01:00', { views: 9 }, { views: 9 })];
    const balance = computeBalance(all({ days: [], hours }, { '2026-11-22T08+01:00': 3 }, range), now);
    expect(balance).toMatchObject({ lost: 0, surplus: 6, surplusSettlesAt: null });
  });

  it('add requests that were only counted to what was received and to their outcome', () => {
    const hours = [hour('2026-11-22T08+01:00', { views: 9, 'x.refused': 60 })];
    const refused = { 'refused.origin': 4_000, 'invalid.title': 30 };
    const received = { '2026-11-21T08+01:00': 7, '2026-11-22T08+01:00': 70 };
    const entries = all({ days, hours }, received, range, refused);
    expect(computeBalance(entries, now)).toMatchObject({
      received: 77 + 2 * 4_030,
      outcomes: { counted: 14, bot: 2, refused: 60 + 2 * 4_000, failed: 2 * 30 },
      lost: 1,
      surplus: 0,
      notKept: { 'refused.origin': 8_000, 'invalid.title': 60 },
    });
  });

  it('count imported events apart from requests: they are no surplus, and do not lower the loss', () => {
    const imported = { views: 5, 'x.bot': 2, clicks: 40, imported: 40 };
    const counters = { days: [{ date: '2026-11-21', numbers: imported }], hours: [] };
    const balance = computeBalance(
      all(counters, { '2026-11-21T10+01:00': 8 }, range),
      Date.parse('2026-11-22T06:00:00Z'),
    );
    expect(balance).toMatchObject({
      received: 8,
      imported: 40,
      lost: 1,
      surplus: 0,
      outcomes: { counted: 45, bot: 2 },
    });
  });

  it('know that a day of imported events alone has received nothing', () => {
    const counters = { days: [{ date: '2026-11-21', numbers: { clicks: 40, imported: 40 } }], hours: [] };
    const balance = computeBalance(all(counters, {}, range), Date.parse('2026-11-22T06:00:00Z'));
    expect(balance).toMatchObject({ received: 0, imported: 40, lost: 0, surplus: 0 });
  });

  it('keep the two hours of a clock that is set back apart', () => {
    const back = rangeOf('hour', '2026-10-25', '2026-10-25');
    const hours = [hour('2026-10-25T02+02:00', { views: 1 }), hour('2026-10-25T02+01:00', { views: 2 })];
    const received = { '2026-10-25T02+02:00': 1, '2026-10-25T02+01:00': 4 };
    expect(balanceByBucket(all({ days: [], hours }, received, back), now)).toMatchObject([
      { start: '2026-10-25T02:00:00+02:00', received: 1, lost: 0 },
      { start: '2026-10-25T02:00:00+01:00', received: 4, lost: 2 },
    ]);
  });

  it('give an empty range a balance of zeros', () => {
    expect(computeBalance(all({ days: [], hours: [] }, {}, range), now)).toMatchObject({ received: 0, lost: 0 });
  });
});

import { describe, expect, it } from 'vitest';
import { hasArrived, lastClosableEnd, mayBeListed } from './closing.ts';
import { csvLine } from '#schemas/export/csv.ts';
import { findDirtyReason, emptyTail, digestListing } from './dirty.ts';
import { endOfLocalDate, hourAt, hoursTouching, localHourBounds } from './hours.ts';
import { buildFinalCounters, mergeDeltas } from './hourly-counters.ts';
import { createRunIds, parseUlidTime } from './run-id.ts';
import { formatRule, readRuleName } from './rules.ts';
import { excludesRows, type TombstoneKind, hashEntity, hashSubject } from './tombstone.ts';

describe('a local date', () => {
  it.each([
    ['UTC', '2026-11-22', '2026-11-23T00:00:00.000Z'],
    ['Asia/Kolkata', '2026-11-22', '2026-11-22T18:30:00.000Z'],
    ['Asia/Kathmandu', '2026-11-22', '2026-11-22T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-22', '2026-11-22T10:00:00.000Z'],
    ['America/Los_Angeles', '2026-11-01', '2026-11-02T08:00:00.000Z'],
    ['America/Los_Angeles', '2026-03-08', '2026-03-09T07:00:00.000Z'],
  ])('in %s, %s, ends at %s', (zone, date, end) => {
    expect(new Date(endOfLocalDate(zone, date)).toISOString()).toBe(end);
  });

  it('touches the UTC hours of every zone', () => {
    const hours = hoursTouching('2026-11-22');
    expect(hours).toHaveLength(50);
    expect([hours[0], hours.at(-1)]).toEqual([
      { dt: '2026-11-21', hr: '10' },
      { dt: '2026-11-23', hr: '11' },
    ]);
  });

  it('has hours that lie in two UTC hours', () => {
    const bounds = localHourBounds('2026-11-22T07+05:30');
    expect(bounds && [hourAt(bounds.start).hr, hourAt(bounds.end - 1).hr]).toEqual(['01', '02']);
    expect(localHourBounds('yesterday')).toBeUndefined();
  });
});

describe("an hour's events have arrived", () => {
  it.each([
    ['with empty queues', { waiting: 0, received: undefined, arrived: 0 }, true],
    ['not before its requests are counted', { waiting: 5, received: undefined, arrived: 100 }, false],
    ['when all are counted', { waiting: 5, received: 100, arrived: 101 }, true],
    ['without one of them', { waiting: 5, received: 20, arrived: 19 }, true],
    ['not without two of few', { waiting: 5, received: 20, arrived: 18 }, false],
    ['without 1% of many', { waiting: 5, received: 1000, arrived: 990 }, true],
    ['not without more', { waiting: 5, received: 1000, arrived: 989 }, false],
    ['not while its only event waits', { waiting: 5, received: 1, arrived: 0 }, false],
    ['not while events of other hours wait, and it has none', { waiting: 5, received: 0, arrived: 0 }, false],
  ])('%s', (_, backlog, arrived) => {
    expect(hasArrived(backlog)).toBe(arrived);
  });

  it('are looked for ten minutes after its end', () => {
    const end = Date.parse('2026-11-22T08:00:00Z');
    expect(lastClosableEnd(end + 599_999)).toBe(end - 3_600_000);
    expect(lastClosableEnd(end + 600_000)).toBe(end);
    // Five minutes are left for clocks that differ.
    expect(mayBeListed({ dt: '2026-11-22', hr: '07' }, end + 299_999)).toBe(false);
    expect(mayBeListed({ dt: '2026-11-22', hr: '07' }, end + 300_000)).toBe(true);
  });
});

describe('an hour is dirty', () => {
  function file(key: string) {
    return { key, rows: 1 };
  }
  const run = { listing: digestListing([file('a'), file('b')]), head: emptyTail };
  async function known() {
    return new Set(['a', 'b']);
  }
  it.each([
    ['without a run', [file('a')], undefined, emptyTail, 'new'],
    ['not without files', [], undefined, emptyTail, undefined],
    ['not when nothing changed', [file('b'), file('a')], run, emptyTail, undefined],
    ['when a file is new', [file('a'), file('c')], run, emptyTail, 'files'],
    ['not when files are gone', [file('a')], run, emptyTail, undefined],
    ['when the tail before it changed', [file('a'), file('b')], run, '7.0', 'head'],
  ])('%s', async (_, files, basis, head, dirt) => {
    expect(await findDirtyReason(files, basis, head, known)).toBe(dirt);
  });
});

describe('final counters', () => {
  const hour = { dt: '2026-11-22', hr: '06' };
  function item(hour: string) {
    return { entity: 'page#/ada', hour };
  }
  const settled = mergeDeltas([
    { ...item('2026-11-22T07+01:00'), add: { clicks: 2 } },
    { ...item('2026-11-22T07+01:00'), add: { clicks: 1, views: 4 } },
  ]);

  it('are sums, and zeros for items without events', () => {
    const touched = [item('2026-11-22T07+01:00'), { entity: 'link#gone', hour: '2026-11-22T07+01:00' }];
    expect(buildFinalCounters(hour, touched, settled, Date.parse('2026-11-22T07:00:00Z'))).toEqual({
      finals: [
        { ...item('2026-11-22T07+01:00'), final: { clicks: 3, views: 4 } },
        { entity: 'link#gone', hour: '2026-11-22T07+01:00', final: {} },
      ],
      open: 0,
    });
  });

  it('wait for the UTC hour in which their local hour ends', () => {
    const kolkata = item('2026-11-22T12+05:30');
    expect(buildFinalCounters(hour, [kolkata], settled, Date.parse('2026-11-22T07:00:00Z'))).toEqual({
      finals: [],
      open: 1,
    });
    expect(buildFinalCounters(hour, [kolkata], settled, Date.parse('2026-11-22T08:00:00Z')).finals).toHaveLength(1);
  });
});

it('a run id is later than every one before it, even if the clock goes back', () => {
  let now = 1_000_000;
  const next = createRunIds({ now: () => now, random: (bytes) => new Uint8Array(bytes) });
  const first = next();
  now -= 5000;
  const second = next();
  const third = next(`${first.slice(0, 9)}Z${'0'.repeat(16)}`);
  expect([second > first, third > second]).toEqual([true, true]);
  expect(parseUlidTime(first)).toBe(1_000_000);
});

it('an undone import is left out of the imported events of its dates, and costs nothing elsewhere', () => {
  const dates = { first: '2024-03-05', last: '2024-03-07' };
  function excludes(kind: TombstoneKind, dt: string, hr: string, more: { dates?: typeof dates } = { dates }) {
    return excludesRows({ kind, ...more }, { dt, hr });
  }
  expect(['2024-03-04', '2024-03-05', '2024-03-07', '2024-03-08'].map((dt) => excludes('import', dt, '24'))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(excludes('import', '2024-03-05', '10')).toBe(false);
  expect(excludes('import', '2020-01-01', '24', {})).toBe(true);
  expect(
    (['page', 'visitor', 'consented', 'link', 'ids'] as const).map((kind) => excludes(kind, '2024-03-04', '10')),
  ).toEqual([true, true, true, false, false]);
});

it('tombstones recognize an entity without naming it', () => {
  const hash = hashSubject({ kind: 'page', value: '/ada' });
  expect(hash).toMatch(/^[0-9A-F]{64}$/);
  expect(hashEntity('page#/ada')).toBe(hash);
  expect(hashEntity('link#spring')).toBe(hashSubject({ kind: 'link', value: 'spring' }));
  // The next link with the code of an erased one.
  expect(hashEntity('link#spring~x81kd03f')).not.toBe(hashEntity('link#spring'));
  expect(hashEntity('stack#')).toBeUndefined();
});

it.each([
  ['counted', 'counted'],
  ['network.mail-scanner', 'network.mail-scanner'],
  ['settle.duplicate|counted|counted', 'duplicate'],
  ['settle.behavior.too-fast|counted|counted', 'behavior.too-fast'],
  ['settle.reclassified.01AB|bot|user-agent.isbot', 'reclassified.01AB'],
])('%s was decided by %s', (outcomeRule, name) => {
  expect(readRuleName(outcomeRule)).toBe(name);
});

it('rules become lines: tabs, line breaks and NUL in them become spaces', () => {
  expect(formatRule({ id: '1', page: null, field: 'bot', value: 'a\tb\nc\0d', outcome: 'bot' })).toBe(
    '1\tbot\ta b c d\tbot\t',
  );
});

it.each([
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['-5', "'-5"],
  [-5n, '-5'],
  ['a "b", c', '"a ""b"", c"'],
  [null, ''],
  ['\t=x', "'\t'=x"],
  // A spreadsheet that expects semicolons or tabs starts a cell inside the text.
  ['bio;=1+1', "bio;'=1+1"],
  ['bio\t@SUM(A1)', "bio\t'@SUM(A1)"],
  ['bio\n=1+1;-2', `"bio\n'=1+1;'-2"`],
  ['＝1+1', "'＝1+1"],
  ['https://a.example/?a=1&b=-2', 'https://a.example/?a=1&b=-2'],
])('the CSV cell of %o is %s', (value, cell) => {
  expect(csvLine([value])).toBe(`${cell}\r\n`);
});

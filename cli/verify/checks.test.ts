import { describe, expect, it } from 'vitest';
import {
  compare,
  compareCounters,
  compareRules,
  compareTotals,
  countEvents,
  countRepeats,
  type RowGroup,
} from './checks.ts';
import { type DecidedEvent, decideAll, linkRoles, readPopulation } from './population.ts';

const click: DecidedEvent = { of: 'open', type: 'link_click', outcome: 'counted', rule: 'counted' };
const head: DecidedEvent = { ...click, outcome: 'head', rule: 'method.HEAD' };
const view: DecidedEvent = { type: 'page_view', outcome: 'counted', rule: 'counted' };

function row(event: DecidedEvent, events: number, repeats = 0): RowGroup {
  return {
    link: 'open~1',
    type: event.type,
    outcome: event.outcome,
    rule: event.rule,
    events,
    repeats,
    visitors: 1,
    countries: 0,
  };
}

describe('comparing', () => {
  it('takes equal numbers only', () => {
    expect(compare('lost', 0, 0)).toEqual({ check: 'lost', expected: '0', measured: '0', passed: true });
    expect(compare('lost', 0, 1)).toMatchObject({ measured: '1', passed: false });
  });

  it('finds an outcome that is missing, and one that was not sent', () => {
    const expected = countEvents([click, click, head, view]);
    expect(expected).toEqual({ clicks: 2, 'x.head': 1, views: 1 });
    const checks = compareCounters('counters', expected, { clicks: 2, views: 1, 'x.bot': 1, 'c.AT': 2, 'm.05': 2 });
    expect(checks.filter(({ passed }) => !passed)).toEqual([
      { check: 'counters: bot', expected: '0', measured: '1', passed: false },
      { check: 'counters: head', expected: '1', measured: '0', passed: false },
    ]);
    expect(compareTotals('link', expected, { clicks: 1, 'd.mobile': 1 })).toMatchObject({
      expected: '2 clicks, 1 views, 1 head',
      measured: '1 clicks',
      passed: false,
    });
  });

  it('tells two rules of one outcome apart, whatever settle has put behind them', () => {
    const repeated = { ...click, outcome: 'duplicate', rule: 'settle.duplicate' } as const;
    const rows = [row(click, 1), row({ ...repeated, rule: 'settle.duplicate.id|counted|counted' }, 1)];
    expect(compareRules('lake', [click, repeated], rows)).toEqual([
      { check: 'lake: link_click, counted', expected: '1', measured: '1', passed: true },
      { check: 'lake: link_click, duplicate by settle.duplicate', expected: '1', measured: '0', passed: false },
      { check: 'lake: link_click, duplicate by settle.duplicate.id', expected: '0', measured: '1', passed: false },
    ]);
  });

  it('counts what the queue delivered twice', () => {
    expect(countRepeats([row(click, 3, 1), row(head, 1), row(click, 1, 2)])).toEqual({ clicks: 3, 'x.head': 0 });
  });
});

describe('the population', () => {
  const names = ['page', 'name', 'open-rest', 'origin', 'target', 'long', ...linkRoles];
  const visits = readPopulation(Object.fromEntries(names.map((name) => [name, `a-${name}`])));

  it('leaves no placeholder, and uses every link', () => {
    expect(JSON.stringify(visits)).not.toMatch(/\{[a-z-]+\}/);
    expect(new Set(visits.flatMap(({ events }) => events.flatMap(({ of }) => of ?? [])))).toEqual(new Set(linkRoles));
  });

  it('has an event of each outcome once its hour is settled', () => {
    const events = decideAll(
      visits.flatMap((visit) => visit.events),
      true,
    );
    expect(Object.keys(countEvents(events)).toSorted()).toEqual([
      'clicks',
      'customs',
      'views',
      'x.bot',
      'x.disabled',
      'x.duplicate',
      'x.expired',
      'x.failed',
      'x.head',
      'x.prefetch',
      'x.preview',
      'x.refused',
    ]);
  });
});

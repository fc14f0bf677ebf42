import { expect, it } from 'vitest';
import { buildEventCounts } from './event-counts.ts';
import type { TopLists } from './top-lists.ts';

type Lists = TopLists['lists'];

function day(lists: Lists): { lists: Lists } {
  return { lists };
}

it('adds up dates, by name and kind', () => {
  const monday = day({
    event: [
      ['purchase\tsale', 3, 2],
      ['video\tplayed\t', 1, 1],
    ],
    revenue: [
      ['purchase\tsale\tEUR', 2, 4000],
      ['purchase\tsale\tJPY', 1, 500],
    ],
  });
  const tuesday = day({
    event: [
      ['purchase\tsale', 1, 1],
      ['purchase\trefund', 1, 0],
    ],
    revenue: [
      ['purchase\tsale\tEUR', 1, 5],
      ['purchase\trefund\tEUR', 1, -4000],
    ],
  });
  expect(buildEventCounts([monday, day({}), tuesday], 10)).toEqual([
    {
      event: 'purchase',
      kind: 'sale',
      count: 4,
      visitors: 3,
      rate: 0.3,
      revenue: [
        { currency: 'EUR', amount: '40.05' },
        { currency: 'JPY', amount: '500' },
      ],
    },
    {
      event: 'purchase',
      kind: 'refund',
      count: 1,
      visitors: 0,
      rate: null,
      revenue: [{ currency: 'EUR', amount: '-40.00' }],
    },
    { event: 'video\tplayed', kind: null, count: 1, visitors: 1, rate: 0.1, revenue: [] },
  ]);
});

it('has no rate without all visitors, and no amount that is not exact', () => {
  const days = [day({ event: [['x\tsale', 1, 1]], revenue: [['x\tsale\tEUR', 1, 2 ** 53]] })];
  for (const visitors of [null, 0])
    expect(buildEventCounts(days, visitors)).toEqual([
      { event: 'x', kind: 'sale', count: 1, visitors: 1, rate: null, revenue: [{ currency: 'EUR', amount: null }] },
    ]);
});

it('is as long as asked for, and knows currencies only', () => {
  const names = Array.from({ length: 101 }, (_, at): [string, number, number] => [`e${at}\t`, 1, 0]);
  expect(buildEventCounts([day({ event: names })], 1)).toHaveLength(100);
  const odd = day({ event: [['constructor\t__proto__', 1, 0]], revenue: [['constructor\t__proto__\tXYZ', 1, 1]] });
  expect(buildEventCounts([odd], 1)).toMatchObject([{ event: 'constructor', kind: null, revenue: [] }]);
});

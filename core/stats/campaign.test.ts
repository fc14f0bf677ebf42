import { describe, expect, it } from 'vitest';
import { addTraffic, costPerClick, evenPaceOf, shareOfBots, sumCampaignDays, sumCampaignHours } from './campaign.ts';

const ada = {
  page: '/ada',
  days: [
    {
      date: '2026-11-01',
      numbers: {
        clicks: 5,
        visitors: 3,
        first: 1_000,
        last: 2_000,
        'l.a': 4,
        'l.b': 1,
        'c.AT': 5,
        'd.mobile': 4,
        'x.bot': 2,
      },
    },
    {
      date: '2026-11-02',
      numbers: {
        clicks: 2,
        visitors: 2,
        first: 3_000,
        last: 3_500,
        'l.b': 2,
        'r.social': 1,
        'g.sale': 1,
        'g.EUR': 999,
      },
    },
    { date: '2026-11-03', numbers: { clicks: 0, visitors: 0, 'x.bot': 4 } },
  ],
};
const zoe = {
  page: '/zoe',
  days: [{ date: '2026-11-02', numbers: { clicks: 1, visitors: 1, first: 2_500, last: 2_500, 'l.z': 1 } }],
};

describe('settled dates of a campaign', () => {
  it('add up over pages by date, link and value', () => {
    expect(sumCampaignDays([ada, zoe])).toEqual({
      days: [
        { date: '2026-11-01', clicks: 5, visitors: 3 },
        { date: '2026-11-02', clicks: 3, visitors: 3 },
        { date: '2026-11-03', clicks: 0, visitors: 0 },
      ],
      links: [
        { id: 'a', page: '/ada', clicks: 4 },
        { id: 'b', page: '/ada', clicks: 3 },
        { id: 'z', page: '/zoe', clicks: 1 },
      ],
      breakdowns: {
        referrer: [{ value: 'social', clicks: 1 }],
        country: [{ value: 'AT', clicks: 5 }],
        device: [{ value: 'mobile', clicks: 4 }],
      },
      notCounted: { bot: 6 },
      conversions: { sale: 1, EUR: 999 },
      first: 1_000_000,
      last: 3_500_000,
    });
  });

  it('are nothing without pages', () => {
    expect(sumCampaignDays([])).toMatchObject({ days: [], links: [], first: null, last: null });
  });
});

describe('the dates since', () => {
  const hours = [
    { hour: '2026-11-02T23+01:00', hot: { clicks: 9, 'c.AT': 9 }, final: { clicks: 2, 'c.DE': 2 } },
    { hour: '2026-11-03T00+01:00', hot: { clicks: 1 }, final: undefined },
    { hour: '2026-11-03T01+01:00', hot: { clicks: 0, 'x.bot': 3 }, final: undefined },
  ];
  const open = sumCampaignHours([{ id: 'a', page: '/ada', hours }]);

  it('have no visitors yet, and final counters where an hour is settled', () => {
    expect(open).toMatchObject({
      days: [
        { date: '2026-11-02', clicks: 2, visitors: null },
        { date: '2026-11-03', clicks: 1, visitors: null },
      ],
      links: [{ id: 'a', page: '/ada', clicks: 3 }],
      breakdowns: { country: [{ value: 'DE', clicks: 2 }] },
      first: Date.parse('2026-11-02T22:00:00Z'),
      last: Date.parse('2026-11-02T23:00:00Z'),
    });
  });

  it('add up with the settled ones; a date that is settled on some pages only has no visitors', () => {
    const all = addTraffic(sumCampaignDays([ada]), open);
    expect(all.days).toEqual([
      { date: '2026-11-01', clicks: 5, visitors: 3 },
      { date: '2026-11-02', clicks: 4, visitors: null },
      { date: '2026-11-03', clicks: 1, visitors: null },
    ]);
    expect(all.links[0]).toEqual({ id: 'a', page: '/ada', clicks: 7 });
    expect(all.first).toBe(1_000_000);
    expect(all.conversions).toEqual({ sale: 1, EUR: 999 });
  });
});

it('a click costs the budget by the clicks, and nothing is known without one', () => {
  expect(costPerClick(50_000, 3)).toBe(16_666.67);
  expect(costPerClick(0, 3)).toBe(0);
  expect(costPerClick(50_000, 0)).toBeNull();
});

it('the share of robots is that of all requests', () => {
  expect(shareOfBots(1, 3)).toBe(0.25);
  expect(shareOfBots(1, 0)).toBe(1);
  expect(shareOfBots(0, 0)).toBeNull();
});

it.each([
  [111, 'ahead'],
  [110, 'on'],
  [90, 'on'],
  [89, 'behind'],
])('%i of 100 that were to be expected is %s', (value, pace) => {
  expect(evenPaceOf({ value, target: 400, elapsed: 0.25 })).toEqual({ expected: 100, share: value / 400, pace });
});

it('a campaign that has not begun is on pace', () => {
  expect(evenPaceOf({ value: 0, target: 400, elapsed: 0 }).pace).toBe('on');
});

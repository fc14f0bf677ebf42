import { describe, expect, it } from 'vitest';
import { campaignSchema } from '#schemas/api/insights/campaigns.ts';
import { emptyDraft, stepOf, toChange, toDraft } from './campaign-draft.ts';

const campaign = campaignSchema.parse({
  id: 'c1',
  page: '/ada',
  agency: null,
  name: 'Spring',
  label: 'spring',
  from: '2026-11-01',
  to: '2026-11-30',
  utm: { utm_source: 'bio', ref: 'ada' },
  budget: { minor: 1_234_500, currency: 'EUR' },
  goal: { of: 'conversions', target: 20 },
  metric: 'm1',
  note: 'a\nb',
  public: true,
  partial: false,
  createdAt: '2026-11-01T00:00:00Z',
  updatedAt: '2026-11-01T00:00:00Z',
});

/** Of its metric. */
const format = { unit: 'money', currency: 'EUR' } as const;

describe('a draft', () => {
  it('of a campaign gives the same campaign', () => {
    const { name, label, from, to, utm, budget, goal, metric, note } = campaign;
    const whole = { name, label, from, to, utm, budget, goal, metric, note, public: true };
    expect(toChange(toDraft(campaign, format))).toEqual(whole);
  });

  it('has exact amounts in the units of each currency', () => {
    const draft = toDraft(campaign, format);
    expect(draft.amount).toBe('12345.00');
    expect(toChange({ ...draft, amount: '0.1', currency: 'KWD' }).budget).toEqual({ minor: 100, currency: 'KWD' });
    expect(toChange({ ...draft, amount: '500', currency: 'JPY' }).budget).toEqual({ minor: 500, currency: 'JPY' });
    expect([stepOf('EUR'), stepOf('JPY'), stepOf('KWD')]).toEqual(['0.01', '1', '0.001']);
  });

  it('has a goal of its metric in the unit that is shown', () => {
    const draft = toDraft({ ...campaign, goal: { of: 'metric', target: 125_050 } }, format);
    expect(draft.target).toBe('1250.5');
    expect(toChange(draft).goal).toEqual({ of: 'metric', target: 125_050 });
    const share = { ...draft, format: { unit: 'percent', currency: null }, target: '4.5' } as const;
    expect(toChange(share).goal).toEqual({ of: 'metric', target: 0.045 });
  });

  it('that is empty has no budget, goal and parameters', () => {
    const draft = { ...emptyDraft('2026-11-22', '2026-12-21'), name: 'x', label: 'x' };
    expect(toChange(draft)).toMatchObject({
      budget: null,
      goal: null,
      metric: null,
      utm: {},
      from: '2026-11-22',
      to: '2026-12-21',
    });
  });

  it('with an amount that is none is refused by the API', () => {
    expect(toChange({ ...toDraft(campaign, format), amount: 'a lot' }).budget).toEqual({ minor: -1, currency: 'EUR' });
    expect(toChange({ ...toDraft(campaign, format), currency: 'XXX' }).budget).toEqual({ minor: 0, currency: 'XXX' });
  });
});

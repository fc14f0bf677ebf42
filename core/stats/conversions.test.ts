import { expect, it } from 'vitest';
import { buildConversions } from './conversions.ts';

function of(...numbers: Record<string, number>[]) {
  return { days: numbers.map((each) => ({ date: '2026-11-22', numbers: each })), hours: [] };
}

it('counts conversions by kind, and never adds up currencies', () => {
  const counters = of(
    { 'g.sale': 2, 'g.EUR': 2998, 'g.JPY': 500, 'g.lead': 3, views: 9 },
    { 'g.sale': 1, 'g.refund': 1, 'g.EUR': -998, 'g.USD': -5 },
  );
  expect(buildConversions(counters, 10)).toEqual({
    kinds: [
      { kind: 'lead', count: 3, rate: 0.3 },
      { kind: 'sale', count: 3, rate: 0.3 },
      { kind: 'refund', count: 1, rate: 0.1 },
    ],
    revenue: [
      { currency: 'EUR', amount: '20.00' },
      { currency: 'JPY', amount: '500' },
      { currency: 'USD', amount: '-0.05' },
    ],
  });
});

it('has no rate without visits, nor one above 100%, and no amount that is not exact', () => {
  const counters = of({ 'g.sale': 2, 'g.EUR': 2 ** 53 });
  expect(buildConversions(counters, 0)).toEqual({
    kinds: [{ kind: 'sale', count: 2, rate: null }],
    revenue: [{ currency: 'EUR', amount: null }],
  });
  expect(buildConversions(counters, 1).kinds[0]?.rate).toBeNull();
  expect(buildConversions(counters, 2).kinds[0]?.rate).toBe(1);
});

it('is empty without conversions', () => {
  expect(buildConversions(of({ views: 5, customs: 2 }), 5)).toEqual({ kinds: [], revenue: [] });
});

import { describe, expect, it } from 'vitest';
import { decimalsOf, formatAmount, largestAmount, readCurrency, readMoney } from './money.ts';

describe('an amount', () => {
  it.each([
    [19.99, 'EUR', 1999],
    ['19.99', 'eur', 1999],
    [' 20 ', ' usd ', 2000],
    [0.1 + 0.2, 'EUR', 30],
    ['0.005', 'EUR', 1],
    ['0.0049', 'EUR', 0],
    ['-0.005', 'EUR', -1],
    [-5, 'EUR', -500],
    [500, 'JPY', 500],
    ['500.4', 'JPY', 500],
    ['1.2345', 'KWD', 1235],
    ['1.23456', 'CLF', 12_346],
    [1e-7, 'EUR', 0],
    ['1e3', 'EUR', 100_000],
    [0, 'EUR', 0],
    ['-0', 'EUR', 0],
    [largestAmount / 100, 'EUR', largestAmount],
    [-largestAmount, 'JPY', -largestAmount],
  ])('of %s %s is %i in smallest units', (amount, currency, minor) => {
    expect(readMoney(amount, currency)).toEqual({ minor, currency: currency.trim().toUpperCase() });
  });

  it.each([
    ['NaN', 'EUR'],
    [Number.NaN, 'EUR'],
    [Number.POSITIVE_INFINITY, 'EUR'],
    ['12,50', 'EUR'],
    ['$12', 'USD'],
    ['', 'EUR'],
    [null, 'EUR'],
    [undefined, 'EUR'],
    [true, 'EUR'],
    [[1], 'EUR'],
    [{}, 'EUR'],
    ['1'.repeat(31), 'EUR'],
    [1e300, 'EUR'],
    ['1e999', 'EUR'],
    [largestAmount / 100 + 0.01, 'EUR'],
    [12, undefined],
    [12, ''],
    [12, 'EURO'],
    [12, 'XXX'],
    [12, 978],
  ])('of %s %s is none', (amount, currency) => {
    expect(readMoney(amount, currency)).toBeUndefined();
  });

  it.each([
    [1999, 'EUR', '19.99'],
    [5, 'EUR', '0.05'],
    [-5, 'EUR', '-0.05'],
    [0, 'EUR', '0.00'],
    [500, 'JPY', '500'],
    [1235, 'KWD', '1.235'],
  ])('%i of %s is written %s', (minor, currency, text) => {
    expect(formatAmount({ minor, currency })).toBe(text);
  });
});

it('the decimals of a currency are those of ISO 4217, which the browser rounds for use for some', () => {
  const known = Intl.supportedValuesOf('currency').filter((code) => readCurrency(code) !== undefined);
  expect(known.length).toBeGreaterThan(150);
  const shown = known.filter((code) => {
    const { maximumFractionDigits } = new Intl.NumberFormat('en', {
      style: 'currency',
      currency: code,
    }).resolvedOptions();
    return maximumFractionDigits !== undefined && maximumFractionDigits > decimalsOf(code);
  });
  expect(shown).toEqual([]);
});

import { expect, it } from 'vitest';
import { conversionOf, signedAmount } from './conversions.ts';

it.each([
  ['Order Completed', 1999, 'sale'],
  ['Order Completed', undefined, 'sale'],
  ['Completed Order', undefined, 'sale'],
  ['purchase', 1999, 'sale'],
  ['$purchase', 1999, 'sale'],
  ['sale', -5, 'refund'],
  ['donation', 500, 'sale'],
  ['donation', -500, 'refund'],
  ['donation', undefined, null],
  ['Order Refunded', 1999, 'refund'],
  ['refund', undefined, 'refund'],
  ['lead', undefined, 'lead'],
  ['Signed Up', undefined, 'lead'],
  ['sign_up', 1000, 'lead'],
  ['Product Added', undefined, 'cart'],
  ['add_to_cart', 1999, 'cart'],
  ['view_item', 1999, null],
  ['Order Cancelled', 1999, null],
  ['constructor', undefined, null],
  ['', 5, 'sale'],
])('%s with the amount %s is %s', (name, minor, kind) => {
  expect(conversionOf(name, minor)).toBe(kind);
});

it('the amount of a refund is negative, whichever way it was sent', () => {
  expect([
    signedAmount('refund', 5),
    signedAmount('refund', -5),
    signedAmount('sale', 5),
    signedAmount(null, -5),
  ]).toEqual([-5, -5, 5, -5]);
});

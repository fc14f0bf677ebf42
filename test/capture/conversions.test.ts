import { describe, expect, it } from 'vitest';
import { largestAmount } from '#core/money.ts';
import type { EventRow } from '#schemas/event.ts';
import { startCapture } from './edge.ts';

const at = Date.parse('2026-11-28T14:00:00Z');
const origin = 'http://creator.test:18920';
const headers = { origin, 'user-agent': 'Mozilla/5.0 Firefox/140.0', accept: '*/*', 'accept-language': 'de-AT' };

async function post(path: string, body: unknown) {
  const { send } = startCapture({ origins: [origin] });
  return send({ method: 'POST', path, query: 'p=%2Fada', headers, body: Buffer.from(JSON.stringify(body)), at });
}

function shown(rows: readonly EventRow[]) {
  return rows.map(({ outcome, event_name, conversion, value_minor, currency }) => [
    outcome,
    event_name,
    conversion,
    value_minor === null ? null : Number(value_minor),
    currency,
  ]);
}

describe('an event of the own API', () => {
  const event = { page: '/ada', type: 'custom', name: 'Tip' };

  it.each([
    [{ value: 19.99, currency: 'EUR' }, ['counted', 'Tip', 'sale', 1999, 'EUR']],
    [{ value: '19.99', currency: 'eur' }, ['counted', 'Tip', 'sale', 1999, 'EUR']],
    [{ properties: { value: 5, currency: 'JPY' } }, ['counted', 'Tip', 'sale', 5, 'JPY']],
    [{ name: 'refund', value: 1.234, currency: 'KWD' }, ['counted', 'refund', 'refund', -1234, 'KWD']],
    [{ name: 'sale', value: -5, currency: 'USD' }, ['counted', 'sale', 'refund', -500, 'USD']],
    [{ name: 'lead' }, ['counted', 'lead', 'lead', null, null]],
    [{}, ['counted', 'Tip', null, null, null]],
    [{ properties: { value: 5 } }, ['counted', 'Tip', null, null, null]],
    [{ properties: { value: 'NaN', currency: 'EUR' } }, ['counted', 'Tip', null, null, null]],
    [{ type: 'page_view', value: 5, currency: 'EUR' }, ['counted', null, null, null, null]],
  ])('with %j is %j', async (fields, row) => {
    const { response, rows } = await post('/e', { ...event, ...fields });
    expect(response.statusCode).toBe(204);
    expect(shown(rows)).toEqual([row]);
  });

  it.each([
    [{ value: 5 }, 'currency'],
    [{ value: 5, currency: 'EURO' }, 'currency'],
    [{ currency: 'XXX' }, 'currency'],
    [{ value: '12,50', currency: 'EUR' }, 'value'],
    [{ value: 'NaN', currency: 'EUR' }, 'value'],
    [{ value: largestAmount / 100 + 1, currency: 'EUR' }, 'value'],
    [{ value: true, currency: 'EUR' }, 'value'],
  ])('with %j fails by the field %s', async (fields, field) => {
    const { response, rows } = await post('/e', { ...event, ...fields });
    expect(response.statusCode).toBe(400);
    expect(JSON.parse(response.body ?? '').error).toMatchObject({ rule: `invalid.${field}`, field });
    expect(rows.map(({ outcome }) => outcome)).toEqual(['failed']);
  });
});

it.each([
  ['/v1/t', { type: 'track', event: 'Order Completed', properties: { revenue: 25, total: 30, currency: 'USD' } }, 2500],
  ['/v1/t', { type: 'track', event: 'Order Completed', properties: { total: '30.00', currency: 'USD' } }, 3000],
  ['/e/', { event: 'purchase', properties: { value: 25, currency: 'USD' } }, 2500],
  ['/api/event', { n: 'Donation', $: { amount: '25.00', currency: 'USD' } }, 2500],
  ['/api/event', { name: 'Donation', revenue: '{"amount":25,"currency":"USD"}' }, 2500],
  ['/api/send', { type: 'event', payload: { name: 'checkout', data: { revenue: 25, currency: 'USD' } } }, 2500],
  [
    '/2/httpapi',
    { events: [{ event_type: 'revenue_amount', event_properties: { $price: 5, $quantity: 5, $currency: 'USD' } }] },
    2500,
  ],
])('%s: %j is a sale', async (path, body, minor) => {
  const { rows } = await post(`/e/ada${path}`, body);
  expect(rows).toMatchObject([{ outcome: 'counted', conversion: 'sale', value_minor: BigInt(minor), currency: 'USD' }]);
});

it('an amount is read of properties that are cut', async () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, index]));
  const { rows } = await post('/e/ada/e/', { event: 'sale', properties: { ...many, value: 1, currency: 'EUR' } });
  expect(rows).toMatchObject([{ conversion: 'sale', value_minor: 100n }]);
});

it('two sales of another amount within seconds are no repeat, and the same sale is one', async () => {
  const { send } = startCapture({ origins: [origin] });
  const keys = [];
  for (const amount of ['1', '2', '1']) {
    const body = Buffer.from(JSON.stringify({ n: 'Tip', u: `${origin}/`, $: { amount, currency: 'EUR' } }));
    const { rows } = await send({ method: 'POST', path: '/e/ada/api/event', headers, body, at });
    keys.push(rows[0]?.repeat_key);
  }
  expect(keys[0]).not.toBe(keys[1]);
  expect(keys[0]).toBe(keys[2]);
});

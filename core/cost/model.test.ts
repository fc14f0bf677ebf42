import { fc } from '#test/property.ts';
import { describe, expect, test } from 'vitest';
import { measured } from './measured.ts';
import { componentNames, hourOfTraffic, monthlyBill, refusedBill } from './model.ts';
import { dollars, prices } from './prices.ts';
import { pollersOf } from './stack-shape.ts';
import { zipfShares } from './traffic.ts';
import { usualWorkload } from './workload.ts';

function bill(clicks: number, changes: Partial<ReturnType<typeof usualWorkload>> = {}) {
  return monthlyBill({ ...usualWorkload(clicks), ...changes });
}

test('dollars multiplies by the unit of the price', () => {
  expect(dollars('cloudFrontRequests', 1e6)).toBe(1);
  expect(dollars('s3Puts', 2000)).toBeCloseTo(0.01);
  expect(dollars('athenaScanned', 10e6 / 1e12)).toBeCloseTo(5e-5);
});

describe('a bill', () => {
  test('is the sum of its components, none negative, at any workload', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (clicks, links, swing) => {
          const { components, total } = bill(clicks, { links, swing, pages: 10 });
          const costs = componentNames.map((name) => components[name]);
          expect(costs.every((cost) => Number.isFinite(cost) && cost >= 0)).toBe(true);
          expect(costs.reduce((sum, cost) => sum + cost, 0)).toBeCloseTo(total);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('costs less per click with more clicks', () => {
    const perMillion = [1e6, 1e7, 1e8].map((clicks) => (bill(clicks).total / clicks) * 1e6);
    expect(perMillion).toEqual([...perMillion].sort((a, b) => b - a));
  });

  test('is linear in clicks at the edge, with a constant fixed part', () => {
    const [small, large] = [bill(1e6).components, bill(1e8).components];
    expect(large.CloudFront).toBeCloseTo(100 * small.CloudFront);
    expect(large.canary).toBe(small.canary);
  });

  test('follows the published formula for a million clicks at the edge', () => {
    const { components } = bill(1e6);
    // 25 ms at 0.5 GB: 0.20 + 1000 · 25 · 0.5 · 1.33334e-5
    expect(components['redirect function']).toBeCloseTo(0.2 + 1000 * 25 * 0.5 * 1.33334e-5);
  });

  test('is lower with fewer pollers, which fill larger batches', () => {
    const [five, two] = [bill(1e6, { pollers: 5 }), bill(1e6, { pollers: 2 })];
    expect(two.derived.clicksPerBatch).toBeGreaterThan(1.5 * five.derived.clicksPerBatch);
    for (const name of ['queues', 'DynamoDB writes', 'S3 requests', 'settle'] as const)
      expect(two.components[name]).toBeLessThan(five.components[name]);
  });

  test('has fewer writes for a viral link than for clicks spread over all links', () => {
    const [viral, spread] = [bill(1e8, { linkExponent: 2 }), bill(1e8, { linkExponent: 0 })];
    expect(viral.components['DynamoDB writes']).toBeLessThan(spread.components['DynamoDB writes']);
  });

  test('has $5 for a web ACL, $1 for each of its rules and $0.60 per million requests, only if one is set', () => {
    const [without, small, large] = [bill(1e6), bill(1e6, { webAcl: true }), bill(2e6, { webAcl: true })];
    expect(without.components['web ACL']).toBe(0);
    expect(small.components['web ACL']).toBeGreaterThan(8.6);
    expect(large.components['web ACL'] - small.components['web ACL']).toBeCloseTo(0.6);
    expect(small.total - without.total).toBeCloseTo(small.components['web ACL']);
  });

  test('says what refused requests cost: an event each, or a log line', () => {
    const { link, event } = refusedBill(usualWorkload(1e7));
    expect(link.kept).toBeGreaterThan(3.5);
    expect(link.counted).toBeLessThan(1.65);
    expect(event.counted - link.counted).toBeCloseTo(1);
    expect(event.kept - link.kept).toBeCloseTo(1);
  });

  test('changes only in storage with the months kept', () => {
    const [year, years] = [bill(1e8), bill(1e8, { monthsKept: 60 })];
    expect(years.components['S3 storage']).toBeGreaterThan(year.components['S3 storage']);
    expect(years.total - year.total).toBeCloseTo(years.components['S3 storage'] - year.components['S3 storage']);
  });
});

describe('viewers', () => {
  const components = ['dashboard and API', 'sign-in (Cognito)', 'alert and forecast jobs', 'mails'] as const;

  test('cost the same for any number of clicks', () => {
    for (const name of components) expect(bill(1e8).components[name]).toBe(bill(1e6).components[name]);
  });

  test('cost nothing at the dashboard without visits, and twice as much with twice as many', () => {
    const [nobody, some, more] = [0, 100, 200].map((viewers) => bill(1e6, { viewers }).components);
    expect(nobody?.['dashboard and API']).toBe(0);
    expect(nobody?.['sign-in (Cognito)']).toBe(0);
    expect(more?.['dashboard and API']).toBeCloseTo(2 * (some?.['dashboard and API'] ?? 0));
    // 100 monthly active users at $0.015.
    expect(some?.['sign-in (Cognito)']).toBeCloseTo(1.5);
  });

  test('get a summary a week and one a month each through SES', () => {
    const [few, many] = [100, 1100].map((viewers) => bill(1e6, { viewers }).components.mails);
    // 1,000 more viewers: 5,343 mails at $0.10 per thousand, and 12 write units each at $0.625 per million.
    expect((many ?? 0) - (few ?? 0)).toBeCloseTo(1000 * (30.4 / 7 + 1) * (0.0001 + 12 * 0.000000625), 5);
  });

  test('jobs grow with pages', () => {
    const [few, many] = [100, 2000].map((pages) => bill(1e6, { pages }).components['alert and forecast jobs']);
    expect(many).toBeGreaterThan(5 * (few ?? 0));
  });
});

describe('an hour of traffic', () => {
  const shares = { links: [1], pages: [1] };

  test('one link on one page: a group updates link, page and stack, and claims its files', () => {
    const hour = hourOfTraffic(1000, shares, pollersOf(20));
    expect(hour.itemsPerGroup).toBeCloseTo(3);
    expect(hour.transactionsPerGroup).toBe(1);
    expect(hour.storedBytesPerGroup).toBe(0);
    // Link and stack of up to 1 KB, a page's item that may be larger, and the claims; doubled by the transaction.
    expect(hour.writeUnitsPerGroup).toBeCloseTo(2 * (2 + measured.pageItemUnits + hour.filesPerGroup));
  });

  test('a lone click is a group of its own', () => {
    const hour = hourOfTraffic(1e-6, shares, pollersOf(20));
    expect(hour.filesPerGroup).toBeCloseTo(1);
    expect(hour.groupRate).toBeCloseTo(1e-6);
  });

  test('more items than fit into one transaction are stored for the next ones', () => {
    const hour = hourOfTraffic(1e6, { ...shares, links: zipfShares(200, 0) }, pollersOf(20));
    expect(hour.filesPerGroup).toBe(75);
    expect(hour.itemsPerGroup).toBeCloseTo(202);
    expect(hour.transactionsPerGroup).toBe(3);
    expect(hour.storedBytesPerGroup).toBeCloseTo((202 - (100 - 75 - 2)) * measured.storedBytesPerItem);
  });

  test('the fresher, the more groups, files and writes', () => {
    const [fresh, usual, slow] = [5, 20, 60].map((seconds) => hourOfTraffic(100, shares, pollersOf(seconds)));
    expect(fresh?.groupRate).toBeGreaterThan(usual?.groupRate ?? 0);
    expect(usual?.groupRate).toBeGreaterThan(slow?.groupRate ?? 0);
  });
});

test('every price has a unit and is above zero', () => {
  for (const price of Object.values(prices)) {
    expect(price.dollars).toBeGreaterThan(0);
    expect(price.unit).not.toBe('');
  }
});

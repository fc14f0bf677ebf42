import { describe, expect, it } from 'vitest';
import { dayLength } from '#core/time.ts';
import { clickMessageSchema } from '#schemas/click-message.ts';
import { demoPages } from './demo-pages.ts';
import { generateTraffic } from './demo-traffic.ts';

const end = Date.parse('2026-11-29T15:00:00Z');
const pages = demoPages.map((page) => ({
  page,
  links: page.links.map(({ code, url, title, campaign }) => ({ id: `${code}-id`, code, url, title, campaign })),
}));

function generate(days = 30) {
  return [...generateTraffic(pages, { end, days })];
}

describe('the traffic of the demo', () => {
  const hours = generate();
  const messages = hours.flatMap((hour) => hour.messages);

  function visits(path: string, daysAgo: number): number {
    const from = end - (daysAgo + 1) * dayLength;
    return messages.filter(
      ({ page, occurredAt }) => page === path && occurredAt >= from && occurredAt < from + dayLength,
    ).length;
  }

  it('is a month of valid messages, each in its hour and with an id of its own', () => {
    expect(hours).toHaveLength(30 * 24);
    for (const { start, messages: own } of hours)
      for (const message of own) {
        expect(clickMessageSchema.parse(message)).toEqual(message);
        expect(Math.floor(message.occurredAt / 3_600_000) * 3_600_000).toBe(start);
      }
    expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
    expect(messages.length).toBeGreaterThan(30_000);
  });

  it('is the same every time', () => {
    expect(generate(2)).toEqual(generate(2));
  });

  it('has an outage of the bakery, and a peak of the travel page', () => {
    expect(visits('/demo-bakery', 7)).toBeLessThan(0.6 * visits('/demo-bakery', 14));
    expect(visits('/demo-travel', 4)).toBeGreaterThan(2 * visits('/demo-travel', 11));
  });

  it('has members of the plant shop, many of whom come back on another day', () => {
    const days = new Map<string, Set<number>>();
    for (const { page, consentedId, occurredAt } of messages) {
      if (consentedId === null) continue;
      expect(page).toBe('/demo-plants');
      days.set(consentedId, (days.get(consentedId) ?? new Set()).add(Math.floor(occurredAt / dayLength)));
    }
    expect(days.size).toBeGreaterThan(100);
    expect([...days.values()].filter(({ size }) => size > 1).length).toBeGreaterThan(50);
  });

  it('has leads and sales on the sites, some of them after a click on a link', () => {
    const customs = messages.filter(({ type }) => type === 'custom');
    function named(name: string): typeof customs {
      return customs.filter(({ properties }) => properties?.['name'] === name);
    }
    for (const name of ['Signed Up', 'Order Completed', 'add_to_cart', 'purchase', 'refund'])
      expect(named(name).length, name).toBeGreaterThan(5);
    expect(named('refund').length).toBeLessThan(named('purchase').length / 10);
    expect(named('purchase').every(({ money }) => money?.currency === 'EUR' && money.minor > 0)).toBe(true);
    const followed = new Set(messages.filter(({ link }) => link !== null).map(({ session }) => session));
    const brought = named('purchase').filter(({ session }) => followed.has(session));
    expect(brought.length).toBeGreaterThan(5);
    expect(brought.length).toBeLessThan(named('purchase').length);
  });

  it('counts no views of a page that only has links', () => {
    expect(new Set(messages.filter(({ page }) => page === '/demo-podcast').map(({ type }) => type))).toEqual(
      new Set(['link_click']),
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recentEventsSchema, type StoredEvent } from '#schemas/api/recent-events.ts';
import { createRecentEvents } from '#stores/cache/recent-events.ts';
import { now, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** What enrich does with the same table. */
function enrich() {
  return createRecentEvents({
    client: world.db.client,
    table: world.db.tables.cache,
    now: () => now,
    process: 'enrich',
  });
}

const posthog: StoredEvent = {
  id: '1',
  occurredAt: now - 3_000,
  receivedAt: now - 3_000,
  type: 'custom',
  name: 'signup',
  link: null,
  sdk: 'posthog',
  outcome: 'refused',
  rule: 'refused.origin',
  country: 'AT',
  device: 'mobile',
  source: null,
};

async function read() {
  const response = await world.ask('ada', 'pages/ada/recent-events');
  expect(response.status).toBe(200);
  return recentEventsSchema.parse(await response.json());
}

describe('recent events', () => {
  it('are asked of enrich by the request that reads them', async () => {
    expect((await read()).events).toEqual([]);
    expect(await enrich().watched()).toEqual(new Set(['/ada']));
  });

  it('say why each has its outcome, and which were sent before', async () => {
    const invalid = {
      ...posthog,
      id: '2',
      rule: 'invalid.occurredAt',
      outcome: 'failed',
      receivedAt: now - 2_000,
    } as const;
    await enrich().put('/ada', [{ ...posthog, receivedAt: now - 1_000 }, invalid, posthog]);
    const { events } = await read();
    expect(events.map(({ rule, meaning, repeated }) => [rule, meaning, repeated])).toEqual([
      ['refused.origin', "The site is not one of the page's origins. Add it in the settings.", true],
      ['invalid.occurredAt', '`occurredAt` could not be read.', false],
      ['refused.origin', "The site is not one of the page's origins. Add it in the settings.", false],
    ]);
    expect(events[2]).toEqual({
      ...posthog,
      id: undefined,
      occurredAt: '2026-11-22T07:29:57.000Z',
      receivedAt: '2026-11-22T07:29:57.000Z',
      meaning: expect.any(String),
      repeated: false,
    });
  });
});

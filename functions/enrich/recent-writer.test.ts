import { describe, expect, it } from 'vitest';
import type { Enriched } from '#core/enrich/enrich-event.ts';
import { recentLimits, type StoredEvent } from '#schemas/api/recent-events.ts';
import type { EventRow } from '#schemas/event.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import { eventRow } from '#test/raw-file.ts';
import { createRecentWriter } from './recent-writer.ts';

function start(watched: string[]) {
  const world = { watched, time: 0, down: false, reads: 0, warnings: 0, puts: [] as [string, StoredEvent[]][] };
  const show = createRecentWriter({
    store: {
      watched: async () => {
        world.reads += 1;
        if (world.down) throw new StoreUnavailable('the cache table is down');
        return new Set(world.watched);
      },
      put: async (page, events) => void world.puts.push([page, [...events]]),
    },
    now: () => world.time,
    warn: () => void (world.warnings += 1),
  });
  return { world, show };
}

function enriched(changes: Partial<EventRow> = {}, sdk: string | null = null): Enriched {
  return { row: eventRow(changes), failure: null, sdk };
}

describe('recent events', () => {
  it('are written for watched pages alone, newest first, without anything about the person', async () => {
    const { world, show } = start(['/ada']);
    await show([
      enriched({ received_at: 1, visitor_id: 7n, city: 'Wien' }),
      enriched({ page_path: '/other', received_at: 2 }),
      enriched({ page_path: null, received_at: 3 }),
      enriched(
        {
          event_id: 5n,
          event_type: 'custom',
          event_name: 'signup',
          properties: '{"name":"signup","properties":{"plan":"pro"}}',
          link_id: 'spring~x81kd03f',
          referrer_host: 'news.example',
          received_at: 4,
        },
        'posthog',
      ),
    ]);
    expect(world.puts.map(([page]) => page)).toEqual(['/ada']);
    const [newest, ...others] = world.puts[0]?.[1] ?? [];
    expect(others).toHaveLength(1);
    expect(newest).toEqual({
      id: '5',
      occurredAt: expect.any(Number),
      receivedAt: 4,
      type: 'custom',
      name: 'signup',
      link: 'spring',
      sdk: 'posthog',
      outcome: 'counted',
      rule: 'counted',
      country: 'US',
      device: 'mobile',
      source: 'news.example',
    });
  });

  it(`are the last ${recentLimits.events}, over any number of batches`, async () => {
    const { world, show } = start(['/ada']);
    for (const batch of [0, 1, 2])
      await show(Array.from({ length: 20 }, (_, at) => enriched({ received_at: batch * 100 + at })));
    const [, events = []] = world.puts.at(-1) ?? [];
    expect(events).toHaveLength(recentLimits.events);
    expect(events.map(({ receivedAt }) => receivedAt)).toEqual([
      ...Array.from({ length: 20 }, (_, at) => 219 - at),
      ...Array.from({ length: 10 }, (_, at) => 119 - at),
    ]);
  });

  it('cost one read every two seconds while nobody watches', async () => {
    const { world, show } = start([]);
    for (world.time = 0; world.time < 4_000; world.time += 100) await show([enriched()]);
    expect(world.reads).toBe(2);
    expect(world.puts).toEqual([]);
  });

  it('of a page that is watched again begin anew', async () => {
    const { world, show } = start(['/ada']);
    await show([enriched({ received_at: 1 })]);
    world.watched = [];
    world.time += 2_000;
    await show([enriched({ received_at: 2 })]);
    world.watched = ['/ada'];
    world.time += 2_000;
    await show([enriched({ received_at: 3 })]);
    expect(world.puts.at(-1)?.[1]?.map(({ receivedAt }) => receivedAt)).toEqual([3]);
  });

  it('pause for ten seconds while their table is down, and never reject', async () => {
    const { world, show } = start(['/ada']);
    world.down = true;
    for (world.time = 0; world.time < 10_000; world.time += 1_000) await show([enriched()]);
    expect([world.reads, world.warnings, world.puts.length]).toEqual([1, 1, 0]);
    world.down = false;
    await show([enriched()]);
    expect(world.puts).toHaveLength(1);
  });
});

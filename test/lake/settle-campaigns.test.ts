import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { settle } from '#jobs/settle/settle.ts';
import { utcDatesAround } from '#core/settle/hours.ts';
import type { EventRow } from '#schemas/event.ts';
import { entityKeys } from '#schemas/counters.ts';
import { createStatsStore } from '#stores/counters/stats.ts';
import { dayCampaigns } from '#stores/lake/lake-queries.ts';
import { eventRow } from '#test/raw-file.ts';
import { startWorld, type World } from './settle-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(['Europe/Vienna', 'Asia/Tokyo']);
});
afterAll(() => world.stop());

let ids = 1n;
function event(at: string, changes: Partial<EventRow> = {}, zone = 'Europe/Vienna'): EventRow {
  const occurred = Date.parse(at);
  const local = localTimeOf(zone, occurred);
  ids += 17n;
  return eventRow({
    event_id: ids,
    occurred_at: occurred,
    received_at: occurred,
    local_hour: local.hour,
    local_date: local.date,
    campaign_id: 'launch',
    ...changes,
  });
}

function order(at: string, visitor: bigint, minor: bigint, changes: Partial<EventRow> = {}): EventRow {
  const sale = {
    event_type: 'custom',
    event_name: 'Order',
    conversion: 'sale',
    value_minor: minor,
    currency: 'EUR',
  } as const;
  return event(at, { link_id: null, campaign_id: null, visitor_id: visitor, ...sale, ...changes });
}

async function days(path: string, label: string, date: string) {
  const stats = createStatsStore({
    client: world.db.client,
    table: world.tables.rollups,
    freshnessSeconds: 20,
    now: Date.now,
  });
  const entity = entityKeys.campaign(path, label);
  const [day] = await stats.days(entity, date, date);
  const [month] = [...((await stats.months([entity], date, date)).get(entity)?.values() ?? [])];
  return { numbers: day?.numbers, month, lists: await stats.topLists(entity, date, date) };
}

/** A label may be any text. */
const odd = "Frühling #1 'ü'\t€";

describe('a settled date', () => {
  it('counts each click for the campaign that its link had then', async () => {
    await world.write([
      event('2026-11-22T06:00:01Z', { visitor_id: 1n }),
      // As an earlier version wrote it.
      event('2026-11-22T06:20:00Z', { visitor_id: 1n, country: null, referrer_class: null, campaign_id: ' Launch' }),
      event('2026-11-22T07:10:00Z', {
        visitor_id: 2n,
        link_id: 'other~aaaaaaaa',
        country: 'AT',
        device_type: 'desktop',
      }),
      event('2026-11-22T07:20:00Z', { visitor_id: 3n, outcome: 'bot', outcome_rule: 'isbot' }),
      event('2026-11-22T07:21:00Z', { visitor_id: 3n, outcome: 'preview', outcome_rule: 'preview' }),
      // The link moves to another campaign at noon.
      event('2026-11-22T11:30:00Z', { visitor_id: 1n, campaign_id: odd }),
      event('2026-11-22T11:40:00Z', { visitor_id: 9n, campaign_id: null, link_id: 'none' }),
      event('2026-11-22T11:50:00Z', { visitor_id: 9n, page_path: '/zoe', link_id: 'zoe' }),
      // Twice, and of the next date.
      ...[0, 1].map(() => ({ ...event('2026-11-22T08:00:00Z', { visitor_id: 4n }), event_id: 5n })),
      event('2026-11-22T23:00:00Z', { visitor_id: 5n }),
      // The 23rd in Tokyo.
      event('2026-11-22T15:30:00Z', { visitor_id: 6n, page_path: '/edo', link_id: 'edo' }, 'Asia/Tokyo'),
      event('2026-11-22T12:00:00Z', { event_type: 'page_view', link_id: null, visitor_id: 7n }),
    ]);
    await settle(world.deps, { time: Date.parse('2026-11-23T02:11:00Z') });
    const launch = await days('/ada', 'launch', '2026-11-22');
    expect(launch.numbers).toEqual({
      clicks: 4,
      visitors: 3,
      first: Date.parse('2026-11-22T06:00:01Z') / 1000,
      last: Date.parse('2026-11-22T08:00:00Z') / 1000,
      'l.k3x9': 3,
      'l.other~aaaaaaaa': 1,
      'c.US': 2,
      'c.AT': 1,
      'd.mobile': 3,
      'd.desktop': 1,
      'r.social': 3,
      'x.bot': 1,
      'x.preview': 1,
    });
    expect(launch.month).toEqual({ views: 0, clicks: 4, visitors: 3, sessions: 0 });
    expect(launch.lists).toEqual([]);
    expect((await days('/ada', odd, '2026-11-22')).numbers).toMatchObject({ clicks: 1, visitors: 1, 'l.k3x9': 1 });
    expect((await days('/zoe', 'launch', '2026-11-22')).numbers).toMatchObject({ clicks: 1, 'l.zoe': 1 });
    expect((await days('/edo', 'launch', '2026-11-22')).numbers).toBeUndefined();
    await settle(world.deps, { time: Date.parse('2026-11-24T02:11:00Z') });
    expect((await days('/edo', 'launch', '2026-11-23')).numbers).toMatchObject({ clicks: 1 });
    expect((await days('/ada', 'launch', '2026-11-23')).numbers).toMatchObject({ clicks: 1, visitors: 1 });
  });

  it('counts conversions for the campaign of the link that a visit clicked last', async () => {
    await world.write([
      event('2026-11-24T08:00:00Z', { visitor_id: 1n }),
      order('2026-11-24T08:05:00Z', 1n, 1_999n),
      event('2026-11-24T08:06:00Z', { visitor_id: 1n, link_id: 'plain', campaign_id: null }),
      order('2026-11-24T08:07:00Z', 1n, 500n),
      event('2026-11-24T08:08:00Z', { visitor_id: 1n, campaign_id: 'LAUNCH' }),
      order('2026-11-24T08:09:00Z', 1n, -999n, { conversion: 'refund' }),
      order('2026-11-24T08:10:00Z', 1n, 1n, { conversion: 'lead', value_minor: null, currency: null }),
      order('2026-11-24T08:11:00Z', 1n, 7n, { outcome: 'bot', outcome_rule: 'isbot' }),
      // Another visit, and a visit without a click.
      order('2026-11-24T10:00:00Z', 1n, 300n),
      order('2026-11-24T08:30:00Z', 2n, 300n),
    ]);
    await settle(world.deps, { time: Date.parse('2026-11-25T02:11:00Z') });
    const { numbers } = await days('/ada', 'launch', '2026-11-24');
    expect(numbers).toMatchObject({ clicks: 2, visitors: 1, 'g.sale': 1, 'g.refund': 1, 'g.lead': 1, 'g.EUR': 1_000 });
  });

  it('is written again after a late event, and becomes zero when no click is left', async () => {
    await world.write([event('2026-11-22T06:30:00Z', { visitor_id: 8n })]);
    await settle(world.deps, { time: Date.parse('2026-11-25T03:11:00Z') });
    expect((await days('/ada', 'launch', '2026-11-22')).numbers).toMatchObject({ clicks: 5, visitors: 4 });
    const rule = {
      id: '0'.repeat(26),
      page: '/ada',
      field: 'browser',
      value: 'Safari',
      outcome: 'bot',
      state: 'pending',
    } as const;
    await world.deps.state.putRule(rule);
    await settle(world.deps, { time: Date.parse('2026-11-25T04:11:00Z') });
    const { numbers, month } = await days('/ada', 'launch', '2026-11-22');
    expect(numbers).toEqual({ 'x.bot': 7 });
    expect(month).toMatchObject({ clicks: 0, visitors: 0 });
  });

  it('names the links with the most clicks', async () => {
    const clicks = [3, 1, 2].flatMap((count, link) =>
      Array.from({ length: count }, (_, at) =>
        event(`2026-11-25T0${link + 1}:0${at}:00Z`, { page_path: '/many', link_id: `m${link}`, visitor_id: ids }),
      ),
    );
    await world.write(clicks);
    await settle(world.deps, { time: Date.parse('2026-11-26T02:11:00Z') });
    async function links(longest: number) {
      const date = '2026-11-25';
      const { rows } = await world.deps.athena.rows(dayCampaigns, { ...utcDatesAround(date), date, longest });
      return rows
        .filter(({ entity, name }) => entity === 'campaign#/many#launch' && name.startsWith('l.'))
        .map(({ name }) => name);
    }
    expect(await links(3)).toEqual(['l.m0', 'l.m1', 'l.m2']);
    expect(await links(2)).toEqual(['l.m0', 'l.m2']);
  });
});

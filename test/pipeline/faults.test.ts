import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareHour } from '#core/ledger/report.ts';
import { entityKeys } from '#schemas/counters.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import type { KillSchedule } from '#local/fault-injection/event-faults.ts';
import type { KillPoint } from '#local/functions/kill-points.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import {
  announcedIds,
  click,
  countReceived,
  hotNumbers,
  linkEntity,
  outcomesOf,
  rawRows,
  receivedOf,
  settledNumbers,
  temporaryDirectory,
} from './stack-facts.ts';

/**
 * Kills workers of redirect, enrich and rollup in a spike of clicks, while the pollers duplicate, shuffle and regroup messages.
 * Each function is killed once at every point where its work can be interrupted. The seed decides the order, and which
 * invocations survive in between. The assertions hold for any interleaving of requests and batches.
 */
const clickCount = 1200;
const calmClicks = 40;
const codes = ['aws', 'parquet', 'duckdb', 'spring', 'newsletter'];
const redirectPoints: readonly KillPoint[] = [
  'received',
  'answered',
  'before SendMessage',
  'after SendMessage',
  'handled',
];
const kills: Record<string, KillSchedule> = {
  Redirect: {
    points: Array.from({ length: 3 }, () => redirectPoints).flat(),
    spare: 60,
  },
  // A message moves to the dead-letter queue after five receives. Four kills leave one.
  Enrich: { points: ['received', 'before PutObject', 'after PutObject', 'handled'], spare: 2 },
  Rollup: {
    points: ['received', 'after GetObject', 'before TransactWriteItems', 'after TransactWriteItems', 'handled'],
    spare: 2,
  },
};

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;

/** Clicks as concurrent visitors, and counts the statuses. Every second click goes to the first link. */
async function clickAll(statuses: Map<number, number>, count: number, visitors: number): Promise<void> {
  let left = count;
  async function visit(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const code = left % 2 === 0 ? codes[0] : codes[left % codes.length];
      const { status } = await click(`${stack.url}/${code}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: visitors }, visit));
}

/**
 * Clicks as two visitors, in a spike of a hundred, and again as two, until every kill has happened. Each round makes at least one batch for every function, so one round per kill
 * and surviving invocation is enough.
 */
async function clickUntilAllAreKilled(): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  await clickAll(statuses, calmClicks, 2);
  await clickAll(statuses, clickCount - calmClicks, 100);
  for (let round = 0; stack.eventFaults.killsLeft() > 0 && round < 200; round += 1) {
    await clickAll(statuses, codes.length, 2);
    await stack.idle();
  }
  return statuses;
}

beforeAll(async () => {
  stack = await startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    // Killed batches are redelivered immediately instead of after six minutes.
    retries: 'at-once',
    batchWindowSeconds: 0.3,
    eventFaults: {
      seed: 20_261_122,
      duplicate: 0.1,
      regroup: 0.5,
      shuffle: 0.5,
      kills,
    },
  });
});
afterAll(async () => {
  await stack.stop();
  remove();
});

describe('under kills, duplicates and regrouping', () => {
  it('every accepted event is in a raw file, and hot counts differ only by redelivered rows', async () => {
    const statuses = await clickUntilAllAreKilled();
    expect((await stack.idle(120_000)).messages).toBe(0);
    await countReceived(stack);

    const announced = new Set(await announcedIds(stack));
    const rows = await rawRows(stack);
    const inRaw = new Set(rows.map(({ event_id }) => String(event_id)));
    const totals = await hotNumbers(stack, entityKeys.stack);
    const perLink = await Promise.all(codes.map(async (code) => hotNumbers(stack, await linkEntity(stack, code))));
    const { duplicated, regrouped, shuffled, killed } = stack.eventFaults.counts;
    const lost = [...announced].filter((id) => !inRaw.has(id)).length;
    const again = rows.length - inRaw.size;
    console.log(
      `clicks by status ${JSON.stringify(Object.fromEntries(statuses))}; killed ${JSON.stringify(killed)}, ` +
        `${duplicated} messages duplicated, ${regrouped} batches regrouped, ${shuffled} shuffled: ` +
        `${announced.size} announced, ${inRaw.size} in raw, ${lost} lost, ${again} rows share an event_id`,
    );

    for (const [name, { points }] of Object.entries(kills)) expect(killed[name]?.toSorted()).toEqual(points.toSorted());
    // A worker killed as it receives a request sends no response. Every other click was logged and then redirected.
    expect(statuses.get(502)).toBe(3);
    expect(announced.size).toBe(statuses.get(302));
    // No message is in a dead-letter queue.
    expect((await stack.idle()).deadLetters).toBe(0);
    // Every raw event was logged. Missing events belong to workers killed between response and send.
    expect([...inRaw].filter((id) => !announced.has(id))).toEqual([]);
    expect(lost).toBe(6);
    // Each raw file was applied exactly once, despite the crashes.
    expect(outcomesOf(totals)).toBe(rows.length);
    expect(perLink.reduce((sum, link) => sum + outcomesOf(link), 0)).toBe(rows.length);
    // The ledger agrees: `received` is counted independently, and `lost` is the difference.
    const received = await receivedOf(stack, entityKeys.stack);
    expect(received).toBe(announced.size);
    expect(received - outcomesOf(totals)).toBe(lost - again);
  });

  it('settled counts equal the events sent, exactly', async () => {
    const rows = await rawRows(stack);
    const inRaw = new Set(rows.map(({ event_id }) => String(event_id)));
    // Two hours later, when the hour of the clicks can close.
    function settle() {
      return stack.invoke(stack.outputs.SettleFunction, { time: new Date(Date.now() + 2 * 3_600_000).toISOString() });
    }
    expect(await settledNumbers(stack, entityKeys.stack)).toEqual({});
    expect(await settle()).toMatchObject({ state: 'done', refused: [], unreadable: 0, waiting: 0 });

    const totals = await settledNumbers(stack, entityKeys.stack);
    const perLink = await Promise.all(codes.map(async (code) => settledNumbers(stack, await linkEntity(stack, code))));
    expect(outcomesOf(totals)).toBe(inRaw.size);
    expect(perLink.reduce((sum, link) => sum + outcomesOf(link), 0)).toBe(inRaw.size);
    // Repeated clicks from one address: some are duplicates, and no event has two outcomes.
    expect(totals['clicks']).toBeGreaterThan(0);
    expect((totals['clicks'] ?? 0) + (totals['x.duplicate'] ?? 0)).toBe(inRaw.size);
    await settle();
    expect(await settledNumbers(stack, entityKeys.stack)).toEqual(totals);
  });

  it('late events and their retries are accounted for in the hour in which they happened', async () => {
    const hour = Math.floor(Date.now() / 3_600_000 - 3) * 3_600_000;
    async function balance() {
      const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
      const reader = createRollupReader({ client, table: stack.outputs.RollupsTable, now: Date.now });
      const date = new Date(hour).toISOString().slice(0, 10);
      const items = await reader.hours(entityKeys.stack, date, date);
      const item = items.find((one) => Date.parse(`${one.hour.slice(0, 13)}:00:00Z`) === hour);
      if (!item) throw new Error('the hour has no counters');
      const compared = { ...item, ...compareHour(item, await reader.settledThrough()) };
      client.destroy();
      return compared;
    }
    // The last event happened a second before the full hour.
    const events = Array.from({ length: 6 }, (_, at) => ({
      page: '/demo',
      type: 'page_view',
      id: `late-event-number-${at}`,
      url: `http://localhost:8787/?p=${at}`,
      occurredAt: hour + 3_599_000 - (5 - at) * 300_000,
    }));
    // As a client does that did not see the response: the same body again.
    const sent = [...events, ...events.slice(3), ...events.slice(5)];
    for (const event of sent) {
      const headers = { 'content-type': 'text/plain', origin: 'http://localhost:8787' };
      const body = JSON.stringify(event);
      expect((await click(`${stack.url}/e?p=%2Fdemo`, { method: 'POST', headers, body })).status).toBe(204);
    }
    expect((await stack.idle(120_000)).messages).toBe(0);
    await countReceived(stack);
    // Redelivered messages count twice until the hour settles.
    const hot = await balance();
    expect(hot).toMatchObject({ received: sent.length, lost: 0 });
    expect(hot.surplus).toBe(outcomesOf(hot.hot) - sent.length);
    await stack.invoke(stack.outputs.SettleFunction, { time: new Date(Date.now() + 2 * 3_600_000).toISOString() });
    const settled = await balance();
    expect(settled).toMatchObject({ received: sent.length, lost: 0, surplus: 0 });
    expect(outcomesOf(settled.final ?? {})).toBe(sent.length);
    expect(settled.final).toMatchObject({ views: events.length, 'x.duplicate': sent.length - events.length });
  });

  it('a click whose worker dies between response and send is received but lost', async () => {
    async function missing(): Promise<number> {
      const inRaw = new Set((await rawRows(stack)).map(({ event_id }) => String(event_id)));
      return (await announcedIds(stack)).filter((id) => !inRaw.has(id)).length;
    }
    const before = await missing();
    stack.eventFaults.killNext('Redirect', 'answered');
    expect((await click(`${stack.url}/aws`)).status).toBe(302);
    expect((await click(`${stack.url}/aws`)).status).toBe(302);
    expect((await stack.idle()).idle).toBe(true);
    expect((await missing()) - before).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entityKeys } from '#schemas/rollup-item.ts';
import { createRandom } from '#local/random.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import {
  announcedIds,
  click,
  countReceived,
  hotNumbers,
  outcomesOf,
  rawRows,
  receivedOf,
  settledNumbers,
  temporaryDirectory,
} from './stack-facts.ts';

/**
 * Workers of redirect, enrich and rollup are killed at random moments under load, while the pollers duplicate, shuffle
 * and regroup messages. What the faults are is decided by a seed; where in a worker's code each one falls is not, so
 * the numbers of a run are its own, and the promises below hold for every run.
 */
const clickCount = 1200;
const codes = ['aws', 'parquet', 'duckdb', 'spring', 'newsletter'];

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;

async function clickAll(): Promise<Map<number, number>> {
  const random = createRandom(4);
  const statuses = new Map<number, number>();
  let left = clickCount;
  async function visit(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const { status } = await click(`${stack.url}/${codes[Math.floor(random() * codes.length)]}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: 8 }, visit));
  return statuses;
}

beforeAll(async () => {
  stack = await startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    // Killed batches come back after 6 s instead of six minutes.
    visibilitySeconds: 6,
    batchWindowSeconds: 0.3,
    faults: {
      seed: 20_261_122,
      duplicate: 0.1,
      regroup: 0.5,
      shuffle: 0.5,
      kill: { Redirect: 0.02, Enrich: 0.1, Rollup: 0.1 },
      killAtAnswer: 0.5,
      killWithinMs: 60,
    },
  });
});
afterAll(async () => {
  await stack.stop();
  remove();
});

describe('under random kills, duplicates and regrouping', () => {
  it('every accepted event is in raw, and hot counts are off by redelivered rows alone', async () => {
    const statuses = await clickAll();
    expect((await stack.idle(100_000)).messages).toBe(0);
    await countReceived(stack);

    const announced = new Set(await announcedIds(stack));
    const rows = await rawRows(stack);
    const inRaw = new Set(rows.map(({ event_id }) => String(event_id)));
    const totals = await hotNumbers(stack, entityKeys.stack);
    const perLink = await Promise.all(codes.map((code) => hotNumbers(stack, entityKeys.link(code))));
    const { duplicated, regrouped, shuffled, killed } = stack.faults.counts;
    const lost = [...announced].filter((id) => !inRaw.has(id)).length;
    const again = rows.length - inRaw.size;
    const redirectKills = killed['Redirect'] ?? 0;
    console.log(
      `${clickCount} clicks, answers ${JSON.stringify(Object.fromEntries(statuses))}; killed ${JSON.stringify(killed)}, ` +
        `${duplicated} messages duplicated, ${regrouped} batches regrouped, ${shuffled} shuffled: ` +
        `${announced.size} announced, ${inRaw.size} in raw, ${lost} lost, ${again} rows share an event_id`,
    );

    expect(redirectKills).toBeGreaterThan(0);
    expect(killed['Enrich']).toBeGreaterThan(0);
    expect(killed['Rollup']).toBeGreaterThan(0);
    // No message gave up: all that was accepted went through.
    expect((await stack.idle()).deadLetters).toBe(0);
    // Nothing is in raw that was not announced, and only a killed redirect can have lost what was.
    expect([...inRaw].filter((id) => !announced.has(id))).toEqual([]);
    expect(lost).toBeLessThanOrEqual(redirectKills);
    // Each raw file was applied exactly once, whatever crashed: the table holds the rows, no more and no less.
    expect(outcomesOf(totals)).toBe(rows.length);
    expect(perLink.reduce((sum, link) => sum + outcomesOf(link), 0)).toBe(rows.length);
    // The ledger says so: received on its own, and what is lost is the difference.
    const received = await receivedOf(stack, entityKeys.stack);
    expect(received).toBe(announced.size);
    expect(received - outcomesOf(totals)).toBe(lost - again);
  }, 180_000);

  it('settled counts equal the events sent, exactly', async () => {
    const rows = await rawRows(stack);
    const inRaw = new Set(rows.map(({ event_id }) => String(event_id)));
    // In two hours, when the hour of the clicks may close.
    function settle() {
      return stack.invoke(stack.outputs.SettleFunction, { time: new Date(Date.now() + 2 * 3_600_000).toISOString() });
    }
    expect(await settledNumbers(stack, entityKeys.stack)).toEqual({});
    expect(await settle()).toMatchObject({ state: 'done', refused: [], unreadable: 0, waiting: 0 });

    const totals = await settledNumbers(stack, entityKeys.stack);
    const perLink = await Promise.all(codes.map((code) => settledNumbers(stack, entityKeys.link(code))));
    expect(outcomesOf(totals)).toBe(inRaw.size);
    expect(perLink.reduce((sum, link) => sum + outcomesOf(link), 0)).toBe(inRaw.size);
    // One address clicks again and again: some are duplicates, and nothing is both.
    expect(totals['clicks']).toBeGreaterThan(0);
    expect((totals['clicks'] ?? 0) + (totals['x.duplicate'] ?? 0)).toBe(inRaw.size);
    await settle();
    expect(await settledNumbers(stack, entityKeys.stack)).toEqual(totals);
  }, 120_000);

  it('a click whose worker dies between answer and send is announced and never arrives', async () => {
    async function missing(): Promise<number> {
      const inRaw = new Set((await rawRows(stack)).map(({ event_id }) => String(event_id)));
      return (await announcedIds(stack)).filter((id) => !inRaw.has(id)).length;
    }
    const rates = { ...stack.faults.rates, duplicate: 0, killAtAnswer: 1 };
    const before = await missing();
    stack.faults.rates = { ...rates, kill: { Redirect: 1 } };
    expect((await click(`${stack.url}/aws`)).status).toBe(302);
    stack.faults.rates = { ...rates, kill: {} };
    expect((await click(`${stack.url}/aws`)).status).toBe(302);
    expect((await stack.idle()).idle).toBe(true);
    expect((await missing()) - before).toBe(1);
  }, 60_000);
});

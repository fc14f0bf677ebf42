import { afterAll, beforeAll, expect, it } from 'vitest';
import { measured } from '#core/cost/measured.ts';
import { settle } from '#jobs/settle/settle.ts';
import { eventRow } from '#test/raw-file.ts';
import { startWorld, type World } from './settle-world.ts';

/** Holds the cost model's inputs to what settle does. */

let world: World;
const calls: { command: string; table?: string; key?: string }[] = [];

beforeAll(async () => {
  world = await startWorld(['UTC']);
  world.db.client.middlewareStack.add(
    (next, context) => (args) => {
      const input = args.input as { TableName?: string; Key?: { pk?: { S?: string } }; Item?: { pk?: { S?: string } } };
      const key = (input.Key ?? input.Item)?.pk?.S;
      calls.push({
        command: String(context['commandName']),
        ...(input.TableName !== undefined && { table: input.TableName }),
        ...(key !== undefined && { key }),
      });
      return next(args);
    },
    { step: 'initialize' },
  );
});
afterAll(() => world.stop());

let id = 1n;
/** Writes files with a click on each of five links, of two pages. */
async function fill(hour: string, files: number): Promise<void> {
  for (let file = 0; file < files; file++)
    await world.write(
      [0, 1, 2, 3, 4].map((link) => {
        const at = Date.parse(`${hour}:${10 + file}:0${link}Z`);
        id += 17n;
        return eventRow({
          event_id: id,
          occurred_at: at,
          received_at: at,
          local_hour: `${hour}+00:00`,
          local_date: hour.slice(0, 10),
          page_path: `/p${link % 2}`,
          link_id: `l${link}`,
          visitor_id: id,
        });
      }),
    );
}

/** Settles at a time, and returns what that took. */
async function count(time: string) {
  calls.length = 0;
  world.queries.length = 0;
  const { state } = await settle(world.deps, { time: Date.parse(time) });
  expect(state).toBe('done');
  const writes = calls.filter(({ command }) => command === 'UpdateItemCommand' || command === 'PutItemCommand');
  const counters = writes.filter(({ key = '' }) => /^(stack|page|link)#/.test(key));
  const reads = calls.length - writes.length;
  return { queries: world.queries.length, counters: counters.length, writes: writes.length - counters.length, reads };
}

const entities = { links: 5, pages: 2, stack: 1 };

it('an hour takes as many queries, reads and writes as the cost model says, however many files it has', async () => {
  const { queriesPerHour, readsPerHour, writesPerHour } = measured.settle;
  for (const [hour, files] of [
    ['06', 1],
    ['07', 6],
  ] as const) {
    await fill(`2026-11-22T${hour}`, files);
    const taken = await count(`2026-11-22T0${Number(hour) + 1}:11:00Z`);
    expect(taken.queries).toBe(queriesPerHour);
    expect(taken.reads).toBeLessThanOrEqual(readsPerHour);
    expect(taken.writes).toBeLessThanOrEqual(writesPerHour);
    // Each entity's hour, and each page's item of the day.
    expect(taken.counters).toBe(entities.links + 2 * entities.pages + entities.stack);
  }
});

it('sends no query when nothing was received', async () => {
  expect(await count('2026-11-22T10:11:00Z')).toMatchObject({ queries: 0, counters: 0 });
});

it('a local date that ends in a zone takes five queries, and three writes for each entity', async () => {
  expect(await count('2026-11-23T01:11:00Z')).toMatchObject({
    queries: measured.settle.queriesPerDate,
    counters: 3 * (entities.links + entities.pages + entities.stack),
  });
});

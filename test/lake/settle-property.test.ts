import { fc } from '#test/property.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { settle } from '#jobs/settle/settle.ts';
import type { EventRow } from '#schemas/event.ts';
import { rawPrefix } from '#schemas/lake-keys.ts';
import { readDayNumbers } from '#stores/counters/settled-days.ts';
import { eventRow } from '#test/raw-file.ts';
import { Died, mortal } from './mortal.ts';
import { createWorld, type Servers, startServers, type World } from './settle-world.ts';

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());

const zones = { '/la': 'America/Los_Angeles', '/kol': 'Asia/Kolkata', '/ktm': 'Asia/Kathmandu' } as const;
type PagePath = keyof typeof zones;
const paths: PagePath[] = ['/la', '/kol', '/ktm'];

/** Both clock changes of Los Angeles, a local midnight in Kolkata, and a plain morning. */
const bases = ['2026-11-01T07:30:00Z', '2026-03-08T08:30:00Z', '2026-06-10T17:40:00Z', '2026-06-10T04:00:00Z'];

interface Draft {
  offsetSeconds: number;
  page: PagePath;
  view: boolean;
  bot: boolean;
  visitor: number;
  repeat: number;
  portKnown: boolean;
  copies: number;
  batch: number;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  offsetSeconds: fc.oneof(fc.integer({ min: 0, max: 3 * 3600 }), fc.integer({ min: 3570, max: 3630 })),
  page: fc.constantFrom(...paths),
  view: fc.boolean(),
  bot: fc.boolean().map((yes) => yes),
  visitor: fc.integer({ min: 0, max: 2 }),
  repeat: fc.integer({ min: 0, max: 3 }),
  portKnown: fc.boolean(),
  copies: fc.integer({ min: 1, max: 2 }),
  batch: fc.integer({ min: 0, max: 2 }),
});

function rowOf(base: string, { page, ...one }: Draft, at: number): EventRow {
  const occurred = Date.parse(base) + one.offsetSeconds * 1000;
  const local = localTimeOf(zones[page], occurred);
  const repeat = BigInt(one.repeat * 2 + (one.portKnown ? 1 : 0) + paths.indexOf(page) * 100);
  return eventRow({
    event_id: BigInt(at + 1) * 7919n * (at % 2 === 0 ? 1n : -1n),
    event_type: one.view ? 'page_view' : 'link_click',
    occurred_at: occurred,
    received_at: occurred,
    local_hour: local.hour,
    local_date: local.date,
    page_path: page,
    link_id: one.view ? null : `l${page.slice(1)}`,
    outcome: one.bot ? 'bot' : 'counted',
    outcome_rule: one.bot ? 'isbot' : 'counted',
    visitor_id: one.visitor === 0 ? null : BigInt(one.visitor + paths.indexOf(page) * 10),
    repeat_key: one.repeat === 0 ? null : repeat,
  });
}

function byTime(a: EventRow, b: EventRow): number {
  return a.occurred_at - b.occurred_at || (a.event_id < b.event_id ? -1 : 1);
}

/** The rule in a few plain lines: an event is a duplicate of the one before it with its key. */
function evaluate(rows: readonly EventRow[]): EventRow[] {
  const last = new Map<bigint, number>();
  return rows.toSorted(byTime).map((row) => {
    if (row.outcome !== 'counted' || row.repeat_key === null) return row;
    const before = last.get(row.repeat_key);
    last.set(row.repeat_key, row.occurred_at);
    const window = row.repeat_key % 2n === 0n ? 2000 : 10_000;
    return before !== undefined && row.occurred_at - before <= window ? { ...row, outcome: 'duplicate' } : row;
  });
}

function hoursOf(rows: readonly EventRow[], page: string): Record<string, Record<string, number>> {
  const hours: Record<string, Record<string, number>> = {};
  for (const row of rows.filter(({ page_path }) => page_path === page)) {
    const hour = (hours[row.local_hour ?? ''] ??= {});
    const name = row.outcome !== 'counted' ? `x.${row.outcome}` : row.event_type === 'page_view' ? 'views' : 'clicks';
    hour[name] = (hour[name] ?? 0) + 1;
  }
  return hours;
}

function sessionsOf(rows: readonly EventRow[], page: string): Record<string, number> {
  const last = new Map<string, number>();
  const sessions: Record<string, number> = {};
  for (const row of rows) {
    if (row.page_path !== page || row.outcome !== 'counted' || row.visitor_id === null) continue;
    const key = `${row.local_date} ${row.visitor_id}`;
    const before = last.get(key);
    last.set(key, row.occurred_at);
    if (before === undefined || row.occurred_at - before > 30 * 60_000)
      sessions[row.local_date ?? ''] = (sessions[row.local_date ?? ''] ?? 0) + 1;
  }
  return sessions;
}

const names = ['views', 'clicks', 'x.bot', 'x.duplicate'];
function pick(numbers: Record<string, number> = {}): Record<string, number> {
  return Object.fromEntries(names.flatMap((name) => (numbers[name] ? [[name, numbers[name]]] : [])));
}

async function finalsOf(world: World, page: string, from: string, to: string) {
  return Object.fromEntries(
    (await world.reader.hours(`page#${page}`, from, to)).map(({ hour, final }) => [hour, final && pick(final)]),
  );
}

async function dayAttribute(world: World, page: string, date: string, name: string): Promise<number> {
  const table = { client: world.db.client, table: world.tables.rollups };
  const [day] = await readDayNumbers(table, `page#${page}`, date, date);
  return day?.numbers[name] ?? 0;
}

async function surviveDeath(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
}

it('ends in the truth whatever the order, the crashes, the late arrivals and the deletion of raw', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...bases),
      fc.array(draft, { minLength: 3, maxLength: 40 }),
      fc.array(fc.record({ call: fc.integer({ min: 1, max: 120 }), when: fc.constantFrom('before', 'after') }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.boolean(),
      async (base, drafts, deaths, deleteRaw) => {
        const world = await createWorld(servers, Object.values(zones));
        const rows = drafts.map((one, at) => {
          const row = rowOf(base, one, at);
          // Raw files outlive the salts: what comes after their deletion has neither visitor nor repeat key.
          return deleteRaw && one.batch === 2 ? { ...row, visitor_id: null, repeat_key: null } : row;
        });
        function batchOf(batch: number) {
          return drafts.flatMap((one, at) =>
            one.batch === batch ? Array.from({ length: one.copies }, () => rows[at] ?? eventRow()) : [],
          );
        }
        const soon = Date.parse(base) + 5 * 3_600_000;
        await world.write(batchOf(0));
        for (const { call, when } of deaths)
          await surviveDeath(() => settle(mortal(world.deps, call, when as 'before' | 'after'), { time: soon }));
        await world.write(batchOf(1));
        await settle(world.deps, { time: soon });
        if (deleteRaw) await world.deps.files.delete((await world.deps.files.list(rawPrefix)).map(({ key }) => key));
        await world.write(batchOf(2));
        const late = Date.parse(base) + 40 * 3_600_000;
        const [first] = deaths;
        await surviveDeath(() => settle(mortal(world.deps, (first?.call ?? 1) * 2, 'after'), { time: late }));
        const summary = await settle(world.deps, { time: late });
        expect(summary).toMatchObject({ state: 'done', refused: [] });

        const truth = evaluate(rows);
        const day = 86_400_000;
        const from = new Date(Date.parse(base) - day).toISOString().slice(0, 10);
        const to = new Date(Date.parse(base) + 2 * day).toISOString().slice(0, 10);
        for (const page of paths) {
          expect(await finalsOf(world, page, from, to)).toEqual(hoursOf(truth, page));
          for (const [date, sessions] of Object.entries(sessionsOf(truth, page)))
            expect([date, await dayAttribute(world, page, date, 'sessions')]).toEqual([date, sessions]);
        }
      },
    ),
    { numRuns: Number(process.env['SETTLE_RUNS'] ?? 5) },
  );
});

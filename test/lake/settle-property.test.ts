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
  /** Seconds after the base, or around the first full hour after it. */
  offset: { from: 'base' | 'hour'; seconds: number };
  page: PagePath;
  view: boolean;
  bot: boolean;
  visitor: number;
  repeat: number;
  portKnown: boolean;
  copies: number;
  batch: number;
  /** Requests with the same id that the client sent later, each `seconds` after the first. They have no repeat key. */
  retries: { seconds: number; batch: number }[];
  /** Whether its client sent a session, as trackers once did for each tab. */
  session: boolean;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  offset: fc.oneof(
    fc.record({ from: fc.constant('base' as const), seconds: fc.integer({ min: 0, max: 3 * 3600 }) }),
    fc.record({ from: fc.constant('hour' as const), seconds: fc.integer({ min: -30, max: 30 }) }),
  ),
  page: fc.constantFrom(...paths),
  view: fc.boolean(),
  bot: fc.boolean().map((yes) => yes),
  visitor: fc.integer({ min: 0, max: 2 }),
  repeat: fc.integer({ min: 0, max: 3 }),
  portKnown: fc.boolean(),
  copies: fc.integer({ min: 1, max: 2 }),
  batch: fc.integer({ min: 0, max: 2 }),
  retries: fc
    .array(fc.record({ seconds: fc.integer({ min: 1, max: 4000 }), batch: fc.integer({ min: 0, max: 2 }) }), {
      maxLength: 2,
    })
    .chain((some) => fc.constantFrom([], [], [], some)),
  session: fc.boolean(),
});

function rowOf(base: string, { page, ...one }: Draft, at: number): EventRow {
  const occurred = startOf(base, one.offset.from) + one.offset.seconds * 1000;
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
    session_id: one.session ? BigInt(at * 2) : null,
    repeat_key: one.repeat === 0 || one.retries.length > 0 ? null : repeat,
  });
}

function startOf(base: string, from: 'base' | 'hour'): number {
  const at = Date.parse(base);
  return from === 'base' ? at : Math.ceil(at / 3_600_000 + 0.01) * 3_600_000;
}

interface Sent {
  row: EventRow;
  batch: number;
  copies: number;
}

/** Returns the rows of a draft: one for each time that its client sent it. */
function arrivalsOf(base: string, one: Draft, at: number): Sent[] {
  const row = rowOf(base, one, at);
  return [
    { row, batch: one.batch, copies: one.copies },
    ...one.retries.map(({ seconds, batch }) => ({
      row: { ...row, received_at: row.received_at + seconds * 1000 },
      batch,
      copies: 1,
    })),
  ];
}

function byTime(a: EventRow, b: EventRow): number {
  return a.occurred_at - b.occurred_at || (a.event_id < b.event_id ? -1 : 1);
}

/** Reference implementation of the rules: each arrival has one outcome. */
function evaluate(rows: readonly EventRow[]): EventRow[] {
  const firstArrival = new Map<bigint, number>();
  for (const { event_id, received_at } of rows)
    firstArrival.set(event_id, Math.min(received_at, firstArrival.get(event_id) ?? received_at));
  const lastCounted = new Map<bigint, number>();
  return rows.toSorted(byTime).map((row) => {
    if (row.received_at !== firstArrival.get(row.event_id)) return { ...row, outcome: 'duplicate' };
    if (row.outcome !== 'counted' || row.repeat_key === null) return row;
    const before = lastCounted.get(row.repeat_key);
    const window = row.repeat_key % 2n === 0n ? 2000 : 10_000;
    if (before !== undefined && row.occurred_at - before <= window) return { ...row, outcome: 'duplicate' };
    lastCounted.set(row.repeat_key, row.occurred_at);
    return row;
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

/** A visitor's sessions are derived; a client's session counts only if there is no visitor. */
function sessionsOf(rows: readonly EventRow[], page: string): Record<string, number> {
  const last = new Map<string, number>();
  const fromClients = new Set<string>();
  const sessions: Record<string, number> = {};
  function add({ local_date }: EventRow) {
    sessions[local_date ?? ''] = (sessions[local_date ?? ''] ?? 0) + 1;
  }
  for (const row of rows) {
    if (row.page_path !== page || row.outcome !== 'counted') continue;
    const key = `${row.local_date} ${row.visitor_id === null ? `session ${row.session_id}` : row.visitor_id}`;
    const before = last.get(key);
    last.set(key, row.occurred_at);
    if (row.visitor_id !== null) {
      if (before === undefined || row.occurred_at - before > 30 * 60_000) add(row);
    } else if (row.session_id !== null && !fromClients.has(key)) {
      fromClients.add(key);
      add(row);
    }
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

it('counts exactly under any order, crashes, late events and deletion of raw files', async () => {
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
        const sent = drafts
          .flatMap((one, at) => arrivalsOf(base, one, at))
          // Raw files are kept longer than salts, so events after their deletion have no visitor id and no repeat key.
          .map((one) =>
            deleteRaw && one.batch === 2
              ? { ...one, row: { ...one.row, visitor_id: null, session_id: null, repeat_key: null } }
              : one,
          );
        function batchOf(batch: number) {
          return sent.flatMap((one) => (one.batch === batch ? Array.from({ length: one.copies }, () => one.row) : []));
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

        const truth = evaluate(sent.map(({ row }) => row));
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
    { numRuns: Number(process.env['SETTLE_RUNS'] ?? 5), endOnFailure: true },
  );
});

it('ends every chain of repeats: the window is measured from the last event that counted', async () => {
  const gap = fc.oneof(
    fc.integer({ min: 0, max: 2_100 }),
    fc.integer({ min: 7_000, max: 10_100 }),
    fc.constantFrom(0, 2_000, 2_001, 10_000, 10_001),
  );
  const chain = fc.record({
    portKnown: fc.boolean(),
    start: fc.integer({ min: -90_000, max: 5_000 }),
    gaps: fc.array(gap, { maxLength: 25 }),
  });
  const hour = Date.parse('2026-06-10T05:00:00Z');
  await fc.assert(
    fc.asyncProperty(fc.array(chain, { minLength: 60, maxLength: 120 }), async (chains) => {
      const world = await createWorld(servers, []);
      let id = 0n;
      const rows = chains.flatMap(({ portKnown, start, gaps }, key) => {
        let at = hour + start;
        return [0, ...gaps].map((more) => {
          at += more;
          return eventRow({
            event_id: (id += 1n),
            occurred_at: at,
            received_at: at,
            repeat_key: BigInt(key * 2 + (portKnown ? 1 : 0)),
          });
        });
      });
      await world.write(rows);
      await settle(world.deps, { time: hour + 3 * 3_600_000 });
      const { rows: found } = await world.deps.athena.statement(
        "SELECT event_id, outcome FROM settled_events WHERE dt = '2026-06-10' ORDER BY event_id",
      );
      const byId = evaluate(rows).toSorted((a, b) => Number(a.event_id - b.event_id));
      expect(found).toEqual(byId.map(({ event_id, outcome }) => [String(event_id), outcome]));
    }),
    { numRuns: 3, endOnFailure: true },
  );
});

import { fc } from '#test/property.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lookupFailedLines } from '#core/edge/lookup-failed.ts';
import { sumRefused } from '#core/ledger/refused.ts';
import type { RefusedLine, RequestLine } from '#schemas/log-lines.ts';
import type { LogLines } from '#stores/aws/cloudwatch-request-lines.ts';
import { createReceivedStore } from '#stores/counters/received-counts.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { createTable, startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { type Fault, faultyClient, isDeath } from '#test/dynamodb-faults.ts';
import { createReceipts } from './receipts.ts';

let db: TestDynamoDb;
let table = '';
let tables = 0;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());
beforeEach(async () => {
  table = await newTable();
});

async function newTable(): Promise<string> {
  const name = `rollups${tables++}`;
  await createTable(db.client, name);
  return name;
}

function now(): number {
  return Date.parse('2026-11-22T08:00:00Z');
}
const backoff = { now, sleep: async () => undefined, random: () => 0.5 };
const context = { getRemainingTimeInMillis: () => 60_000 };

interface Logged {
  loggedAt: number;
  line: RequestLine | RefusedLine;
}
let serial = 0;
/** A request for `/ada`'s link `k3x9` that happened, and was logged, then. */
function logged(loggedAt: string, changes: Partial<RequestLine> = {}): Logged {
  return {
    loggedAt: Date.parse(loggedAt),
    line: {
      message: 'request',
      id: String(serial++),
      at: Date.parse(loggedAt),
      page: '/ada',
      link: 'k3x9',
      ...changes,
    },
  };
}

/** Refused requests for the same link that were only counted. */
function refused(loggedAt: string, rule: string, count = 1): Logged {
  const at = Date.parse(loggedAt);
  const line = { at, rule, count, page: '/ada', link: 'k3x9' };
  return { loggedAt: at, line: { message: 'request.refused', ...line } };
}

function linesOf(log: readonly Logged[]): LogLines {
  return {
    requests: async function* ({ start, end }) {
      for (const { loggedAt, line } of log) if (loggedAt >= start && loggedAt < end) yield line;
    },
  };
}

interface ReceiptsOptions {
  zone?: string;
  faults?: Fault[];
  maxLines?: number;
  lines?: LogLines;
}

function receiptsOf(
  log: readonly Logged[],
  { zone = 'Europe/Vienna', faults = [], maxLines = 1000, lines = linesOf(log) }: ReceiptsOptions = {},
  into = table,
) {
  const metrics: Record<string, unknown>[] = [];
  const client = faultyClient(db, 'UpdateItemCommand', faults);
  const run = createReceipts({
    lines,
    maxLines,
    received: createReceivedStore({ client, table: into, backoff, hotDays: 90 }),
    rollups: createRollupReader({ client, table: into, now }),
    zoneOf: async () => zone,
    now,
    log: { info: () => undefined },
    writeMetrics: (line) => metrics.push(JSON.parse(line)),
  });
  return { at: (time: string, includeOpen = false) => run({ time, includeOpen }, context), metrics };
}

/** Received of an entity by local hour. */
async function receivedBy(entity: string, from = table): Promise<Record<string, number>> {
  const items = await createRollupReader({ client: db.client, table: from, now }).hours(
    entity,
    '2026-11-21',
    '2026-11-23',
  );
  return Object.fromEntries(items.map(({ hour, received }) => [hour, received]));
}

describe('receipts', () => {
  it('sets what a closed window received on page, link and stack', async () => {
    const log = [logged('2026-11-22T07:03:00Z'), logged('2026-11-22T07:14:59.999Z')];
    const report = await receiptsOf(log).at('2026-11-22T07:15:00Z');
    expect(report.windows).toEqual([
      { window: '20261122T0645', lines: 0, changed: false },
      { window: '20261122T0700', lines: 2, changed: true },
    ]);
    expect(report.receivedThrough).toBe('2026-11-22T07:15:00.000Z');
    expect(await receivedBy('page#/ada')).toEqual({ '2026-11-22T08+01:00': 2 });
    expect(await receivedBy('link#k3x9')).toEqual({ '2026-11-22T08+01:00': 2 });
    expect(await receivedBy('stack#')).toEqual({ '2026-11-22T07+00:00': 2 });
  });

  it('puts a replayed request into the hour that it happened in', async () => {
    const log = [logged('2026-11-22T07:03:00Z', { at: Date.parse('2026-11-21T22:30:00Z') })];
    await receiptsOf(log).at('2026-11-22T07:15:00Z');
    expect(await receivedBy('page#/ada')).toEqual({ '2026-11-21T23+01:00': 1 });
  });

  it('counts a line once that the log holds twice', async () => {
    const line = logged('2026-11-22T07:03:00Z');
    await receiptsOf([line, line]).at('2026-11-22T07:15:00Z');
    expect(await receivedBy('stack#')).toEqual({ '2026-11-22T07+00:00': 1 });
  });

  it('reads a window of too many lines in parts, at most four at once, and counts each line once', async () => {
    const start = Date.parse('2026-11-22T07:00:00Z');
    const times = [0, 1, 59_999, 60_000, 60_001, 120_000, 899_999].flatMap((after) =>
      Array<number>(9).fill(start + after),
    );
    const log = times.map((at) => logged(new Date(at).toISOString()));
    function counting(maxLines: number) {
      const reads: number[] = [];
      let open = 0;
      const { requests } = linesOf(log);
      const lines: LogLines = {
        requests: async function* (slice, deadline) {
          reads.push(++open);
          try {
            await Promise.resolve();
            yield* requests(slice, deadline);
          } finally {
            open -= 1;
          }
        },
      };
      return { run: receiptsOf(log, { maxLines, lines }), reads };
    }
    // Two windows a run; the first is empty.
    const whole = counting(times.length);
    await whole.run.at('2026-11-22T07:15:00Z');
    expect(whole.reads).toHaveLength(2);
    expect(await receivedBy('stack#')).toEqual({ '2026-11-22T07+00:00': times.length });
    const inParts = counting(times.length - 1);
    const { windows } = await inParts.run.at('2026-11-22T07:15:00Z');
    expect(inParts.reads).toHaveLength(2 + 60);
    expect(Math.max(...inParts.reads)).toBe(4);
    // The same counts: nothing is written again.
    expect(windows.at(-1)).toMatchObject({ lines: times.length, changed: false });
  });

  it('counts each time that a client sent an event, in the hour that the event is filed under', async () => {
    const at = Date.parse('2026-11-22T04:00:00Z');
    const once = { id: 'own', at, received: Date.parse('2026-11-22T07:03:00Z') };
    const again = { ...once, received: once.received + 1 };
    const log = [once, once, again].map((line) => logged('2026-11-22T07:03:00Z', line));
    await receiptsOf(log).at('2026-11-22T07:15:00Z');
    expect(await receivedBy('stack#')).toEqual({ '2026-11-22T04+00:00': 2 });
  });

  it('sets the refused requests that were only counted by rule, apart from those that become events', async () => {
    const log = [logged('2026-11-22T07:03:00Z'), ...Array(3).fill(refused('2026-11-22T07:03:00Z', 'method.POST'))];
    await receiptsOf(log).at('2026-11-22T07:15:00Z');
    log.push(refused('2026-11-22T07:16:00Z', 'method.POST', 40), refused('2026-11-22T07:16:00Z', 'link.unknown'));
    const second = receiptsOf(log);
    for (let n = 0; n < 3; n += 1) await second.at('2026-11-22T07:30:00Z');
    for (const [entity, hour] of [
      ['page#/ada', '2026-11-22T08+01:00'],
      ['link#k3x9', '2026-11-22T08+01:00'],
      ['stack#', '2026-11-22T07+00:00'],
    ] as const) {
      const [item] = await createRollupReader({ client: db.client, table, now }).hours(
        entity,
        '2026-11-22',
        '2026-11-22',
      );
      expect(item).toMatchObject({ hour, received: 1, refused: { 'method.POST': 43, 'link.unknown': 1 } });
    }
  });

  it('counts requests whose link could not be read for the stack alone', async () => {
    const at = Date.parse('2026-11-22T07:03:00Z');
    const [, , line = ''] = lookupFailedLines(at, new Error('throttled'));
    const log = [logged('2026-11-22T07:03:00Z'), ...Array(3).fill({ loggedAt: at, line: JSON.parse(line) })];
    expect(await receiptsOf(log).at('2026-11-22T07:15:00Z')).toMatchObject({ lost: 0 });
    const reader = createRollupReader({ client: db.client, table, now });
    const refusals = await Promise.all(
      ['stack#', 'page#/ada', 'link#k3x9'].map(async (entity) => {
        const items = await reader.hours(entity, '2026-11-22', '2026-11-22');
        return items.map((item) => item.refused);
      }),
    );
    expect(refusals).toEqual([[{ 'lookup.failed': 3 }], [{}], [{}]]);
  });

  it('neither misses events of refused requests that were only counted, nor sees a surplus', async () => {
    const log = [logged('2026-11-22T06:03:00Z'), refused('2026-11-22T06:04:00Z', 'method.POST', 5_000)];
    const writer = createRollupWriter({ client: db.client, table, backoff, hotDays: 90, markerDays: 40 });
    const counted = { entity: 'stack#', hour: '2026-11-22T06+00:00', add: { clicks: 1 } };
    await writer.applyFiles(['raw/one'], { count: async () => [counted], deadline: now() + 1_000 });
    await receiptsOf(log).at('2026-11-22T06:15:00Z');
    expect(await receiptsOf(log).at('2026-11-22T07:30:00Z')).toMatchObject({ lost: 0, surplus: 0 });
  });

  it('writes nothing for a window that has not changed', async () => {
    const log = [logged('2026-11-22T07:03:00Z')];
    await receiptsOf(log).at('2026-11-22T07:15:00Z');
    const again = await receiptsOf(log, { faults: ['die-before'] }).at('2026-11-22T07:30:00Z');
    expect(again.windows.map(({ changed }) => changed)).toEqual([false, false]);
  });

  it('counts the window before again, for a line that came late', async () => {
    const log = [logged('2026-11-22T07:03:00Z')];
    await receiptsOf(log).at('2026-11-22T07:15:00Z');
    log.push(logged('2026-11-22T07:14:00Z'));
    await receiptsOf(log).at('2026-11-22T07:30:00Z');
    expect(await receivedBy('stack#')).toEqual({ '2026-11-22T07+00:00': 2 });
  });

  it('catches up on the windows of an outage', async () => {
    const log = ['07:03', '07:20', '07:40'].map((time) => logged(`2026-11-22T${time}:00Z`));
    await receiptsOf(log).at('2026-11-22T07:00:00Z');
    const report = await receiptsOf(log).at('2026-11-22T08:00:00Z');
    expect(report.windows.map(({ lines }) => lines)).toEqual([0, 1, 1, 1, 0]);
    expect(await receivedBy('stack#')).toEqual({ '2026-11-22T07+00:00': 3 });
  });

  it('counts the open window only when told, and again when it has closed', async () => {
    const log = [logged('2026-11-22T07:03:00Z')];
    await receiptsOf(log).at('2026-11-22T07:05:00Z');
    expect(await receivedBy('stack#')).toEqual({});
    const open = await receiptsOf(log).at('2026-11-22T07:05:00Z', true);
    expect(open.receivedThrough).toBe('2026-11-22T07:00:00.000Z');
    log.push(logged('2026-11-22T07:10:00Z'));
    await receiptsOf(log).at('2026-11-22T07:15:00Z');
    expect(await receivedBy('stack#')).toEqual({ '2026-11-22T07+00:00': 2 });
  });

  it('keeps the hours of a window when its page has moved to another zone since', async () => {
    const log = [logged('2026-11-22T07:03:00Z')];
    await receiptsOf(log).at('2026-11-22T07:15:00Z');
    log.push(logged('2026-11-22T07:14:00Z'), logged('2026-11-22T07:16:00Z'));
    await receiptsOf(log, { zone: 'Asia/Kathmandu' }).at('2026-11-22T07:30:00Z');
    expect(await receivedBy('page#/ada')).toEqual({ '2026-11-22T08+01:00': 2, '2026-11-22T13+05:45': 1 });
  });

  it('keeps its counts when the log has forgotten the lines', async () => {
    const log = [logged('2026-11-22T07:03:00Z')];
    await receiptsOf(log).at('2026-11-22T07:15:00Z');
    await receiptsOf([]).at('2026-11-22T07:15:00Z');
    expect(await receivedBy('stack#')).toEqual({ '2026-11-22T07+00:00': 1 });
  });

  it('reports what was received and never came to an outcome, once the hour has closed', async () => {
    const log = ['06:03', '06:20', '06:40'].map((time) => logged(`2026-11-22T${time}:00Z`));
    const writer = createRollupWriter({ client: db.client, table, backoff, hotDays: 90, markerDays: 40 });
    const deltas = [
      { entity: 'stack#', hour: '2026-11-22T06+00:00', add: { clicks: 1, 'x.bot': 1 } },
      { entity: 'stack#', hour: '2026-11-22T05+00:00', add: { clicks: 4 } },
    ];
    await writer.applyFiles(['raw/some'], { count: async () => deltas, deadline: now() + 1_000 });
    await receiptsOf(log).at('2026-11-22T06:15:00Z');
    const early = receiptsOf(log);
    await early.at('2026-11-22T07:00:00Z');
    const late = receiptsOf(log);
    const report = await late.at('2026-11-22T07:15:00Z');
    expect(report).toMatchObject({ lost: 1, surplus: 4 });
    expect(late.metrics).toMatchObject([{ Lost: 1 }]);
    expect(early.metrics).toEqual([]);
  });

  it('does not miss the events of late requests before settle could include them', async () => {
    const at = Date.parse('2026-11-22T04:00:00Z');
    const log = [...Array(6)].map((_, n) => logged('2026-11-22T07:03:00Z', { id: `late${n}`, at }));
    const settled = createSettledRollups({ client: db.client, table, now, hotDays: 90 });
    const hour = { entity: 'stack#', hour: '2026-11-22T04+00:00' };
    await settled.writeFinals([{ ...hour, final: { clicks: 0 } }], '01A');
    await settled.advance(Date.parse('2026-11-22T07:00:00Z'));
    expect(await receiptsOf(log).at('2026-11-22T07:15:00Z')).toMatchObject({ lost: 0, surplus: 0 });
    await settled.advance(Date.parse('2026-11-22T08:00:00Z'));
    expect(await receiptsOf(log).at('2026-11-22T07:15:00Z')).toMatchObject({ lost: 6, surplus: 0 });
  });

  it('refuses a payload without a time', async () => {
    await expect(receiptsOf([]).at('yesterday')).rejects.toThrow('time');
  });

  it('ends in the same state over crashes and repeated runs', async () => {
    const run = fc.record({
      minute: fc.constantFrom('07:15', '07:30', '07:45'),
      faults: fc.array(fc.constantFrom<Fault>('pass', 'die-before', 'die-after'), { maxLength: 6 }),
    });
    const request = fc.record({
      at: fc.integer({ min: 0, max: 44 }),
      rule: fc.constantFrom(null, null, 'refused.origin', 'invalid.title'),
      link: fc.constantFrom('a', 'b', null),
      page: fc.constantFrom('/ada', '/bob', null),
    });
    const property = fc.asyncProperty(
      fc.array(request, { maxLength: 15 }),
      fc.array(run, { maxLength: 4 }),
      fc.constantFrom(1, 3, 1000),
      async (requests, runs, maxLines) => {
        const into = await newTable();
        const log = requests.map(({ at, rule, ...changes }) => {
          const time = `2026-11-22T07:${String(at).padStart(2, '0')}:00Z`;
          if (rule === null) return logged(time, changes);
          const { loggedAt, line } = refused(time, rule);
          return { loggedAt, line: { ...line, ...changes } };
        });
        for (const { minute, faults } of runs)
          await receiptsOf(log, { faults, maxLines }, into)
            .at(`2026-11-22T${minute}:00Z`)
            .catch((error: unknown) => {
              if (!isDeath(error)) throw error;
            });
        for (const minute of ['07:15', '07:45'])
          await receiptsOf(log, { maxLines }, into).at(`2026-11-22T${minute}:00Z`);
        async function total(entity: string): Promise<number> {
          const reader = createRollupReader({ client: db.client, table: into, now });
          const items = await reader.hours(entity, '2026-11-21', '2026-11-23');
          return items.reduce((sum, item) => sum + item.received + sumRefused(item.refused), 0);
        }
        expect(await total('stack#')).toBe(requests.length);
        expect(await total('page#/ada')).toBe(requests.filter(({ page }) => page === '/ada').length);
        expect(await total('link#a')).toBe(requests.filter(({ link }) => link === 'a').length);
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });
});

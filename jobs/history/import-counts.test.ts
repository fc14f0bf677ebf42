import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collectCounts } from '#core/history/counts/collect-counts.ts';
import type { CountRow } from '#core/history/history-row.ts';
import { catalogKeys } from '#stores/catalog/catalog-keys.ts';
import { createHistoryImports } from '#stores/catalog/history-imports.ts';
import { unpack } from '#stores/counters/compressed-json.ts';
import {
  createImportedCounts,
  type ImportedCounts,
  type ImportedCountsWriter,
} from '#stores/counters/imported-counts.ts';
import { toItem } from '#stores/dynamodb/items.ts';
import { createTable, type Item } from '#stores/dynamodb/table.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { type CountsRequest, importCounts, undoCounts } from './import-counts.ts';

let db: TestDynamoDb;
let counts: ImportedCounts;
let page: string;
let pages = 0;

beforeAll(async () => {
  db = await startDynamoDb();
  counts = createImportedCounts({ client: db.client, table: db.tables.rollups });
});
afterAll(() => db.stop());
beforeEach(() => {
  page = `/ada${pages++}`;
});

/** Links have ids of the page, so that tests do not meet. */
function request(rows: readonly CountRow[], change: Partial<CountsRequest> = {}): CountsRequest {
  const collection = collectCounts({ zone: 'Europe/Vienna', today: '2026-11-30' });
  for (const row of rows) collection.add(row);
  const ownSince = '2026-11-30';
  const links = new Map(['x', 'y'].map((code) => [code, { id: `${code}~${page.slice(1)}`, ownSince }]));
  return {
    id: 'A',
    tool: 'bitly',
    page,
    ownSince,
    until: undefined,
    today: '2026-11-30',
    dryRun: false,
    entities: collection.entities(),
    links,
    ...change,
  };
}

function run(
  asked: CountsRequest,
  {
    writer = counts,
    counted = new Map<string, { views: number; clicks: number }>(),
  }: { writer?: ImportedCountsWriter; counted?: Map<string, { views: number; clicks: number }> } = {},
) {
  return importCounts({ counts: writer, countedDays: async () => counted }, asked);
}

function clicks(code: string, at: string, count: number): CountRow {
  return { grain: 'day', line: 2, code, at, clicks: count };
}
function total(code: string, count: number): CountRow {
  return { grain: 'total', line: 2, code, at: '2026-10-01', clicks: count };
}

const rows = [
  clicks('x', '2026-08-31', 1),
  clicks('x', '2026-09-01', 2),
  clicks('y', '2026-09-01', 3),
  total('x', 100),
  {
    grain: 'day',
    line: 3,
    at: '2026-09-01',
    views: 9,
    visitors: 4,
  } as const,
];

/** Everything that is stored of the page and its links, without the numbers of the writes. */
async function stored(): Promise<string[]> {
  const table = createTable({ client: db.client, table: db.tables.rollups });
  const entities = [`page#${page}`, ...['x', 'y'].map((code) => `link#${code}~${page.slice(1)}`)];
  const items = await Promise.all(entities.map((pk) => table.query({ pk })));
  return items
    .flat()
    .map(({ pk, sk, packed }: Item) => `${pk?.S} ${sk?.S} ${JSON.stringify(unpack(packed?.B ?? Buffer.of()))}`);
}

async function putJob(id: string, state: string, attempt: number): Promise<void> {
  const table = createTable({ client: db.client, table: db.tables.catalog });
  await table.put(toItem({ ...catalogKeys.job(id), state, attempt }));
}

describe('importing counts', () => {
  it('stores dates and totals of links, and their sums of the page', async () => {
    const outcomes = await run(request(rows));
    expect(outcomes.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(outcomes).toHaveLength(5);
    expect((await counts.readMonth(`page#${page}`, '2026-09'))?.imports['A']?.days['01']).toEqual({
      views: { count: 9, visitors: 4 },
      linkClicks: 5,
    });
    expect((await counts.readMonth(`page#${page}`, '2026-08'))?.imports['A']?.days['31']).toEqual({ linkClicks: 1 });
    expect((await counts.readTotals(`page#${page}`))?.imports['A']).toEqual({
      tool: 'bitly',
      links: { links: 1, clicks: 100, asOf: '2026-10-01' },
      dates: { first: '2026-08-31', last: '2026-09-01' },
    });
    expect((await counts.readTotals(`link#x~${page.slice(1)}`))?.imports['A']?.total).toMatchObject({ count: 100 });
  });

  it.each([
    ['undone', 'undoing', 1],
    ['started again', 'running', 2],
  ])('writes nothing any more once the import was %s', async (_, state, attempt) => {
    const id = `${state}${page}`;
    await putJob(id, 'running', 1);
    const guarded = counts.guardedBy({
      check: createHistoryImports({ client: db.client, table: db.tables.catalog, now: () => 0 }).checkRunning({
        id,
        attempt: 1,
      }),
      assertHeld: () => Promise.reject(new Error('stopped')),
    });
    const writer: ImportedCountsWriter = {
      ...guarded,
      // Each of these writes may come after the change.
      changeTotals: async (...change) => {
        await putJob(id, state, attempt);
        await guarded.changeTotals(...change);
      },
    };
    await expect(run(request([total('x', 100)], { id }), { writer })).rejects.toThrow('stopped');
    await expect(run(request(rows, { id }), { writer: guarded })).rejects.toThrow('stopped');
    await undoCounts(counts, { page, id });
    expect(await stored()).toEqual([]);
  });

  it('writes nothing in a dry run, and says the same', async () => {
    const counted = new Map([['2026-09-01', { views: 1, clicks: 1 }]]);
    const dry = await run(request(rows, { dryRun: true }), { counted });
    expect(await stored()).toEqual([]);
    expect(dry).toEqual(await run(request(rows), { counted }));
    expect(dry.filter(({ outcome }) => outcome === 'refused').map(({ date }) => date)).toEqual([
      '2026-09-01',
      '2026-09-01',
      '2026-09-01',
    ]);
  });

  it('changes nothing when it is run again, or the same file is imported again', async () => {
    await run(request(rows));
    const once = await stored();
    await run(request(rows));
    expect(await stored()).toEqual(once);
    const again = await run(request(rows, { id: 'B' }));
    expect(again.every(({ outcome }) => outcome === 'repeated')).toBe(true);
    expect((await stored()).filter((item) => !item.includes('ii#B'))).toEqual(once);
    await undoCounts(counts, { page, id: 'B' });
    expect(await stored()).toEqual(once);
  });

  it('undoes an import exactly, also between two others', async () => {
    await run(request([clicks('x', '2026-09-01', 2), total('y', 7)], { id: 'A' }));
    const before = await stored();
    const second = [clicks('x', '2026-09-02', 4), clicks('y', '2026-07-01', 5), total('x', 50)];
    await run(request(second, { id: 'B' }));
    expect(await stored()).not.toEqual(before);
    await undoCounts(counts, { page, id: 'B' });
    expect(await stored()).toEqual(before);
    await undoCounts(counts, { page, id: 'A' });
    expect(await stored()).toEqual([]);
    await undoCounts(counts, { page, id: 'A' });
  });

  it('ends the same wherever a run dies, and is undone from there', async () => {
    await run(request(rows));
    const whole = await stored();
    await undoCounts(counts, { page, id: 'A' });
    let died = 0;
    for (let writes = 0; ; writes++) {
      const { writer, ended } = dieAfter(writes);
      const isDone = await run(request(rows), { writer }).then(
        () => true,
        () => false,
      );
      await ended();
      if (isDone) break;
      died += 1;
      // Half of the times it is undone from there, half of the times it goes on.
      if (writes % 2 === 0) {
        await undoCounts(counts, { page, id: 'A' });
        expect(await stored()).toEqual([]);
      }
      await run(request(rows));
      expect(await stored()).toEqual(whole);
      await undoCounts(counts, { page, id: 'A' });
    }
    expect(died).toBeGreaterThan(5);
  });

  it('gives a date to one of two imports that run at the same time', async () => {
    const both = await Promise.all([
      run(request([clicks('x', '2026-09-01', 2)], { id: 'A' })),
      run(request([clicks('x', '2026-09-01', 5)], { id: 'B' })),
    ]);
    expect(
      both
        .flat()
        .map(({ outcome }) => outcome)
        .toSorted(),
    ).toEqual(['accepted', 'refused']);
    const { imports = {} } = (await counts.readMonth(`page#${page}`, '2026-09')) ?? {};
    expect(Object.keys(imports)).toHaveLength(1);
  });

  it('fits a month of values that do not compress', async () => {
    let seed = 1;
    function letters(): string {
      return Array.from({ length: 299 }, () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return String.fromCodePoint(0x4e00 + (seed % 20_000));
      }).join('');
    }
    const hostile = Array.from({ length: 30 }, (_, at) => `2026-09-${String(at + 1).padStart(2, '0')}`).flatMap(
      (date) =>
        Array.from(
          { length: 25 },
          (): CountRow => ({
            grain: 'day',
            line: 1,
            at: date,
            views: 1,
            dimension: 'page',
            value: letters(),
          }),
        ),
    );
    const outcomes = await run(request(hostile));
    expect(outcomes).toHaveLength(30);
    const month = await counts.readMonth(`page#${page}`, '2026-09');
    expect(month?.imports['A']?.days['30']?.views?.lists?.page?.at(-1)?.[0]).toBeNull();
  });
});

/** Fails after some writes, as a process that is stopped. `ended` waits for the writes that were on their way. */
function dieAfter(writes: number): { writer: ImportedCountsWriter; ended: () => Promise<unknown> } {
  const sent: Promise<void>[] = [];
  function send(write: () => Promise<void>): Promise<void> {
    if (sent.length >= writes) return Promise.reject(new Error('stopped'));
    const written = write();
    sent.push(written);
    return written;
  }
  const writer: ImportedCountsWriter = {
    ...counts,
    changeMonth: (...args) => send(() => counts.changeMonth(...args)),
    changeTotals: (...args) => send(() => counts.changeTotals(...args)),
    putLinks: (...args) => send(() => counts.putLinks(...args)),
  };
  return { writer, ended: () => Promise.all(sent) };
}

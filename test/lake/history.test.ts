import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginImport, newImport } from '#core/history/new-import.ts';
import { type ImportJob, type ImportReport, importReportSchema } from '#schemas/history/history-job.ts';
import { importReportKey, uploadKey } from '#schemas/lake-keys.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { ImportDeps } from '#jobs/history/deps.ts';
import { createPageReader } from '#jobs/history/read-page.ts';
import { runImport } from '#jobs/history/run-import.ts';
import { erase, type EraseDependencies } from '#jobs/erase/erase.ts';
import { retain } from '#jobs/retention/retain.ts';
import { rebuild } from '#jobs/settle/rebuild.ts';
import { settle } from '#jobs/settle/settle.ts';
import { linkSchema, pageSchema } from '#schemas/catalog.ts';
import { createImportSalts } from '#stores/cache/import-salts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createHistoryImports } from '#stores/catalog/history-imports.ts';
import { createPageTraces } from '#stores/catalog/page-traces.ts';
import { createImportFiles } from '#stores/lake/import-files.ts';
import { createImportedCounts } from '#stores/counters/imported-counts.ts';
import { readDayNumbers, readMonths } from '#stores/counters/settled-days.ts';
import { createTable } from '#test/dynamodb.ts';
import { eventRow } from '#test/raw-file.ts';
import { bucket } from './start-lake.ts';
import { createWorld, type Servers, startServers, type World } from './settle-world.ts';

let servers: Servers;
beforeAll(async () => void (servers = await startServers()), 120_000);
afterAll(() => servers.stop());

const header = 'date,userAgent,referer,country,region,city,latitude,longitude,potentialBot,visitedUrl,browser,os';
const browser =
  '"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"';
const settledTo = Date.parse('2026-12-01T00:00:00Z');

function visit(at: string, { code = 'spring', bot = 'false', country = 'AT' } = {}): string {
  return `${at},${browser},https://news.example/a,${country},Vienna,Vienna,48.2,16.3,${bot},https://s.example/${code},Chrome,Windows`;
}

describe('an import of clicks', () => {
  it('counts what the file says in the days of the page and its links, and a row once however often it is imported', async () => {
    const history = await createHistoryWorld();
    const file = [
      header,
      visit('2024-03-05T10:00:00+01:00'),
      visit('2024-03-05T10:00:00+01:00'),
      visit('2024-03-06T10:00:00Z', { bot: 'true' }),
    ].join('\n');
    const first = await history.importFile(file);
    expect(first).toMatchObject({ state: 'done', totals: { rows: 3, accepted: 3, refused: 0, repeated: 0 } });
    const second = await history.importFile(file);
    expect(second).toMatchObject({ state: 'done', totals: { rows: 3, accepted: 0, refused: 0, repeated: 3 } });
    await history.settle();
    const third = await history.importFile(file);
    expect(third).toMatchObject({ totals: { rows: 3, accepted: 0, refused: 0, repeated: 3 } });
    await history.settle();
    expect(await history.days(entityKeys.page('/ada'))).toEqual([
      expect.objectContaining({ date: '2024-03-05', clicks: 2, imported: 2 }),
      expect.objectContaining({ date: '2024-03-06', 'x.bot': 1, imported: 1 }),
    ]);
    expect(await history.days(entityKeys.link(await history.linkId('spring')))).toEqual([
      expect.objectContaining({ date: '2024-03-05', clicks: 2, 'c.AT': 2 }),
      expect.objectContaining({ date: '2024-03-06', 'x.bot': 1 }),
    ]);
  });

  it('leaves the hours of a date and its own events alone, and is gone when it is undone', async () => {
    const history = await createHistoryWorld();
    const spring = await history.linkId('spring');
    const own = { page_path: '/ada', link_id: spring, local_date: '2026-11-20' };
    await history.write([
      eventRow({
        ...own,
        event_id: 1n,
        occurred_at: Date.parse('2026-11-20T10:00:00Z'),
        received_at: Date.parse('2026-11-20T10:00:00Z'),
        local_hour: '2026-11-20T10+00:00',
      }),
    ]);
    await history.settle();
    const before = await history.days(entityKeys.page('/ada'));
    const hours = await history.hours();
    const file = [header, visit('2026-11-20T10:30:00Z', { code: 'summer' }), visit('2026-11-20T10:30:00Z')].join('\n');
    const job = await history.importFile(file);
    // Its own events of spring begin at 10:00.
    expect(job.totals).toEqual({ rows: 2, accepted: 1, refused: 1, repeated: 0 });
    await history.settle();
    expect(await history.days(entityKeys.page('/ada'))).toEqual([expect.objectContaining({ clicks: 2, imported: 1 })]);
    expect(await history.hours()).toEqual(hours);
    await history.undo(job.id);
    await history.settle();
    expect(await history.days(entityKeys.page('/ada'))).toEqual(before);
    expect(await history.hours()).toEqual(hours);
    const again = await history.importFile(file);
    expect(again.totals).toEqual({ rows: 2, accepted: 1, refused: 1, repeated: 0 });
    await history.settle();
    expect(await history.days(entityKeys.page('/ada'))).toEqual([expect.objectContaining({ clicks: 2, imported: 1 })]);
  });

  it('is kept by retention until it is settled, then its raw files go and its events stay', async () => {
    const history = await createHistoryWorld();
    await history.importFile([header, visit('2024-03-05T10:00:00Z')].join('\n'));
    const policy = { rawDays: 35, settledDays: 0 };
    expect(await retain(history.deps, policy, settledTo)).toMatchObject({
      rawFiles: 0,
      kept: [{ hour: '2024-03-05T24' }],
    });
    await history.settle();
    expect(await retain(history.deps, policy, settledTo)).toMatchObject({ rawFiles: 1, kept: [] });
    expect(await history.importFile([header, visit('2024-03-05T10:00:00Z')].join('\n'))).toMatchObject({
      totals: { accepted: 0, repeated: 1 },
    });
    await history.settle();
    expect(await history.days(entityKeys.page('/ada'))).toEqual([expect.objectContaining({ clicks: 1, imported: 1 })]);
  });
});

describe('a tombstone of an undone import', () => {
  const policy = { rawDays: 35, settledDays: 0 };
  const later = settledTo + 3 * 86_400_000;

  it('is dropped by retention a day after its dates have settled, so that imports can be undone without end', async () => {
    const history = await createHistoryWorld({ mostUndone: 2 });
    const kept = await history.importFile([header, visit('2024-03-05T09:00:00Z')].join('\n'));
    for (let number = 0; number < 5; number++) {
      const job = await history.importFile([header, visit(`2024-03-05T10:0${number}:00Z`)].join('\n'));
      await history.settle();
      expect(await history.days(entityKeys.page('/ada'))).toEqual([expect.objectContaining({ clicks: 2 })]);
      expect(await history.undo(job.id)).toBe('undone');
      await history.settle();
      // A run that began before may still write.
      if (number % 2 === 0) expect(await retain(history.deps, policy, settledTo)).toMatchObject({ tombstones: 0 });
      else expect(await retain(history.deps, policy, later)).toMatchObject({ tombstones: 2, kept: [] });
    }
    expect(await retain(history.deps, policy, later)).toMatchObject({ tombstones: 1 });
    expect(await history.deps.state.tombstones()).toEqual([]);
    await rebuild({ ...history.deps, enqueueFiles: () => Promise.resolve() }, { time: settledTo + 3_600_000 });
    expect(await history.days(entityKeys.page('/ada'))).toEqual([
      expect.objectContaining({ date: '2024-03-05', clicks: 1, imported: 1 }),
    ]);
    expect(await history.undo(kept.id)).toBe('undone');
  });

  it('stays as long as a date of it waits for a settle', async () => {
    const history = await createHistoryWorld({ mostUndone: 1 });
    const [first, second] = [
      await history.importFile([header, visit('2024-03-05T10:00:00Z')].join('\n')),
      await history.importFile([header, visit('2024-03-05T11:00:00Z')].join('\n')),
    ];
    expect(await history.undo(first.id)).toBe('undone');
    expect(await retain(history.deps, policy, later)).toMatchObject({ tombstones: 0 });
    expect(await history.undo(second.id)).toBe('failed');
    await history.settle();
    expect(await retain(history.deps, policy, later)).toMatchObject({ tombstones: 1 });
    expect(await history.undo(second.id)).toBe('undone');
  });

  it('stays until what a late run has written is gone', async () => {
    const history = await createHistoryWorld();
    const job = await history.importFile([header, visit('2026-11-05T10:00:00Z')].join('\n'));
    const [key = ''] = await history.imports.files.list('raw/dt=2026-11-05/hr=24/');
    const bytes = await history.imports.files.get(key);
    await history.undo(job.id);
    await history.settle();
    await history.imports.files.put(key.replace(/\/(.{25})./, '/$1Z'), bytes ?? new Uint8Array());
    // It is in no run, and is marked.
    expect(await retain(history.deps, policy, later)).toMatchObject({ tombstones: 0 });
    await history.settle();
    expect(await history.imports.files.list('raw/dt=2026-11-05/hr=24/')).toEqual([]);
    expect(await retain(history.deps, policy, later)).toMatchObject({ tombstones: 1 });
    await rebuild({ ...history.deps, enqueueFiles: () => Promise.resolve() }, { time: settledTo + 3_600_000 });
    expect(await history.days(entityKeys.page('/ada'))).toEqual([]);
  });

  it('stays if it was written by a run that died before it marked all dates', async () => {
    const history = await createHistoryWorld();
    const { id } = await history.importFile([header, visit('2024-03-05T10:00:00Z')].join('\n'));
    await history.settle();
    const died = {
      ...history.imports,
      settle: { ...history.deps.state, mark: () => Promise.reject(new Error('died')) },
    };
    await expect(history.undo(id, died)).rejects.toThrow('died');
    expect(await retain(history.deps, policy, later)).toMatchObject({ tombstones: 0 });
    expect(await history.undo(id)).toBe('undone');
    await history.settle();
    expect(await retain(history.deps, policy, later)).toMatchObject({ tombstones: 1 });
    expect(await history.days(entityKeys.page('/ada'))).toEqual([expect.not.objectContaining({ clicks: 1 })]);
  });
});

describe('an erasure', () => {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0';
  const log = [
    'click_id,click_time,shorturl,referrer,user_agent,ip_address,country_code',
    `1,2024-03-05 10:00:00,spring,direct,${agent},203.0.113.1,AT`,
    `2,2024-03-05 11:00:00,summer,direct,${agent},203.0.113.1,AT`,
    `3,2024-03-05 12:00:00,spring,direct,${agent},203.0.113.2,AT`,
    `4,2024-03-06 10:00:00,spring,direct,${agent},203.0.113.1,AT`,
  ].join('\n');

  /** Returns the visitor with two clicks on 5 March. */
  async function findVisitor({ deps }: HistoryWorld, table: 'events' | 'raw_events'): Promise<string> {
    const sql = `SELECT visitor_id FROM ${table} WHERE dt = '2024-03-05' AND hr = '24' GROUP BY visitor_id HAVING count(*) = 2`;
    const { rows } = await deps.athena.statement(sql);
    return rows[0]?.[0] ?? '';
  }

  it.each([
    ['settled', 'events' as const],
    ['not settled', 'raw_events' as const],
  ])('of a visitor takes out imported events that are %s, also of a rebuild', async (_, table) => {
    const history = await createHistoryWorld();
    await history.settle();
    await history.importFile(log, { zone: 'UTC' });
    if (table === 'events') await history.settle();
    const value = await findVisitor(history, table);
    const receipt = await erase(history.eraser, { subject: { kind: 'visitor', value }, time: settledTo + 3_600_000 });
    expect(receipt).toMatchObject({ rewritten: ['2024-03-05T24'], pending: [], failed: [] });
    // The address is in no other file of ours.
    expect(receipt.remaining.map(({ place }) => place)).toContain('uploaded files of imports (imports/ in the lake)');
    const left = [
      expect.objectContaining({ date: '2024-03-05', clicks: 1, imported: 1, visitors: 1 }),
      expect.objectContaining({ date: '2024-03-06', clicks: 1, imported: 1, visitors: 1 }),
    ];
    expect(await history.days(entityKeys.page('/ada'))).toEqual(left);
    expect(await history.imports.files.list('raw/dt=2024-03-05/')).toEqual([]);
    await rebuild({ ...history.deps, enqueueFiles: () => Promise.resolve() }, { time: settledTo + 3_600_000 });
    expect(await history.days(entityKeys.page('/ada'))).toEqual(left);
  });

  it('of a page leaves none of its imports: no events, counts, reports, files or jobs', async () => {
    const history = await createHistoryWorld();
    const { files, jobs, counts } = history.imports;
    await history.settle();
    const settled = await history.importFile(log, { zone: 'UTC' });
    await history.settle();
    const raw = await history.importFile(log.replaceAll('2024-03', '2024-05'), { zone: 'UTC' });
    const counted = await history.importFile('date,visitors,pageviews\n2024-03-05,4,10\n');
    const preview = await history.importFile(log, { zone: 'UTC', dryRun: true });
    const undone = await history.importFile(log.replaceAll('2024-03', '2024-07'), { zone: 'UTC' });
    await history.undo(undone.id);
    const ids = [settled, raw, counted, preview, undone].map(({ id }) => id);
    const receipt = await erase(history.eraser, {
      subject: { kind: 'page', value: '/ada' },
      time: settledTo + 3_600_000,
    });
    expect(receipt).toMatchObject({ pending: [], failed: [], erased: { imports: 5 } });
    const { rows } = await history.deps.athena.statement("SELECT count(*) FROM events WHERE page_path = '/ada'");
    expect(rows).toEqual([['0']]);
    expect(await history.days(entityKeys.page('/ada'))).toEqual([]);
    expect(await history.days(entityKeys.link(await history.linkId('spring')))).toEqual([]);
    expect(await counts.listMonths(entityKeys.page('/ada'))).toEqual([]);
    for (const prefix of ['raw/', 'imports/', 'import-reports/'])
      expect(
        (await files.list(prefix)).filter((key) => prefix === 'raw/' || ids.some((id) => key.includes(id))),
      ).toEqual([]);
    for (const id of ids) expect(await jobs.get(id)).toBeUndefined();
  });
});

describe('an import of counts', () => {
  const links =
    'keyword,url,timestamp,clicks\nspring,https://shop.example,2020-01-01 00:00:00,120\nother,https://x.example,,3\n';
  const days = [
    'date,visitors,pageviews',
    '2024-03-05,4,10',
    '2024-03-05,4,10',
    '2024-02-30,1,1',
    '2027-01-01,1,1',
    '2024-04-01,2,5',
  ];

  it('is no event: it stays apart, is repeated by another import, and is undone', async () => {
    const history = await createHistoryWorld();
    const dry = await history.importFile(days.join('\n'), {
      dryRun: true,
      file: { name: 'imported_visitors.csv', bytes: 1 },
    });
    expect(dry.totals).toEqual({ rows: 5, accepted: 2, refused: 2, repeated: 1 });
    expect(await history.imports.counts.readMonth(entityKeys.page('/ada'), '2024-03')).toBeUndefined();
    const job = await history.importFile(days.join('\n'));
    expect(job).toMatchObject({ state: 'done', totals: dry.totals });
    const report = await history.report(job.id);
    expect(report.months.map(({ month, rows, counts }) => [month, rows, counts])).toEqual([
      ['2024-03', 2, { file: 10, imported: 10, repeated: 0, refused: 0 }],
      ['2024-04', 1, { file: 5, imported: 5, repeated: 0, refused: 0 }],
      ['2027-01', 0, { file: 1, imported: 0, repeated: 0, refused: 1 }],
    ]);
    expect(report.refusals.map(({ line, column, value }) => [line, column, value])).toEqual([
      [4, 'date', '2024-02-30'],
      [5, 'date', '2027-01-01'],
    ]);
    expect([report.first, report.last]).toEqual(['2024-03-05T00:00:00.000Z', '2024-04-01T00:00:00.000Z']);
    await history.settle();
    expect(await history.days(entityKeys.page('/ada'))).toEqual([]);
    const again = await history.importFile(days.join('\n'));
    expect(again.totals).toEqual({ rows: 5, accepted: 0, refused: 2, repeated: 3 });
    for (const { id } of [again, job]) await history.undo(id);
    expect(await history.imports.counts.readMonth(entityKeys.page('/ada'), '2024-03')).toBeUndefined();
    expect(await history.imports.counts.readTotals(entityKeys.page('/ada'))).toBeUndefined();
  });

  it('knows the links of the page, and refuses those of others', async () => {
    const history = await createHistoryWorld();
    const job = await history.importFile(links);
    expect(job).toMatchObject({ state: 'done', totals: { rows: 2, accepted: 1, refused: 1, repeated: 0 } });
    expect((await history.report(job.id)).unknownCodes).toEqual([{ code: 'other', rows: 1 }]);
    const spring = entityKeys.link(await history.linkId('spring'));
    expect((await history.imports.counts.readTotals(spring))?.imports[job.id]?.total).toMatchObject({ count: 120 });
  });
});

interface HistoryWorld extends World {
  eraser: EraseDependencies;
  report: (id: string) => Promise<ImportReport>;
  /** @returns the state after it */
  undo: (id: string, deps?: ImportDeps) => Promise<ImportJob['state'] | undefined>;
  imports: ImportDeps;
  importFile: (text: string | Uint8Array, options?: Partial<ImportJob>) => Promise<ImportJob>;
  settle: () => Promise<void>;
  linkId: (code: string) => Promise<string>;
  hours: () => Promise<unknown>;
  days: (entity: string) => Promise<Record<string, unknown>[]>;
}

let number = 0;

async function createHistoryWorld(bounds: Pick<ImportDeps, 'mostUndone'> = {}): Promise<HistoryWorld> {
  const world = await createWorld(servers, ['UTC']);
  const cache = `${world.tables.catalog}-cache`;
  await createTable(servers.db.client, cache);
  function now() {
    return settledTo + 3_600_000;
  }
  const catalog = { client: servers.db.client, table: world.tables.catalog };
  const rollups = { client: servers.db.client, table: world.tables.rollups };
  const admin = createCatalogAdmin(catalog);
  const at = '2026-11-01T00:00:00.000Z';
  await admin.createPage(pageSchema.parse({ path: '/ada', title: 'Ada', createdAt: at, updatedAt: at }));
  for (const code of ['spring', 'summer'])
    await admin.createLink(
      linkSchema.parse({ id: code, code, page: '/ada', url: 'https://shop.example/', createdAt: at, updatedAt: at }),
    );
  const { deps } = world;
  const jobs = createHistoryImports({ ...catalog, now });
  const imports: ImportDeps = {
    jobs,
    files: createImportFiles({ client: servers.lake.s3, bucket }),
    salts: createImportSalts({
      client: servers.db.client,
      table: cache,
      now,
      random: (bytes) => new Uint8Array(bytes).fill(7),
    }),
    settle: deps.state,
    readPage: createPageReader({
      catalog: admin,
      athena: deps.athena,
      settle: deps.state,
      files: deps.files,
      ownHosts: ['go.example'],
      ignoreCase: false,
      now,
    }),
    counts: createImportedCounts(rollups),
    countedDays: async (entity, first, last) =>
      (await readMonths(rollups, [entity], first, last)).get(entity) ?? new Map(),
    continueLater: () => Promise.resolve(),
    ignoreCase: false,
    firstDate: '2015-01-01',
    ...bounds,
    now,
  };
  return {
    ...world,
    imports,
    eraser: {
      ...deps,
      linksOfPage: async (path) => (await admin.listLinksOfPage(path, { limit: 100 })).rows.map(({ id }) => id),
      markerDays: 40,
      traces: createPageTraces(catalog),
    },
    report: async (id) =>
      importReportSchema.parse(
        JSON.parse(Buffer.from((await imports.files.get(importReportKey(id))) ?? []).toString('utf8')),
      ),
    undo: async (id, some = imports) => {
      const job = await imports.jobs.get(id);
      if (job) await imports.jobs.change(job, { state: 'undoing' });
      await runImport(some, id, Number.POSITIVE_INFINITY);
      return (await imports.jobs.get(id))?.state;
    },
    importFile: async (text, options = {}) => {
      const id = `01KAP${String(number++).padStart(21, '0')}`;
      const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
      const waiting = newImport({
        id,
        page: '/ada',
        file: { name: 'visits.csv', bytes: bytes.length },
        format: 'auto',
        zone: null,
        until: null,
        dryRun: false,
        now: Date.parse(at),
      });
      const job: ImportJob = { ...waiting, ...beginImport(waiting), ...options };
      await jobs.create(job);
      await imports.files.put(uploadKey(id), bytes);
      await runImport(imports, id, Number.POSITIVE_INFINITY);
      return (await imports.jobs.get(id)) ?? job;
    },
    settle: async () => {
      const summary = await settle(deps, { time: settledTo + 3_600_000 });
      expect(summary).toMatchObject({ state: 'done', refused: [], unreadable: 0 });
    },
    hours: () => world.reader.hours(entityKeys.page('/ada'), '2026-11-01', '2026-11-30'),
    linkId: async (code) => (await admin.getLink(code))?.id ?? '',
    days: async (entity) => {
      const table = { client: servers.db.client, table: world.tables.rollups };
      const days = await readDayNumbers(table, entity, '2015-01-01', '2026-12-31');
      return days.map(({ date, numbers }) => ({ date, ...numbers }));
    },
  };
}

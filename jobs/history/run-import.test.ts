import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginImport, newImport } from '#core/history/new-import.ts';
import { firstCursor, type ImportJob, importReportSchema } from '#schemas/history/history-job.ts';
import type { ImportedMonth } from '#schemas/history/imported-counts.ts';
import { entityKeys } from '#schemas/counters.ts';
import { importReportKey, uploadKey } from '#schemas/lake-keys.ts';
import { createImportSalts } from '#stores/cache/import-salts.ts';
import { createHistoryImports, type HistoryImports } from '#stores/catalog/history-imports.ts';
import { catalogKeys } from '#stores/catalog/catalog-keys.ts';
import { createTable } from '#stores/dynamodb/table.ts';
import type { Tombstone } from '#stores/settle/settle-state.ts';
import { maxUndoneImports } from '#schemas/lake-jobs.ts';
import { createImportedCounts } from '#stores/counters/imported-counts.ts';
import type { ImportFiles } from '#stores/lake/import-files.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import type { ImportDeps, ImportedLink } from './deps.ts';
import { runImport } from './run-import.ts';

let db: TestDynamoDb;
beforeAll(async () => void (db = await startDynamoDb()));
afterAll(() => db.stop());

const header = 'click_id,click_time,shorturl,referrer,user_agent,ip_address,country_code';
const now = Date.parse('2026-11-30T12:00:00Z');

/** Rows of three dates, two links and ten visitors, with every fifth row for a link that the page does not have. */
function logOf(rows: number): string {
  const lines = Array.from({ length: rows }, (_, at) => {
    const time = new Date(Date.parse('2024-03-05T20:00:00Z') + at * 600_000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' ');
    const code = ['spring', 'summer', 'spring', 'summer', 'winter'][at % 5] ?? '';
    return `${at},${time},${code},direct,Mozilla/5.0 (X11; Linux x86_64) Firefox/${at % 3},203.0.113.${at % 10},AT`;
  });
  return [header, ...lines].join('\n');
}

describe('an import', () => {
  it('accounts for every row, in all and for each link and month', async () => {
    const world = createWorld();
    const { job, report } = await world.importFile(logOf(250), { zone: 'UTC' });
    expect(job).toMatchObject({ state: 'done', totals: { rows: 250, accepted: 200, refused: 50, repeated: 0 } });
    expect(report).toMatchObject({
      formats: ['yourls'],
      outcomes: { counted: 200 },
      reasons: { 'is no link of the page. Import the links first': 50 },
      unknownCodes: [{ code: 'winter', rows: 50 }],
      months: [
        { link: 'spring', month: '2024-03', rows: 100, imported: 100, repeated: 0 },
        { link: 'summer', month: '2024-03', rows: 100, imported: 100, repeated: 0 },
      ],
    });
    expect(report?.refusals[0]).toMatchObject({ file: 'log.csv', line: 6, column: 'code', value: 'winter' });
    expect(world.rawRows()).toBe(200);
  });

  it('leaves no file, no chunk and no secret, and no address anywhere', async () => {
    const world = createWorld();
    const { job } = await world.importFile(logOf(60), { zone: 'UTC' });
    expect([...world.objects.keys()].filter((key) => key.startsWith('imports/'))).toEqual([]);
    for (const bytes of world.objects.values()) expect(Buffer.from(bytes).includes('203.0.113')).toBe(false);
    expect(await world.storedSecret(job.id)).toBe(false);
  });

  it('ends in the same state wherever it dies, and goes on where it was', async () => {
    const whole = createWorld({ rowsAtOnce: 40 });
    await whole.importFile(logOf(130), { zone: 'UTC' });
    const calls = whole.calls();
    expect(calls).toBeGreaterThan(30);
    for (let call = 1; call <= calls; call++)
      for (const when of ['before', 'after'] as const) {
        const world = createWorld({ rowsAtOnce: 40, id: whole.id });
        await world.begin(logOf(130), { zone: 'UTC' });
        await expect(world.runAndDie(call, when), `${when} call ${call}`).rejects.toThrow('died');
        await world.run();
        expect(world.state(), `${when} call ${call}`).toEqual(whole.state());
        expect((await world.job())?.totals).toEqual({ rows: 130, accepted: 104, refused: 26, repeated: 0 });
      }
  }, 240_000);

  it('continues in another run when its time is over, and two runs at once write what one does', async () => {
    const whole = createWorld({ rowsAtOnce: 40 });
    await whole.importFile(logOf(130), { zone: 'UTC' });
    const parted = createWorld({ rowsAtOnce: 40, id: whole.id });
    await parted.begin(logOf(130), { zone: 'UTC' });
    let runs = 0;
    while ((await parted.run(0)) === 'continue') runs += 1;
    expect(runs).toBeGreaterThan(4);
    expect(parted.continued).toBe(runs);
    expect(parted.state()).toEqual(whole.state());
    const twice = createWorld({ rowsAtOnce: 40, id: whole.id });
    await twice.begin(logOf(130), { zone: 'UTC' });
    await Promise.all([twice.run(), twice.run()]);
    await twice.run();
    expect(twice.state()).toEqual(whole.state());
  });

  it('reports in a dry run what it would do, writes nothing, and can then be done', async () => {
    const world = createWorld();
    const preview = await world.importFile(logOf(50), { zone: 'UTC', dryRun: true });
    expect(preview).toMatchObject({ job: { state: 'done', totals: { rows: 50, accepted: 40, refused: 10 } } });
    expect([...world.objects.keys()].filter((key) => key.startsWith('raw/'))).toEqual([]);
    expect(world.marks).toEqual([]);
    await world.change({ state: 'running', dryRun: false, attempt: 2, cursor: firstCursor });
    await world.run();
    expect((await world.job())?.totals).toEqual(preview.job.totals);
    expect(world.rawRows()).toBe(40);
    expect(world.marks).toEqual(['2024-03-05T24', '2024-03-06T24']);
  });

  it('reads the rows of an overlapping file once, and equal rows of one file as often as they are there', async () => {
    const world = createWorld();
    await world.importFile(logOf(40), { zone: 'UTC' });
    const more = await world.importFile(logOf(60), { zone: 'UTC' });
    expect(more.job.totals).toEqual({ rows: 60, accepted: 16, refused: 12, repeated: 32 });
    const equal = [
      header,
      ...Array.from({ length: 3 }, () => ',2024-05-05 10:00:00,spring,direct,x,203.0.113.1,AT'),
    ].join('\n');
    expect((await world.importFile(equal, { zone: 'UTC' })).job.totals).toMatchObject({ accepted: 3, repeated: 0 });
    expect((await world.importFile(equal, { zone: 'UTC' })).job.totals).toMatchObject({ accepted: 0, repeated: 3 });
  });

  it('ends before what is counted here, unless it is told another date', async () => {
    const world = createWorld({ ownSince: Date.parse('2024-03-06T02:00:00Z') });
    const own = await world.importFile(logOf(50), { zone: 'UTC' });
    expect(own.report).toMatchObject({
      last: '2024-03-06T01:50:00.000Z',
      reasons: { 'overlaps with what is counted here': 11 },
    });
    const told = await createWorld({ ownSince: 0 }).importFile(logOf(50), { zone: 'UTC', until: '2024-03-06' });
    expect(told.report).toMatchObject({ last: '2024-03-05T23:50:00.000Z' });
  });

  it('refuses dates of which counts are here, unless it is told another date', async () => {
    const world = createWorld({ page: '/counted' });
    const link = entityKeys.link(linkOf('spring', '/counted'));
    await world.putCounts(link, '2024-03', { '05': { clicks: { count: 3 } }, '06': { clicks: { count: 0 } } });
    const { report } = await world.importFile(logOf(50), { zone: 'UTC' });
    // On 5 March are 24 rows, of which 10 are clicks of spring.
    expect(report?.totals).toEqual({ rows: 50, accepted: 30, refused: 20, repeated: 0 });
    expect(report?.reasons).toMatchObject({ 'overlaps with what is counted here': 10 });
    expect(report?.refusals[0]).toMatchObject({
      line: 2,
      column: 'date',
      reason: 'overlaps: clicks of `spring` on 2024-03-05 are here already, as counts of Bitly',
    });
    const told = await world.importFile(logOf(50), { zone: 'UTC', until: '2025-01-01' });
    expect(told.job.totals).toEqual({ rows: 50, accepted: 10, refused: 10, repeated: 30 });
  });

  it('refuses dates of which all clicks of the page are here', async () => {
    const world = createWorld({ page: '/whole' });
    await world.putCounts(entityKeys.page('/whole'), '2024-03', { '05': { clicks: { count: 9 } } });
    const clicks = await world.importFile(logOf(50), { zone: 'UTC' });
    expect(clicks.report?.reasons).toMatchObject({ 'overlaps with what is counted here': 20 });
    expect(clicks.report?.refusals[0]?.reason).toBe(
      'overlaps: clicks of the page on 2024-03-05 are here already, as counts of Bitly',
    );
  });

  it('refuses dates that the lake cannot hold, and the future', async () => {
    const rows = ['2014-12-31 23:59:59', '2015-01-01 00:00:00', '2026-11-30 12:00:00', '2026-11-30 12:00:01'];
    const file = [header, ...rows.map((time, at) => `${at},${time},spring,direct,x,,`)].join('\n');
    const { report } = await createWorld({ ownSince: now + 1 }).importFile(file, { zone: 'UTC' });
    expect(report?.totals).toMatchObject({ accepted: 2, refused: 2 });
    expect(report?.refusals.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'is before 2015-01-01, the first date of the lake'],
      [5, 'is in the future'],
    ]);
  });

  it('asks for the zone of times that name none, and guesses nothing', async () => {
    const { job, report } = await createWorld().importFile(logOf(5));
    expect(job.totals).toMatchObject({ accepted: 0, refused: 5 });
    expect(report?.reasons).toEqual({ 'names no time zone; say which one its times are in': 5 });
  });

  it('takes as many rows as there may be, and writes nothing of a file with one more', async () => {
    const fits = await createWorld({ mostRows: 50 }).importFile(logOf(50), { zone: 'UTC' });
    expect(fits.job).toMatchObject({ state: 'done', totals: { rows: 50 } });
    const world = createWorld({ mostRows: 49, rowsAtOnce: 10 });
    const { job } = await world.importFile(logOf(50), { zone: 'UTC' });
    expect(job).toMatchObject({ state: 'failed', message: 'the file has more than 49 rows. Divide it' });
    expect(world.rawRows()).toBe(0);
  });

  it('takes as many rows of one date as there may be, and writes nothing of a file with one more', async () => {
    // On 5 March are the first 24 rows, of which 20 are of links of the page.
    const fits = await createWorld({ mostRowsOfDate: 20 }).importFile(logOf(26), { zone: 'UTC' });
    expect(fits.job).toMatchObject({ state: 'done', totals: { accepted: 21 } });
    const world = createWorld({ mostRowsOfDate: 19, rowsAtOnce: 10 });
    for (const dryRun of [true, false]) {
      const { job } = await world.importFile(logOf(26), { zone: 'UTC', dryRun });
      expect(job).toMatchObject({
        state: 'failed',
        message: 'the file has 20 rows of 2024-03-05 (UTC); an import takes 19 of one date. Divide the file',
      });
    }
    expect([world.rawRows(), world.marks]).toEqual([0, []]);
  });

  it('compares with as many events of other imports as there may be, and writes nothing if there is one more', async () => {
    const world = createWorld({ mostOthersOfDate: 20 });
    for (const rows of [24, 26]) expect((await world.importFile(logOf(rows), { zone: 'UTC' })).job.state).toBe('done');
    const full = createWorld({ mostOthersOfDate: 19 });
    await full.importFile(logOf(24), { zone: 'UTC' });
    const { job } = await full.importFile(logOf(26), { zone: 'UTC' });
    expect(job).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('more than 19 events of 2024-03-05 (UTC)') as string,
    });
    expect(full.rawRows()).toBe(20);
  });

  it('reads the rows of one date about once, however many parts it has', async () => {
    const world = createWorld({ rowsAtOnce: 640 });
    const rows = Array.from({ length: 6_400 }, (_, at) => `${at},2024-03-05 10:00:00,spring,direct,Firefox,,AT`);
    const { job } = await world.importFile([header, ...rows].join('\n'), { zone: 'UTC' });
    expect(job.totals).toMatchObject({ accepted: 6_400 });
    expect(new Set(world.rawFiles()).size).toBe(10);
    expect(world.chunkBytes.read / world.chunkBytes.written).toBeLessThan(2);
  });

  it('divides equal rows, which are in one part, into files that fit into memory', async () => {
    const world = createWorld({ rowsAtOnce: 20 });
    const rows = Array.from({ length: 300 }, () => ',2024-03-05 10:00:00,spring,direct,Firefox,,AT');
    const { job } = await world.importFile([header, ...rows].join('\n'), { zone: 'UTC' });
    expect(job.totals).toMatchObject({ accepted: 300, repeated: 0 });
    expect(world.rawRows()).toBe(300);
    expect(Math.max(...world.rawFiles())).toBeLessThanOrEqual(60);
  });

  it('keeps no more of a text than an event may, and knows the row again', async () => {
    const world = createWorld();
    const file = [
      header,
      ...['a', 'b'].map((end) => `,2024-05-05 10:00:00,spring,direct,${'x'.repeat(900_000)}${end},,AT`),
    ];
    await world.begin(file.join('\n'), { zone: 'UTC' });
    await world.run(0);
    const [chunk] = [...world.objects].flatMap(([name, bytes]) => (name.endsWith('chunk-0.gz') ? [bytes] : []));
    expect(gunzipSync(chunk ?? Buffer.of()).length).toBeLessThan(20_000);
    while ((await world.run(0)) === 'continue');
    expect((await world.job())?.totals).toMatchObject({ accepted: 2, repeated: 0 });
    expect((await world.importFile(file.join('\n'), { zone: 'UTC' })).job.totals).toMatchObject({
      accepted: 0,
      repeated: 2,
    });
  });

  it('of an empty file has nothing to do', async () => {
    for (const file of ['', header])
      expect((await createWorld().importFile(file)).job).toMatchObject({
        state: 'done',
        totals: { rows: 0, accepted: 0 },
      });
  });
});

describe('an import that is undone', () => {
  it('leaves a tombstone and marks its dates, also when it is undone while it runs', async () => {
    const world = createWorld({ rowsAtOnce: 40 });
    await world.begin(logOf(130), { zone: 'UTC' });
    for (let run = 0; run < 5; run++) await world.run(0);
    await world.change({ state: 'undoing' });
    await world.run();
    expect(await world.job()).toMatchObject({ state: 'undone' });
    expect(world.tombstones).toHaveLength(1);
    expect(new Set(world.marks)).toEqual(new Set(['2024-03-05T24', '2024-03-06T24']));
    const again = await world.importFile(logOf(130), { zone: 'UTC' });
    expect(again.job.totals).toMatchObject({ accepted: 104, repeated: 0 });
  });
});

describe('an import of counts that is undone', () => {
  const days = 'date,visitors,pageviews\n2024-03-05,4,10\n2024-04-01,2,5\n';
  const links = 'keyword,url,timestamp,clicks\nspring,https://shop.example,2020-01-01 00:00:00,120\n';

  it.each([
    ['undone', 'undone' as const, '/late', days, entityKeys.page('/late')],
    ['undone, with links', 'undone' as const, '/links', links, entityKeys.link(linkOf('spring', '/links'))],
    ['erased with its page', undefined, '/gone', days, entityKeys.page('/gone')],
  ])('leaves no counts when it is %s while a run writes them', async (_, state, page, file, entity) => {
    const world = createWorld({ page });
    await world.begin(file, { zone: 'UTC' });
    world.beforeCounts(async () => {
      if (state === undefined) await world.erase();
      else {
        await world.change({ state: 'undoing' });
        await world.run();
      }
    });
    expect(await world.run()).toBe('stopped');
    expect((await world.job())?.state).toBe(state);
    expect([await world.months(entity), await world.totals(entity)]).toEqual([[], undefined]);
    if (state === undefined) expect([...world.objects.keys()]).toEqual([]);
  });
});

describe('counts of dates with single events', () => {
  const days = 'date,visitors,pageviews\n2024-03-04,1,7\n2024-03-05,4,10\n2024-03-06,4,10\n2024-03-07,1,7\n';
  /** Clicks of links by day, as Bitly returns them. */
  function clicksOf(codes: readonly string[], dates: readonly string[]): string {
    const link_clicks = dates.map((date) => ({ date: `${date}T00:00:00+0000`, clicks: 3 }));
    return JSON.stringify(codes.map((code) => ({ bitlink: `bit.ly/${code}`, unit: 'day', link_clicks })));
  }
  /** Views and robots, as GoatCounter exports them. */
  function viewsOf(times: readonly string[], { bot = 0 } = {}): string {
    const first =
      '2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,Date';
    return [first, ...times.map((time, at) => `/,,0,,Firefox,Linux,s${at},${bot},,,,AT,1,${time}`)].join('\n');
  }
  const aroundMidnight = ['2024-03-05T23:30:00Z', '2024-03-06T10:00:00Z'];

  it.each([
    ['UTC', ['2024-03-05', '2024-03-06']],
    ['Pacific/Kiritimati', ['2024-03-06', '2024-03-07']],
    ['Pacific/Niue', ['2024-03-05']],
  ])('are refused before the events have settled, by the date in %s', async (timeZone, refused) => {
    const world = createWorld({ page: `/views-${timeZone.slice(-4)}`, timeZone });
    const events = await world.importFile(viewsOf(aroundMidnight));
    expect(events.job.totals).toMatchObject({ accepted: 2 });
    for (const dryRun of [true, false]) {
      const { report } = await world.importFile(days, { dryRun });
      expect(report?.refusals.map(({ value, reason }) => [value, reason])).toEqual(
        refused.map((date) => [date, 'overlaps: views of this date are here already, as single events']),
      );
      expect(report?.reasons).toEqual({ 'overlaps with what is counted here': refused.length });
    }
    const told = await world.importFile(days, { until: '2025-01-01' });
    expect(told.report?.totals).toMatchObject({ repeated: 4 - refused.length, accepted: refused.length });
  });

  it('are refused by link, and those of all clicks of the page', async () => {
    const world = createWorld({ page: '/clicked' });
    await world.importFile(logOf(24).replaceAll(',summer,', ',winter,'), { zone: 'UTC' });
    const { report } = await world.importFile(clicksOf(['spring', 'summer'], ['2024-03-04', '2024-03-05']));
    expect(report?.months).toMatchObject([
      { link: 'spring', counts: { file: 6, imported: 3, refused: 3 } },
      { link: 'summer', counts: { file: 6, imported: 6, refused: 0 } },
    ]);
    const whole = await world.importFile(
      zip({ 'timeseries.csv': Buffer.from('start,clicks\n2024-03-05T00:00:00Z,9\n2024-03-06T00:00:00Z,9\n') }),
      { format: 'dub-analytics' },
    );
    expect(whole.report?.refusals.map(({ value }) => value)).toEqual(['2024-03-05']);
    const views = await world.importFile(days);
    expect(views.report?.totals).toMatchObject({ accepted: 4, refused: 0 });
  });

  it('are imported if the events are undone, of other pages, robots or custom events', async () => {
    const world = createWorld({ page: '/free' });
    await world.importFile(viewsOf(aroundMidnight));
    await world.change({ state: 'undoing' });
    await world.run();
    await world.importFile(viewsOf(aroundMidnight, { bot: 1 }));
    await world.importFile(viewsOf(aroundMidnight).replaceAll('/,,0', 'sign-up,,1'));
    const { report } = await world.importFile(days);
    expect(report?.totals).toMatchObject({ accepted: 4, refused: 0 });
  });

  it.each([undefined, '2025-01-01'])('are refused in one archive, also in a dry run (until: %s)', async (until) => {
    const page = `/both-${until?.slice(0, 4) ?? 'own'}`;
    const archive = zip({
      'log.csv': Buffer.from(logOf(24)),
      'clicks.json': Buffer.from(clicksOf(['spring', 'summer'], ['2024-03-04', '2024-03-05'])),
    });
    const reports = [];
    for (const dryRun of [true, false]) {
      const world = createWorld({ page, id: newId() });
      const { report } = await world.importFile(archive, { zone: 'UTC', dryRun, until: until ?? null });
      reports.push(report);
    }
    expect(reports[0]).toEqual(reports[1]);
    expect(reports[0]?.totals).toEqual({ rows: 28, accepted: 22, refused: 6, repeated: 0 });
    expect(reports[0]?.refusals.at(-1)?.reason).toBe(
      'overlaps: clicks of this date are in this import as single events',
    );
  });
});

describe('undoing many imports', () => {
  it('stops before settle would have more to leave out of a date than fits into its query', async () => {
    const world = createWorld({ undone: maxUndoneImports - 1 });
    const first = await world.importFile(logOf(5), { zone: 'UTC' });
    await world.change({ state: 'undoing' });
    await world.run();
    expect((await world.job())?.state).toBe('undone');
    expect(world.tombstones).toHaveLength(maxUndoneImports);
    await world.importFile(logOf(6), { zone: 'UTC' });
    await world.change({ state: 'undoing' });
    await world.run();
    expect(await world.job()).toMatchObject({
      state: 'failed',
      message: `${maxUndoneImports} imports of one of its dates were undone within the last two days, as many as there can be. Undo it again later`,
    });
    expect(world.tombstones).toHaveLength(maxUndoneImports);
    expect(first.job.state).toBe('done');
  });
});

describe('a packed file', () => {
  it('is read from gzip, from an archive with folders, and in other encodings', async () => {
    const totals = { rows: 50, accepted: 40, refused: 10, repeated: 0 };
    const file = Buffer.from(logOf(50), 'utf8');
    for (const bytes of [
      gzipSync(file),
      zip({ 'export/log.csv': file, '__MACOSX/._log.csv': Buffer.from('x') }),
      Buffer.from(`\uFEFF${logOf(50)}`, 'utf16le'),
    ])
      expect((await createWorld().importFile(bytes, { zone: 'UTC' })).job.totals).toEqual(totals);
  });

  it.each([
    // Python's zipfile: a file of unknown size, as in a stream.
    [
      'in front of the file',
      'UEsDBC0AAAAAAAAAIQBdGyNB//////////8HABQAbG9nLmNzdgEAEAByAAAAAAAAAHIAAAAAAAAAY2xpY2tfaWQsY2xpY2tfdGlt' +
        'ZSxzaG9ydHVybCxyZWZlcnJlcix1c2VyX2FnZW50LGlwX2FkZHJlc3MsY291bnRyeV9jb2RlCjEsMjAyNC0wMy0wNSAxMDowMDow' +
        'MCxzcHJpbmcsZGlyZWN0LCwsQVQKUEsBAi0DLQAAAAAAAAAhAF0bI0FyAAAAcgAAAAcAAAAAAAAAAAAAAIABAAAAAGxvZy5jc3ZQ' +
        'SwUGAAAAAAEAAQA1AAAAqwAAAAAA',
    ],
    // The same with `ZIP64_LIMIT = 0`.
    [
      'in the directory',
      'UEsDBC0AAAAAAAAAIQBdGyNB//////////8HABQAbG9nLmNzdgEAEAByAAAAAAAAAHIAAAAAAAAAY2xpY2tfaWQsY2xpY2tfdGlt' +
        'ZSxzaG9ydHVybCxyZWZlcnJlcix1c2VyX2FnZW50LGlwX2FkZHJlc3MsY291bnRyeV9jb2RlCjEsMjAyNC0wMy0wNSAxMDowMDow' +
        'MCxzcHJpbmcsZGlyZWN0LCwsQVQKUEsBAi0DLQAAAAAAAAAhAF0bI0H//////////wcAFAAAAAAAAAAAAIABAAAAAGxvZy5jc3YB' +
        'ABAAcgAAAAAAAAByAAAAAAAAAFBLBgYsAAAAAAAAAC0ALQAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAABJAAAAAAAAAKsAAAAAAAAA' +
        'UEsGBwAAAAD0AAAAAAAAAAEAAABQSwUGAAAAAAEAAQBJAAAAqwAAAAAA',
    ],
  ])('is read with numbers of 64 bits %s', async (_, archive) => {
    const bytes = Buffer.from(archive, 'base64');
    const totals = { rows: 1, accepted: 1, refused: 0, repeated: 0 };
    expect((await createWorld().importFile(bytes, { zone: 'UTC' })).job).toMatchObject({ state: 'done', totals });
  });

  it('names the files of an archive that it does not know', async () => {
    const archive = zip({ 'log.csv': Buffer.from(logOf(5)), 'notes.txt': Buffer.from('hello') });
    expect((await createWorld().importFile(archive, { zone: 'UTC' })).report).toMatchObject({ ignored: ['notes.txt'] });
  });

  it.each([
    ['../../etc/passwd', 'outside of its own folder'],
    ['/etc/passwd', 'outside of its own folder'],
    ['C:\\x.csv', 'outside of its own folder'],
    ['a/../../b.csv', 'outside of its own folder'],
  ])('with a file named %s fails', async (name, message) => {
    const { job } = await createWorld().importFile(zip({ [name]: Buffer.from(logOf(5)) }));
    expect(job).toMatchObject({ state: 'failed', message: expect.stringContaining(message) as string });
  });

  it('that becomes a hundred times as large fails, whatever its directory says', async () => {
    const bomb = Buffer.concat([Buffer.from(`${header}\n`), Buffer.alloc(60_000_000, ',,,,,,\n')]);
    for (const bytes of [gzipSync(bomb), zip({ 'log.csv': bomb }), zip({ 'log.csv': bomb }, 1000)]) {
      const { job } = await createWorld().importFile(bytes, { zone: 'UTC' });
      expect(job).toMatchObject({ state: 'failed', message: expect.stringMatching(/100 (?:to 1|times)/) as string });
    }
  });

  it('that is damaged, or is of no known format, fails and says so', async () => {
    const broken = gzipSync(Buffer.from(logOf(500))).subarray(0, 300);
    expect((await createWorld().importFile(broken)).job).toMatchObject({
      state: 'failed',
      message: 'the packed file is damaged',
    });
    expect((await createWorld().importFile('a,b\n1,2')).job).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('no known format') as string,
    });
    expect((await createWorld().importFile(Buffer.from('PK\u0003\u0004oops'))).job).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('archive is damaged') as string,
    });
  });
});

interface Options {
  mostRows?: number;
  mostRowsOfDate?: number;
  mostOthersOfDate?: number;
  rowsAtOnce?: number;
  id?: string;
  ownSince?: number;
  page?: string;
  timeZone?: string;
  /** Imports of the first of its dates that were undone before. */
  undone?: number;
}

let number = 0;

/** An import on objects in memory and tables of its own names. */
function createWorld(options: Options = {}) {
  const { rowsAtOnce, id: given, ownSince = now, page = '/ada', timeZone = 'UTC', undone = 0, ...bounds } = options;
  const objects = new Map<string, Uint8Array>();
  const marks: string[] = [];
  const earlier = { kind: 'import' as const, createdAt: now, dates: { first: '2024-03-05', last: '2024-03-05' } };
  const tombstones: Tombstone[] = Array.from({ length: undone }, (_, at) => ({ hash: `${at}`, ...earlier }));
  let interlude: (() => Promise<void>) | undefined;
  const counts = createImportedCounts({ client: db.client, table: db.tables.rollups });
  const own = number++;
  let id = given ?? newId();
  let calls = 0;
  let dies: { call: number; when: 'before' | 'after' } | undefined;
  const chunkBytes = { read: 0, written: 0 };
  const world = { objects, marks, tombstones, chunkBytes, continued: 0 };
  // The same id in two worlds is two items.
  const tables = { client: db.client, table: db.tables.catalog };
  const names = new Map<string, string>();
  function key(name: string) {
    const stored = names.get(name) ?? `${String(own).padStart(6, '0')}${name}`;
    names.set(name, stored);
    return stored;
  }
  const stored = createHistoryImports({ ...tables, now: () => now });
  const jobs: Pick<HistoryImports, 'get' | 'create' | 'change' | 'checkRunning'> = {
    get: async (name) => withId(await stored.get(key(name)), name),
    create: (job) => stored.create({ ...job, id: key(job.id) }),
    change: async (job, changes) => withId(await stored.change({ ...job, id: key(job.id) }, changes), job.id),
    checkRunning: (job) => stored.checkRunning({ ...job, id: key(job.id) }),
  };
  const salts = createImportSalts({
    client: db.client,
    table: db.tables.cache,
    now: () => now,
    random: (bytes) => new Uint8Array(bytes).fill(7),
  });
  const links = new Map<string, ImportedLink>(
    ['spring', 'summer'].map((code) => [
      code,
      { id: linkOf(code, page), code, url: 'https://shop.example/', title: null, campaign: null, ownSince },
    ]),
  );
  const deps: ImportDeps = {
    jobs: guard(jobs),
    files: guard(filesIn(objects, chunkBytes)),
    salts: guard({ get: (name) => salts.get(key(name)), delete: (name) => salts.delete(key(name)) }),
    settle: guard({
      mark: async (hours: readonly string[]) => void marks.push(...hours),
      hour: async () => undefined,
      putTombstone: async (tombstone: Tombstone) => {
        const at = tombstones.findIndex(({ hash }) => hash === tombstone.hash);
        tombstones.splice(at < 0 ? tombstones.length : at, 1, tombstone);
      },
      tombstones: async () => tombstones,
    }),
    readPage: async () => ({
      settings: { timeZone, identities: 'none', ownHosts: new Set<string>() },
      links,
      ownSince,
    }),
    counts: {
      ...counts,
      guardedBy: (writeGuard) => {
        const guarded = counts.guardedBy(writeGuard);
        return {
          ...guarded,
          putLinks: async (...links) => {
            await guarded.putLinks(...links);
            const happens = interlude;
            interlude = undefined;
            await happens?.();
          },
        };
      },
    },
    countedDays: async () => new Map(),
    continueLater: async () => void world.continued++,
    ignoreCase: false,
    firstDate: '2015-01-01',
    ...(rowsAtOnce !== undefined && { rowsAtOnce }),
    ...bounds,
    now: () => now,
  };

  /** Counts the calls of a port, and fails from the call on at which the process dies. */
  function guard<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name, receiver) => {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function' || name === 'read' || name === 'checkRunning') return member;
        return async (...parameters: unknown[]) => {
          calls += 1;
          const at = calls;
          if (dies !== undefined && (at > dies.call || (at === dies.call && dies.when === 'before')))
            throw new Error('died');
          const result: unknown = await Reflect.apply(member, target, parameters);
          if (dies !== undefined && at === dies.call) throw new Error('died');
          return result;
        };
      },
    });
  }
  async function begin(file: string | Uint8Array, options: Partial<ImportJob> = {}): Promise<void> {
    const bytes = typeof file === 'string' ? Buffer.from(file, 'utf8') : file;
    objects.set(uploadKey(id), bytes);
    await jobs.create({ ...jobOf(id, page, bytes.length), ...options });
    calls = 0;
  }
  function run(deadline = Number.POSITIVE_INFINITY) {
    return runImport(deps, id, deadline);
  }
  return Object.assign(world, {
    get id() {
      return id;
    },
    begin,
    run,
    runAndDie: async (call: number, when: 'before' | 'after') => {
      calls = 0;
      dies = { call, when };
      try {
        await run();
      } finally {
        dies = undefined;
      }
      // An import that is finished at its last call has died after it.
      throw new Error('died');
    },
    calls: () => calls,
    job: () => jobs.get(id),
    change: async (changes: Partial<ImportJob>) => {
      const job = await jobs.get(id);
      if (job !== undefined) await jobs.change(job, changes);
    },
    importFile: async (file: string | Uint8Array, options: Partial<ImportJob> = {}) => {
      if (objects.size > 0 || (await jobs.get(id)) !== undefined) id = newId();
      await begin(file, options);
      await run();
      const job = (await jobs.get(id)) ?? jobOf(id, page, 0);
      const bytes = objects.get(importReportKey(id));
      return { job, report: bytes && importReportSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))) };
    },
    /** Does something once, before the first counts are written. */
    beforeCounts: (happens: () => Promise<void>) => void (interlude = happens),
    months: (entity: string) => deps.counts.listMonths(entity),
    totals: (entity: string) => deps.counts.readTotals(entity),
    /** As an erasure of the page does. */
    erase: async () => {
      objects.clear();
      await createTable(tables).delete(catalogKeys.job(key(id)));
    },
    putCounts: async (entity: string, month: string, days: ImportedMonth['imports'][string]['days']) =>
      deps.counts.changeMonth(entity, month, 'OTHER', () => ({ imports: { OTHER: { tool: 'bitly', days } } })),
    rawRows: () => rowsOfFiles(objects).reduce((sum, rows) => sum + rows, 0),
    rawFiles: () => rowsOfFiles(objects),
    storedSecret: async (name: string) => {
      const other = createImportSalts({
        client: db.client,
        table: db.tables.cache,
        now: () => now,
        random: (bytes) => new Uint8Array(bytes).fill(9),
      });
      const secret = await other.get(key(name));
      return secret[0] === 7;
    },
    /** What is left: objects by content, and marks. */
    state: () => ({
      objects: [...objects]
        .filter(([name]) => !name.startsWith('imports/'))
        .map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')])
        .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      marks: [...new Set(marks)].toSorted(),
    }),
  });
}

/** Tables are shared: links of two pages are two. */
function linkOf(code: string, page: string): string {
  return `${code}~${page.slice(1, 9).padEnd(8, '0')}`;
}

let ids = 0;
function newId(): string {
  return `01KAP${String(ids++).padStart(21, '0')}`;
}

function withId(job: ImportJob | undefined, id: string): ImportJob | undefined {
  return job && { ...job, id };
}

function jobOf(id: string, page: string, bytes: number): ImportJob {
  const waiting = newImport({
    id,
    page,
    file: { name: 'log.csv', bytes },
    format: 'auto',
    zone: null,
    until: null,
    dryRun: false,
    now,
  });
  return { ...waiting, ...beginImport(waiting) };
}

/** Returns how many rows each file of the lake promises. */
function rowsOfFiles(objects: ReadonlyMap<string, Uint8Array>): number[] {
  return [...objects.keys()].flatMap((name) => Number(/-(\d+)\.imported$/.exec(name)?.[1] ?? []));
}

/** Objects in memory, in place of a bucket. */
function filesIn(objects: Map<string, Uint8Array>, chunkBytes: { read: number; written: number }): ImportFiles {
  return {
    size: async (key) => objects.get(key)?.length,
    read: async function* (key, range) {
      const bytes = objects.get(key) ?? new Uint8Array();
      const part = range === undefined ? bytes : bytes.subarray(range.start, range.end);
      if (key.endsWith('.gz')) chunkBytes.read += part.length;
      for (let at = 0; at < part.length; at += 65_536) yield part.subarray(at, at + 65_536);
    },
    get: async (key) => objects.get(key),
    put: async (key, bytes) => {
      objects.set(key, bytes);
      if (key.endsWith('.gz')) chunkBytes.written += bytes.length;
    },
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted(),
    delete: async (keys) => {
      for (const key of keys) objects.delete(key);
    },
  };
}

/** Makes a ZIP archive. @param claims the size that its directory states @default the true one */
function zip(files: Readonly<Record<string, Uint8Array>>, claims?: number): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let length = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const packed = deflateRawSync(bytes);
    const title = Buffer.from(name, 'utf8');
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claims ?? bytes.length, 18);
    fields.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), fields, title, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(length, 10);
    directory.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), fields, rest, title]));
    parts.push(local);
    length += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(length, 16);
  return Buffer.concat([...parts, listing, end]);
}

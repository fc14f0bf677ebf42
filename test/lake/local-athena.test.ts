import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rawKey } from '#schemas/lake-keys.ts';
import { createAthena, type QueryReport } from '#stores/lake/athena.ts';
import { agencyTotals, settleRead } from '#stores/lake/lake-queries.ts';
import { estimateQuery } from '#stores/lake/query-estimate.ts';
import { createSettledFiles } from '#stores/lake/settled-files.ts';
import { eventRow, rawFileOf } from '#test/raw-file.ts';
import { bucket, database, startLake, type TestLake } from './start-lake.ts';

let lake: TestLake;
const reports: QueryReport[] = [];
function ulid(number: number): string {
  return String(number).padStart(26, '0');
}

function athenaOf(workGroup = 'jobs') {
  return createAthena({
    client: lake.athena,
    database,
    workGroup,
    now: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    onReport: (report) => void reports.push(report),
  });
}

function put(key: string, body: Uint8Array | string) {
  return lake.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
}

beforeAll(async () => {
  lake = await startLake();
  const rows = Array.from({ length: 2500 }, (_, at) => eventRow({ event_id: BigInt(at), page_path: `/p${at % 3}` }));
  await put(rawKey({ dt: '2026-11-22', hr: '06' }, ulid(1), 2500), rawFileOf(rows));
  await put(rawKey({ dt: '2026-11-22', hr: '07' }, ulid(2), 1), rawFileOf([eventRow({ event_id: 1n })]));
});
afterAll(() => lake.stop());

it('reads only the files of the partition, and prices the scan', async () => {
  const { rows } = await athenaOf().rows(settleRead, { dt: '2026-11-22', hr: '07', unreadable: [] });
  expect(rows).toEqual([{ path: `s3://lake/raw/dt=2026-11-22/hr=07/${ulid(2)}-1.parquet`, rows_read: 1 }]);
  expect(reports.at(-1)).toMatchObject({ query: 'settle-read', state: 'SUCCEEDED', rows: 1, bytes: 0 });
});

it('pages through large results, and returns column names', async () => {
  const { rows, columns, report } = await athenaOf().statement(
    "SELECT event_id, CAST(7 AS double) / 2 AS half, occurred_at, asn FROM raw_events WHERE dt = '2026-11-22' AND hr = '06' ORDER BY 1",
  );
  expect(columns).toEqual(['event_id', 'half', 'occurred_at', 'asn']);
  expect(rows).toHaveLength(2500);
  expect(rows[2499]).toEqual(['2499', '3.5', '2026-11-22 06:05:00.000', null]);
  expect(report.bytes).toBeGreaterThan(1000);
});

it('takes a list of any length, and parameters in WHERE clauses only', async () => {
  const pages = Array.from({ length: 300 }, (_, at) => `/a-page-with-a-name-${at}`);
  const { rows } = await athenaOf().rows(agencyTotals, {
    first_dt: '2026-11-21',
    last_dt: '2026-11-23',
    from: '2026-11-22',
    to: '2026-11-22',
    pages,
  });
  expect(rows).toHaveLength(300);
  expect(rows.map(({ page_path }) => page_path).toSorted()).toEqual(pages.toSorted());
  await expect(athenaOf().statement('SELECT ? AS a', { parameters: ['1'] })).rejects.toThrow(
    'INVALID_PARAMETER_USAGE: Parameters are allowed in WHERE clauses only',
  );
});

it('names the file and column of a type mismatch, and the file that cannot be read', async () => {
  const key = rawKey({ dt: '2026-11-22', hr: '08' }, ulid(3), 1);
  await put(key, 'PAR1 cut short');
  const query = athenaOf().statement("SELECT count(page_path) FROM raw_events WHERE dt = '2026-11-22' AND hr = '08'");
  await expect(query).rejects.toMatchObject({ name: 'FileDamaged', file: `s3://lake/${key}` });
  const others = await athenaOf().rows(settleRead, { dt: '2026-11-22', hr: '08', unreadable: [`s3://lake/${key}`] });
  expect(others.rows).toEqual([]);
});

it('names the failed query, and rejects an unknown work group', async () => {
  await expect(athenaOf().statement('SELECT nothing FROM raw_events')).rejects.toMatchObject({ name: 'QueryFailed' });
  await expect(athenaOf('none').statement('SELECT 1')).rejects.toThrow(/sql: Athena did not start it: WorkGroup none/);
});

it('estimates what a statement reads and costs, without running it', async () => {
  const files = createSettledFiles({ client: lake.s3, bucket });
  const estimate = await estimateQuery(
    { athena: athenaOf(), files },
    "SELECT count(page_path) FROM raw_events WHERE dt = '2026-11-22' AND hr = '07'",
  );
  expect(estimate.tables).toMatchObject([{ table: 'raw_events', files: 3 }]);
  expect(estimate.dollars).toBe(5e-5);
  const nothing = await estimateQuery(
    { athena: athenaOf(), files },
    "SELECT * FROM raw_events WHERE dt = '2020-01-01'",
  );
  expect(nothing).toMatchObject({ bytes: 0, dollars: 0 });
});

it('cancels an interactive query at its work group’s limit', async () => {
  const { rows } = await athenaOf('interactive').statement("SELECT count(*) FROM raw_events WHERE dt = '2026-11-21'");
  expect(rows).toEqual([['0']]);
  const limited = athenaOf('tiny').statement(
    "SELECT count(page_path) FROM raw_events WHERE dt = '2026-11-22' AND hr = '06'",
  );
  await expect(limited).rejects.toMatchObject({ name: 'QueryCancelled' });
});

it('stops a query at its deadline', async () => {
  let clock = 0;
  const hurried = createAthena({
    client: lake.athena,
    database,
    workGroup: 'jobs',
    now: () => (clock += 1000),
    sleep: async () => undefined,
    onReport: (report) => void reports.push(report),
  });
  await expect(hurried.statement('SELECT sum(a.range) FROM range(100000000) a', { deadline: 500 })).rejects.toThrow(
    /^sql: still (QUEUED|RUNNING) after \d+ ms; stopped$/,
  );
  expect(reports.at(-1)).toMatchObject({ state: 'TIMED_OUT' });
});

it('writes a result that is larger than a request to the local S3 may be', async () => {
  const digits = "md5(CAST(a.event_id AS varchar) || ' ' || CAST(b.event_id AS varchar))";
  const rows = "raw_events WHERE dt = '2026-11-22' AND hr = '06' AND event_id < 900";
  await athenaOf().statement(
    `UNLOAD (SELECT ${digits} AS digits FROM (SELECT event_id FROM ${rows}) a CROSS JOIN (SELECT event_id FROM ${rows}) b)
    TO 's3://lake/large/' WITH (format = 'PARQUET', compression = 'ZSTD', compression_level = 1)`,
  );
  const { Contents = [] } = await lake.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'large/' }));
  expect(Contents.map(({ Size = 0 }) => Size > 12_000_000)).toEqual([true]);
});

import { addDays } from '#core/ledger/time-range.ts';
import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { csvLine } from '#core/export/csv.ts';
import { exportColumns } from '#schemas/export-columns.ts';
import type { ExportPayload, ExportResult } from '#schemas/lake-jobs.ts';
import { exportsPrefix } from '#schemas/lake-keys.ts';
import type { Athena } from '#stores/lake/athena.ts';
import type { Lake } from '#stores/lake/lake.ts';
import { pageEvents } from '#stores/lake/lake-queries.ts';
import type { SettledFiles } from '#stores/lake/settled-files.ts';

export interface ExportDependencies {
  athena: Athena;
  lake: Lake;
  files: SettledFiles;
  bucket: string;
}

/**
 * Writes a page's settled events to `exports/<id>/`.
 * @throws {QueryFailed} {StoreUnavailable}
 */
export async function exportPage(deps: ExportDependencies, request: ExportPayload): Promise<ExportResult> {
  const { page, from, to, format, id } = request;
  const folder = `${exportsPrefix}${id}/`;
  await deps.athena.unload(
    pageEvents,
    { page, from, to, first_dt: addDays(from, -1), last_dt: addDays(to, 1) },
    `s3://${deps.bucket}/${folder}`,
  );
  const parquet = (await deps.files.list(folder)).map(({ key }) => key);
  const csv: string[] = [];
  let events = 0;
  for (const key of parquet) {
    const rows = await readRows(await deps.lake.get(key));
    events += rows.length;
    if (format === 'parquet') continue;
    const target = `${key.replace(/\.parquet$/, '')}.csv`;
    await deps.lake.put(target, Buffer.from(toCsv(rows), 'utf8'));
    csv.push(target);
  }
  if (format === 'parquet') return { keys: parquet, events };
  await deps.files.delete(parquet);
  return { keys: csv, events };
}

function readRows(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: asBuffer(bytes), compressors: { ZSTD: (input) => zstdDecompressSync(input) } });
}

function asBuffer(bytes: Uint8Array) {
  return {
    byteLength: bytes.byteLength,
    slice: (start: number, end?: number) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
}

function toCsv(rows: readonly Record<string, unknown>[]): string {
  return [csvLine(exportColumns), ...rows.map((row) => csvLine(exportColumns.map((name) => row[name])))].join('');
}

import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { parquetCompressors, parquetFile } from '#core/aggregate/parquet-input.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { csvLine, idCell } from '#schemas/export/csv.ts';
import { exportColumns, idColumns } from '#schemas/export/columns.ts';
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

/** An export is larger than its limit. Nothing of it is kept. */
export class ExportTooLarge extends Error {
  override readonly name = 'ExportTooLarge';
}

/** Bytes of Parquet, about 5 million events: a function has 1.7 GB and 15 minutes. */
export const maxExportBytes = 500_000_000;

/** Events in a CSV file, so that only these are in memory as text. */
const eventsPerCsv = 100_000;

/**
 * Writes a page's settled events to `exports/<id>/`.
 * @throws {ExportTooLarge} {QueryFailed} {StoreUnavailable}
 */
export async function exportPage(deps: ExportDependencies, request: ExportPayload): Promise<ExportResult> {
  const { page, from, to, format, id } = request;
  const folder = `${exportsPrefix}${id}/`;
  await deps.athena.unload(
    pageEvents,
    { page, from, to, first_dt: addDays(from, -1), last_dt: addDays(to, 1) },
    `s3://${deps.bucket}/${folder}`,
  );
  const written = await deps.files.list(folder);
  const parquet = written.map(({ key }) => key);
  const bytes = written.reduce((sum, { size }) => sum + size, 0);
  if (bytes > maxExportBytes) {
    await deps.files.delete(parquet);
    throw new ExportTooLarge(`${bytes} bytes of Parquet; an export has at most ${maxExportBytes}`);
  }
  const csv: string[] = [];
  let events = 0;
  for (const key of parquet) {
    const file = parquetFile(await deps.lake.get(key));
    const metadata = await parquetMetadataAsync(file);
    const rows = Number(metadata.num_rows);
    events += rows;
    if (format === 'parquet') continue;
    for (let rowStart = 0; rowStart < rows; rowStart += eventsPerCsv) {
      const target = `${key}-${csv.length + 1}.csv`;
      const rowEnd = Math.min(rowStart + eventsPerCsv, rows);
      const some = await parquetReadObjects({ file, metadata, compressors: parquetCompressors, rowStart, rowEnd });
      await deps.lake.put(target, Buffer.from(toCsv(some), 'utf8'));
      csv.push(target);
    }
  }
  if (format === 'parquet') return { keys: parquet, events };
  await deps.files.delete(parquet);
  return { keys: csv, events };
}

function toCsv(rows: readonly Record<string, unknown>[]): string {
  const lines = rows.map((row) => csvLine(exportColumns.map((name) => toCell(name, row[name]))));
  // Without the mark, spreadsheets read umlauts wrongly.
  return `\uFEFF${[csvLine(exportColumns), ...lines].join('')}`;
}

function toCell(name: (typeof exportColumns)[number], value: unknown): unknown {
  const isId = idColumns.has(name) && (typeof value === 'string' || typeof value === 'bigint');
  return isId ? idCell(String(value)) : value;
}

import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { parquetCompressors, parquetFile } from '#core/aggregate/parquet-input.ts';
import { memoize } from '#core/memoize.ts';
import { hashSubject } from '#core/settle/tombstone.ts';
import type { EventRow } from '#schemas/event.ts';
import { importedHour, parseRawKey, rawPrefix } from '#schemas/lake-keys.ts';
import type { ImportDeps } from './deps.ts';

/** Columns of an imported event, by name. */
export type ImportedRow = Record<string, unknown> & { import_id: string };

interface Wanted {
  page: string;
  columns: readonly (keyof EventRow)[];
}

/** Reads imported events of a page, a row group after the other: those of all pages do not fit into memory. */
export async function* readImportedRows(
  files: Pick<ImportDeps['files'], 'get'>,
  key: string,
  { page, columns }: Wanted,
): AsyncGenerator<ImportedRow[]> {
  const bytes = await files.get(key);
  if (bytes === undefined) return;
  const file = parquetFile(bytes);
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const rows = await parquetReadObjects({
      file,
      metadata,
      columns: ['import_id', 'page_path', ...columns],
      rowStart,
      rowEnd,
      compressors: parquetCompressors,
    });
    rowStart = rowEnd;
    yield rows.flatMap(({ import_id, page_path, ...row }) =>
      page_path === page && typeof import_id === 'string' ? [{ ...row, import_id }] : [],
    );
  }
}

/** Returns the keys of the raw files of imports with events of a UTC date. */
export async function listRawImports(files: Pick<ImportDeps['files'], 'list'>, dt: string): Promise<string[]> {
  const keys = await files.list(`${rawPrefix}dt=${dt}/hr=${importedHour}/`);
  return keys.filter((key) => parseRawKey(key) !== undefined);
}

/** Returns a function that says whether an import was undone. */
export async function createUndone(settle: Pick<ImportDeps['settle'], 'tombstones'>): Promise<(id: string) => boolean> {
  const undone = new Set((await settle.tombstones()).flatMap(({ kind, hash }) => (kind === 'import' ? [hash] : [])));
  // Millions of events are of a few imports.
  return memoize(1_000, (id: string) => undone.has(hashSubject({ kind: 'import', value: id })));
}

/** Keys of the lake bucket. Hours are UTC event hours. */

export const rawPrefix = 'raw/';
export const failedPrefix = 'failed/';
export const settledPrefix = 'settled/';
/** Exports for download; they expire. */
export const exportsPrefix = 'exports/';

/** Receipts of erasures. They do not name whom they are about, and stay. */
export const erasuresPrefix = 'erasures/';

/** Uploaded files with history of other tools, and what their import leaves while it runs; they expire. */
export const importsPrefix = 'imports/';

/** Returns the key of the file that a client uploads for an import. */
export function uploadKey(id: string): string {
  return `${importsPrefix}${id}/upload`;
}

/** Returns the folder of what an attempt of an import has read so far. */
export function importFolder(id: string, attempt: number): string {
  return `${importsPrefix}${id}/attempt-${attempt}/`;
}

/** Returns the folder of what a pull has read so far. */
export function pullFolder(id: string): string {
  return `${importsPrefix}${id}/pull/`;
}

/** Reports of imports stay: they hold no events. */
export const importReportsPrefix = 'import-reports/';

export function importReportKey(id: string): string {
  return `${importReportsPrefix}${id}.json`;
}

/** Reports of pulls, which name refused links. */
export function pullReportKey(id: string): string {
  return `${importReportsPrefix}${id}-links.json`;
}

/**
 * The partition of a date that holds its imported events, after its 24 hours. It settles alone: a long history takes a
 * query for a date, and no hour with traffic of its own waits for it or is written again.
 */
export const importedHour = '24';

export interface RawKey {
  dt: string;
  hr: string;
  ulid: string;
  rows: number;
}

/** Results of background jobs. */
export function exportResultKey(id: string): string {
  return `${exportsPrefix}${id}/result.json`;
}

export function erasureResultKey(id: string): string {
  return `${erasuresPrefix}${id}.json`;
}

/** `{ dt: '2026-11-22', hr: '07' }` of a moment in milliseconds since the epoch. */
export function partitionOf(epochMs: number): { dt: string; hr: string } {
  const at = new Date(epochMs);
  return { dt: at.toISOString().slice(0, 10), hr: twoDigits(at.getUTCHours()) };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** `raw/dt=2026-11-22/hr=07/<ulid>-<rows>.parquet`; settle checks the row count. */
export function rawKey(partition: { dt: string; hr: string }, ulid: string, rows: number): string {
  return `${rawPrefix}dt=${partition.dt}/hr=${partition.hr}/${ulid}-${rows}.parquet`;
}

/**
 * `raw/dt=2024-03-05/hr=24/<ulid>-<rows>.imported`: S3 announces no file with this ending, so that rollup never reads one.
 */
export function importedKey(dt: string, ulid: string, rows: number): string {
  return `${rawPrefix}dt=${dt}/hr=${importedHour}/${ulid}-${rows}.imported`;
}

const rawKeyPattern = /^raw\/dt=(\d{4}-\d{2}-\d{2})\/hr=(\d{2})\/([0-9A-HJKMNP-TV-Z]{26})-(\d+)\.(?:parquet|imported)$/;

/** Undefined for a key that neither enrich nor an import wrote. */
export function parseRawKey(key: string): RawKey | undefined {
  const [, dt, hr, ulid, rows] = rawKeyPattern.exec(key) ?? [];
  return dt && hr && ulid && rows ? { dt, hr, ulid, rows: Number(rows) } : undefined;
}

export function failedKey(dt: string, ulid: string): string {
  return `${failedPrefix}dt=${dt}/${ulid}.ndjson.gz`;
}

/** Run of an hour that was never settled: no folder has this name. */
export const noRun = 'none';

/** Returns the key of a run's manifest: the files that it read, with the number of rows that their keys state. */
export function manifestKey({ dt, hr }: { dt: string; hr: string }, run: string): string {
  return `${settledPrefix}manifests/dt=${dt}/hr=${hr}/${run}.json`;
}

export const dayEntitiesPrefix = `${settledPrefix}days/`;

/** Returns the key of the list of entities that have an item of a local date. */
export function dayEntitiesKey(date: string): string {
  return `${dayEntitiesPrefix}dt=${date}/entities.json`;
}

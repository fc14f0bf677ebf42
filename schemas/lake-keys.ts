/** Keys of the lake bucket. Hours are UTC event hours. */

export const rawPrefix = 'raw/';
export const failedPrefix = 'failed/';
export const settledPrefix = 'settled/';
/** Files made for somebody to take away; they expire. */
export const exportsPrefix = 'exports/';

/** Receipts of erasures. They do not name whom they are about, and stay. */
export const erasuresPrefix = 'erasures/';
/** What a job that ran on its own left for whoever asked for it. */
export const exportResultKey = (id: string): string => `${exportsPrefix}${id}/result.json`;
export const erasureResultKey = (id: string): string => `${erasuresPrefix}${id}.json`;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `{ dt: '2026-11-22', hr: '07' }` of a moment in milliseconds since the epoch. */
export const partitionOf = (epochMs: number): { dt: string; hr: string } => {
  const at = new Date(epochMs);
  return { dt: at.toISOString().slice(0, 10), hr: twoDigits(at.getUTCHours()) };
};

/** `raw/dt=2026-11-22/hr=07/<ulid>-<rows>.parquet`; the row count is a promise that settle holds the file to. */
export const rawKey = (partition: { dt: string; hr: string }, ulid: string, rows: number): string =>
  `${rawPrefix}dt=${partition.dt}/hr=${partition.hr}/${ulid}-${rows}.parquet`;

export interface RawKey {
  dt: string;
  hr: string;
  ulid: string;
  rows: number;
}

const rawKeyPattern = /^raw\/dt=(\d{4}-\d{2}-\d{2})\/hr=(\d{2})\/([0-9A-HJKMNP-TV-Z]{26})-(\d+)\.parquet$/;

/** Undefined for a key that enrich did not write. */
export const parseRawKey = (key: string): RawKey | undefined => {
  const [, dt, hr, ulid, rows] = rawKeyPattern.exec(key) ?? [];
  return dt && hr && ulid && rows ? { dt, hr, ulid, rows: Number(rows) } : undefined;
};

export const failedKey = (dt: string, ulid: string): string => `${failedPrefix}dt=${dt}/${ulid}.ndjson.gz`;

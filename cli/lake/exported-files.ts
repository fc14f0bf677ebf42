import path from 'node:path';

/** Concatenates CSV files and keeps the header of the first. */
export function joinCsv(files: readonly Uint8Array[]): Buffer {
  return Buffer.concat(files.map((bytes, at) => (at === 0 ? bytes : skipHeader(bytes))));
}

const lineEnd = 0x0a;

function skipHeader(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.indexOf(lineEnd) + 1);
}

/** Returns `ada.parquet` for one file, and `ada-1.parquet`, `ada-2.parquet` for two. */
export function nameFiles(out: string, count: number): string[] {
  if (count === 1) return [out];
  const { dir, name, ext } = path.parse(out);
  return Array.from({ length: count }, (_, at) => path.join(dir, `${name}-${at + 1}${ext}`));
}

import path from 'node:path';

/** Several CSV files as one. */
export function joinCsv(files: readonly Uint8Array[]): Buffer {
  return Buffer.concat(files.map((bytes, at) => (at === 0 ? bytes : withoutHeader(bytes))));
}

const lineEnd = 0x0a;

/** What follows the first line: each file of a CSV export begins with the names of its columns. */
function withoutHeader(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.indexOf(lineEnd) + 1);
}

/** `ada.parquet`, or `ada-1.parquet`, `ada-2.parquet` where Athena wrote more than one. */
export function namesOf(out: string, count: number): string[] {
  if (count === 1) return [out];
  const { dir, name, ext } = path.parse(out);
  return Array.from({ length: count }, (_, at) => path.join(dir, `${name}-${at + 1}${ext}`));
}

import path from 'node:path';

/** Joins CSV files, and keeps the header of the first. */
export async function* joinCsv(files: readonly AsyncIterable<Uint8Array>[]): AsyncGenerator<Uint8Array> {
  for (const [at, file] of files.entries()) yield* at === 0 ? file : withoutHeader(file);
}

const lineEnd = 0x0a;

async function* withoutHeader(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let inHeader = true;
  for await (const bytes of file) {
    const end = inHeader ? bytes.indexOf(lineEnd) : -1;
    if (inHeader && end < 0) continue;
    inHeader = false;
    yield bytes.subarray(end + 1);
  }
}

/** Returns `ada.parquet` for one file, and `ada-1.parquet`, `ada-2.parquet` for two. */
export function nameFiles(out: string, count: number): string[] {
  if (count === 1) return [out];
  const { dir, name, ext } = path.parse(out);
  return Array.from({ length: count }, (_, at) => path.join(dir, `${name}-${at + 1}${ext}`));
}

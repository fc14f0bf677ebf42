import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { CountRow } from '#core/history/history-row.ts';
import type { StagedRow } from '#core/history/staged-row.ts';
import { historyFormatNames } from '#schemas/history/history-formats.ts';
import { type ImportJob, refusalSchema } from '#schemas/history/history-job.ts';
import { importFolder } from '#schemas/lake-keys.ts';
import type { ImportFiles } from '#stores/lake/import-files.ts';

/**
 * A chunk is a part of the file as it was read: its accepted rows by UTC date, each date packed by itself, and a summary.
 * The same part always makes the same chunk, so that one that is written again changes nothing.
 */
const chunkSchema = z.object({
  /** Rows of the file in it, refused ones too. */
  rows: z.int(),
  accepted: z.int(),
  /** Where the rows of a UTC date are in the chunk's object: in blocks of equal ranges of keys, one after the other. */
  dates: z.array(z.object({ dt: z.string(), rows: z.int(), start: z.int(), ends: z.array(z.int()) })),
  /** Where rows with counts are, by tool and file. */
  counts: z.array(z.object({ tool: z.string(), file: z.string(), start: z.int(), end: z.int(), rows: z.int() })),
  /** Accepted rows by link and month: `spring~x81kd03f 2026-11`. */
  months: z.record(z.string(), z.int()),
  first: z.number().nullable(),
  last: z.number().nullable(),
  refusals: z.array(refusalSchema),
  reasons: z.record(z.string(), z.int()),
  unknownCodes: z.record(z.string(), z.int()),
  /** What the reading said so far, about the chunks before it, too. */
  formats: z.array(z.enum(historyFormatNames)),
  notes: z.array(z.string()),
  ignored: z.array(z.string()),
});
export type Chunk = z.infer<typeof chunkSchema>;

export interface ChunkContent {
  summary: Omit<Chunk, 'dates' | 'counts'>;
  rows: ReadonlyMap<string, readonly StagedRow[]>;
  /** By tool and file, with a line break between them. */
  counts: ReadonlyMap<string, readonly CountRow[]>;
}

export type ImportAttempt = Pick<ImportJob, 'id' | 'attempt'>;

/** Writes a chunk: its rows first, so that a summary always has them. */
export async function putChunk(files: ImportFiles, job: ImportAttempt, number: number, content: ChunkContent) {
  const parts: Uint8Array[] = [];
  let length = 0;
  function pack(rows: readonly object[]) {
    const part = gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { level: 1 });
    parts.push(part);
    length += part.length;
    return { start: length - part.length, end: length, rows: rows.length };
  }
  const dates = [...content.rows].map(([dt, rows]) => ({
    dt,
    rows: rows.length,
    start: length,
    ends: divideByKey(rows).map((block) => pack(block).end),
  }));
  const counts = [...content.counts].map(([place, rows]) => {
    const [tool = '', file = ''] = place.split('\n');
    return { tool, file, ...pack(rows) };
  });
  await files.put(rowsKey(job, number), Buffer.concat(parts));
  const chunk: Chunk = { ...content.summary, dates, counts };
  await files.put(summaryKey(job, number), Buffer.from(JSON.stringify(chunk), 'utf8'));
}

/** Rows of a block. Packed alone, fewer would take more bytes. */
const rowsOfBlock = 64;

function divideByKey(rows: readonly StagedRow[]): StagedRow[][] {
  const blocks: StagedRow[][] = Array.from({ length: Math.ceil(rows.length / rowsOfBlock) }, () => []);
  for (const row of rows) blocks[rangeOf(row, blocks.length)]?.push(row);
  return blocks;
}

/** Returns which of `ranges` equal ranges of keys a row is in. Rows with one key are in one range. */
export function rangeOf({ key }: Pick<StagedRow, 'key'>, ranges: number): number {
  return Math.floor((Number.parseInt(key.slice(0, 8), 16) * ranges) / 2 ** 32);
}

/** Returns the bytes of the blocks that hold the rows of a part of a date, and some of the parts next to it. */
export function findBlocks({ start, ends }: Chunk['dates'][number], part: number, parts: number) {
  const first = Math.floor((part * ends.length) / parts);
  const last = Math.ceil(((part + 1) * ends.length) / parts) - 1;
  return { start: ends[first - 1] ?? start, end: ends[last] ?? start };
}

/** Reads the summaries of all chunks, in order. */
export async function readChunks(files: ImportFiles, job: ImportAttempt, count: number): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (let number = 0; number < count; number++) {
    const bytes = await files.get(summaryKey(job, number));
    if (bytes === undefined) throw new ChunkMissing(`chunk ${number} of import ${job.id} has expired`);
    const { data } = chunkSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (data === undefined)
      throw new ChunkMissing(`chunk ${number} of import ${job.id} is of another version. Start it again`);
    chunks.push(data);
  }
  return chunks;
}

/** What an import left has expired: it must be read again. */
export class ChunkMissing extends Error {
  override readonly name = 'ChunkMissing';
}

/** Reads the rows of a part of a chunk, or of several next to each other. */
export async function readPart<Row extends StagedRow | CountRow>(
  files: ImportFiles,
  job: ImportAttempt,
  number: number,
  part: { start: number; end: number },
): Promise<Row[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of files.read(rowsKey(job, number), part)) pieces.push(piece);
  const lines = gunzipSync(Buffer.concat(pieces)).toString('utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Row);
}

function rowsKey({ id, attempt }: ImportAttempt, number: number): string {
  return `${importFolder(id, attempt)}chunk-${number}.gz`;
}

function summaryKey({ id, attempt }: ImportAttempt, number: number): string {
  return `${importFolder(id, attempt)}chunk-${number}.json`;
}

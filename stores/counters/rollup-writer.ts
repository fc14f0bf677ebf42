import {
  type Coverage,
  toCoverage,
  decodeCoverage,
  encodeCoverage,
  remainingSteps,
  type Step,
  takeChunk,
} from '#core/aggregate/coverage.ts';
import type { HourDelta } from '#core/aggregate/count-events.ts';
import { hourKey, markerKey, parseHourKey } from './counter-items.ts';
import { expiring, toItem } from '../dynamodb/items.ts';
import { type Backoff, retryUntil } from '../dynamodb/retry.ts';
import {
  createTable,
  isNew,
  type Table,
  type TableOptions,
  TransactionRefused,
  type Write,
} from '../dynamodb/table.ts';
import { DamagedItem, StoreUnavailable } from '../errors.ts';

/** Adds the counts of raw files to the hourly counters. */
export interface RollupWriter {
  /**
   * Adds the deltas of one raw file exactly once, even over repeated, concurrent and interrupted calls with different
   * chunk sizes.
   * @param deadline milliseconds since the epoch
   * @throws {StoreUnavailable} if conflicts or throttling last until the deadline; written chunks stay recorded
   * @throws {ChunkRefused} {@link DamagedItem}
   */
  applyFile: (rawKey: string, deltas: readonly HourDelta[], deadline: number) => Promise<Applied>;
}

export interface RollupWriterOptions extends TableOptions {
  backoff: Backoff;
  /** Days for which an hourly item is kept after its last write. */
  hotDays: number;
  markerDays: number;
  /** Updates in one transaction, besides its marker. @default 99, the most */
  chunkSize?: number;
}

export interface Applied {
  /** Transactions written by this call. */
  chunks: number;
  /** Updates written by this call. */
  updates: number;
  /** Transactions that other calls had written for this file. */
  chunksBefore: number;
}

/** Thrown if DynamoDB rejects a chunk for a reason that no retry fixes, such as an item above 400 KB. */
export class ChunkRefused extends Error {
  override readonly name = 'ChunkRefused';
}

/**
 * Creates the writer. The markers of a file are a log: chunk n holds steps that chunks 0 to n − 1 don't, and only one
 * writer can create it. So chunks are written one after the other, and a writer that loses a race reads the log again.
 *
 * @example
 * const rollups = createRollupWriter({ client, table, backoff, hotDays: 90, markerDays: 40 });
 * await rollups.applyFile(rawKey, [{ entity: 'link#k3x9', hour: '2026-11-22T07+01:00', add: { clicks: 1 } }], deadline);
 */
export function createRollupWriter(options: RollupWriterOptions): RollupWriter {
  const table = createTable(options);
  return {
    applyFile: async (rawKey, deltas, deadline) => {
      const { backoff } = options;
      const applied: Applied = { chunks: 0, updates: 0, chunksBefore: 0 };
      const file: File = { table, options, rawKey, deadline };
      for (;;) {
        const retry = { deadline, backoff, what: `markers of ${rawKey}` };
        const done = await retryUntil(retry, () => readMarkers(table, rawKey));
        applied.chunksBefore = done.length - applied.chunks;
        if (await writeChunks(file, remainingSteps(deltas, done), done.length, applied)) return applied;
      }
    },
  };
}

async function readMarkers(table: Table, rawKey: string): Promise<Coverage[]> {
  const items = await table.query({ pk: markerKey(rawKey, 0).pk });
  return items.map((item) => decodeMarker(rawKey, item['sk']?.S, item['covers']?.B));
}

function decodeMarker(rawKey: string, sk: string | undefined, covers: Uint8Array | undefined): Coverage {
  try {
    if (covers === undefined) throw new TypeError('it has no attribute "covers"');
    return mapHours(decodeCoverage(covers), parseHourKey);
  } catch (cause) {
    throw new DamagedItem(`marker ${sk} of ${rawKey} cannot be read; its file stays on the queue`, { cause });
  }
}

/** Markers name hours by their sort key. */
function mapHours(coverage: Coverage, map: (hour: string) => string): Coverage {
  return Object.fromEntries(Object.entries(coverage).map(([hour, entities]) => [map(hour), entities]));
}

interface File {
  table: Table;
  options: RollupWriterOptions;
  rawKey: string;
  deadline: number;
}

/** Returns false when another writer was faster. */
async function writeChunks(
  file: File,
  steps: readonly Step[],
  firstNumber: number,
  applied: Applied,
): Promise<boolean> {
  const { options, rawKey, deadline } = file;
  let number = firstNumber;
  let left = steps;
  while (left.length > 0) {
    if (options.backoff.now() >= deadline)
      throw new StoreUnavailable(`${left.length} updates of ${rawKey} are left at the deadline; it stays on the queue`);
    const { chunk, rest } = takeChunk(left, options.chunkSize);
    if (!(await writeChunk(file, number, chunk))) return false;
    applied.chunks += 1;
    applied.updates += chunk.length;
    left = rest;
    number += 1;
  }
  return true;
}

/** Returns false when another writer has written a marker of this number: the remaining steps must be computed again. */
async function writeChunk({ table, options, rawKey, deadline }: File, number: number, chunk: Step[]): Promise<boolean> {
  const { backoff, hotDays, markerDays } = options;
  const now = backoff.now();
  const covers = encodeCoverage(mapHours(toCoverage(chunk), hourKey));
  const marker = { ...markerKey(rawKey, number), covers, ...expiring(now, markerDays) };
  const expires = expiring(now, hotDays);
  const writes: Write[] = [
    { kind: 'put', item: toItem(marker), condition: isNew },
    ...chunk.map(
      ({ entity, hour, add }): Write => ({
        kind: 'update',
        key: { pk: entity, sk: hourKey(hour) },
        change: { add, set: expires },
      }),
    ),
  ];
  try {
    const retry = { deadline, backoff, what: `chunk ${number} of ${rawKey}` };
    return await retryUntil(retry, () => table.transact(writes, { idempotent: true }));
  } catch (cause) {
    if (!(cause instanceof TransactionRefused)) throw cause;
    throw new ChunkRefused(`chunk ${number} of ${rawKey}: ${cause.message}`, { cause });
  }
}

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { ReceivedCount } from '#core/ledger/received.ts';
import { progressKeys, receivedKey, refusedAttribute } from './counter-items.ts';
import { advanceProgress, readProgress } from './progress.ts';
import { expiring, toItem } from '../dynamodb/items.ts';
import { type Backoff, retryUntil } from '../dynamodb/retry.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import { createTable, type Item, type TableOptions } from '../dynamodb/table.ts';
import { DamagedItem } from '../errors.ts';

/** The record of a log window. It is stored before its counts are set, so that a recount after a crash is the same. */
export interface WindowRecord {
  /** Digest of the counts that were set, or undefined while they are being set. */
  digest: string | undefined;
  lines: number;
  /** Time zone of each page when the window was first counted; a later change must not move its hours. */
  zones: Record<string, string>;
}

/** Stores received counts. Every function may throw {@link StoreUnavailable}. */
export interface ReceivedStore {
  /** @throws {DamagedItem} */
  window: (window: string) => Promise<WindowRecord | undefined>;
  putWindow: (window: string, record: WindowRecord) => Promise<void>;
  /**
   * Sets the counts of one window. Safe to repeat, because it never adds.
   * @throws {StoreUnavailable} if the table rejects requests until the deadline; some counts may have been set
   */
  setCounts: (window: string, counts: readonly ReceivedCount[], deadline: number) => Promise<void>;
  /** Returns the watermark in milliseconds since the epoch; undefined before the job's first run. */
  through: () => Promise<number | undefined>;
  /** Moves the watermark forward, never back, so that a run over past windows does not undo progress. */
  advance: (through: number) => Promise<void>;
}

export interface ReceivedOptions extends TableOptions {
  backoff: Backoff;
  hotDays: number;
  /** Counts that are set in one transaction, at most 100: cheaper in time, and twice the write units. @default 1, without transactions */
  countsAtOnce?: number;
}

/** More concurrent updates would only wait for the connection pool. */
const concurrency = 16;

export function createReceivedStore(options: ReceivedOptions): ReceivedStore {
  const { backoff, hotDays, countsAtOnce = 1 } = options;
  const table = createTable(options);

  function toWrite(window: string, { entity, hour, count, refused = {} }: ReceivedCount) {
    const rules = Object.entries(refused).map(([rule, requests]) => [refusedAttribute(window, rule), requests]);
    const set = { [window]: count, ...Object.fromEntries(rules), ...expiring(backoff.now(), hotDays) };
    return { kind: 'update', key: { pk: entity, sk: receivedKey(hour) }, change: { set } } as const;
  }

  async function write(writes: readonly ReturnType<typeof toWrite>[]): Promise<void> {
    if (writes.length > 1 && (await table.transact(writes))) return;
    for (const { key, change } of writes) await table.update(key, change);
  }

  return {
    window: async (window) => {
      const item = await table.get(progressKeys.receiptsWindow(window));
      return item && parseWindow(window, item);
    },
    putWindow: (window, { digest, lines, zones }) => {
      const packed = deflateRawSync(Buffer.from(JSON.stringify(zones), 'utf8'));
      const record = { digest, lines, zones: packed, ...expiring(backoff.now(), hotDays) };
      return table.put(toItem({ ...progressKeys.receiptsWindow(window), ...record }));
    },
    setCounts: (window, counts, deadline) => {
      const groups = Array.from({ length: Math.ceil(counts.length / countsAtOnce) }, (_, at) =>
        counts.slice(at * countsAtOnce, (at + 1) * countsAtOnce),
      );
      return forEachConcurrently(groups, concurrency, (group) => {
        const writes = group.map((count) => toWrite(window, count));
        const retry = { deadline, backoff, what: `received of ${group[0]?.entity}` };
        return retryUntil(retry, () => write(writes));
      });
    },
    through: () => readProgress(options, 'received'),
    advance: (through) => advanceProgress(table, 'received', through),
  };
}

const zonesSchema = z.record(z.string(), z.string());

function parseWindow(window: string, item: Item): WindowRecord {
  try {
    const zones = zonesSchema.parse(JSON.parse(inflateRawSync(item['zones']?.B ?? new Uint8Array()).toString('utf8')));
    return { digest: item['digest']?.S, lines: Number(item['lines']?.N ?? 0), zones };
  } catch (cause) {
    throw new DamagedItem(`record of receipts window ${window} cannot be read`, { cause });
  }
}

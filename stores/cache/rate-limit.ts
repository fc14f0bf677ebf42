import { createHmac } from 'node:crypto';
import { networkOf } from '#core/edge/viewer-address.ts';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { createTable, type TableOptions } from '../dynamodb/table.ts';

export interface RateLimitOptions extends TableOptions {
  now: () => number;
  /** Events that one address may send for one page in a window. @default 300 */
  limit?: number;
  /** Milliseconds. @default 60,000 */
  window?: number;
  /** Events counted in memory before they are added to the table, so that an ordinary visitor costs no write. @default 20 */
  step?: number;
}

/** Keys remembered by one process; the least recently used is dropped first. */
const keysKept = 50_000;

interface Count {
  window: number;
  /** The table's count at the last write, this process's share included. */
  shared: number;
  /** Counted by this process since. */
  pending: number;
}

/**
 * Limits events per key in fixed windows. Each process counts in memory and adds to the table every `step` events, so the
 * limit may be exceeded by `step` per process. While the table is unavailable, each process applies the limit alone.
 */
export function createRateLimit(options: RateLimitOptions) {
  const { now, limit = 300, window: length = 60_000, step = 20 } = options;
  const table = createTable(options);
  const counts = new Map<string, Count>();

  function countOf(key: string, window: number): Count {
    const known = counts.get(key);
    const count = known?.window === window ? known : { window, shared: 0, pending: 0 };
    counts.delete(key);
    counts.set(key, count);
    if (counts.size > keysKept) counts.delete(counts.keys().next().value ?? key);
    return count;
  }

  async function share(key: string, count: Count): Promise<void> {
    const added = count.pending;
    count.shared += added;
    count.pending = 0;
    const expires = { [expiryAttribute]: Math.ceil((count.window + 2 * length) / 1000) };
    try {
      const total = await table.increment(cacheKeys.rate(key, count.window), 'count', added, expires);
      count.shared = Math.max(count.shared, total);
    } catch {
      // The local count still applies: a limiter that is down must not stop events.
    }
  }

  /** Counts one event of the key. Returns false if it exceeds the limit. */
  return async (key: string): Promise<boolean> => {
    const count = countOf(key, now() - (now() % length));
    if (count.shared + count.pending >= limit) return false;
    count.pending += 1;
    if (count.pending >= step) await share(key, count);
    return true;
  };
}

/**
 * Returns the page and 16 bits of an HMAC of the address. 65,536 IPv4 addresses share each value, so no address can be
 * computed from what is stored, even with the secret. Visitors who share a bucket share a limit that is far above what
 * people do.
 */
export function rateBucket(secret: string, address: string, page: string): string {
  return `${page}#${createHmac('sha256', secret).update(networkOf(address)).update(page).digest('hex').slice(0, 4)}`;
}

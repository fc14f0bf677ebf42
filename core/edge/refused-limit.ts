import { createHmac, randomBytes } from 'node:crypto';
import { networkOf } from './viewer-address.ts';

export interface RefusedLimitOptions {
  /** Refused requests of one address, and for one page, that are kept as events in a minute. */
  perAddress?: number;
  perPage?: number;
  /** Addresses, and pages, that are counted in a minute. Further ones are not kept. */
  keys?: number;
}

/** Limits of one execution environment. */
export const refusedLimits = { perAddress: 60, perPage: 600, keys: 10_000 } as const;

export interface RefusedRequest {
  address: string | null;
  page: string | null;
  /** Milliseconds since the epoch. */
  at: number;
}

const minuteLength = 60_000;

/**
 * Decides which refused requests are kept as events: the first ones of each minute, by address and by page. An event costs
 * a queue message and a row; the others cost one log line. Addresses are hashed with a key that this process never stores,
 * and forgotten after the minute.
 *
 * @example
 * const keepsRefused = createRefusedLimit();
 * keepsRefused({ address: '203.0.113.7', page: '/ada', at: Date.now() }); // true, 60 times in a minute
 */
export function createRefusedLimit(options: RefusedLimitOptions = {}): (request: RefusedRequest) => boolean {
  const { perAddress, perPage, keys } = { ...refusedLimits, ...options };
  const secret = randomBytes(16);
  const addresses = createCounts(perAddress, keys);
  const pages = createCounts(perPage, keys);
  let minute = 0;
  return ({ address, page, at }) => {
    const current = Math.floor(at / minuteLength);
    if (current !== minute) {
      addresses.clear();
      pages.clear();
      minute = current;
    }
    const network = createHmac('sha256', secret)
      .update(networkOf(address ?? ''))
      .digest('base64');
    // In this order, one address cannot use up the limit of a page.
    return addresses.take(network) && pages.take(page ?? '');
  };
}

/** Counts by key up to a limit, for a limited number of keys. */
function createCounts(limit: number, keys: number) {
  const counts = new Map<string, number>();
  return {
    clear: () => counts.clear(),
    /** Counts one for the key. Returns false if the key, or the number of keys, is at its limit. */
    take: (key: string): boolean => {
      const count = counts.get(key) ?? 0;
      if (count >= limit || (count === 0 && counts.size >= keys)) return false;
      counts.set(key, count + 1);
      return true;
    },
  };
}

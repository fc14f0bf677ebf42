import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';

export interface RateLimitOptions {
  client: DynamoDBClient;
  table: string;
  now: () => number;
  /** Events that one address may send for one page in a window. */
  limit?: number;
  /** Milliseconds. */
  window?: number;
  /** Events counted in memory before the table hears of them: an ordinary visitor never costs a write. */
  step?: number;
}

/** Keys remembered by one process; the longest unused goes first. */
const keysKept = 50_000;

interface Count {
  window: number;
  /** What the table knew at the last write, this process's share included. */
  shared: number;
  /** Counted here since. */
  pending: number;
}

/**
 * Counts in fixed windows. Each process counts in memory and adds to the table every `step` events, so the limit may be
 * passed by `step` per process. While the table does not answer, each process holds to the limit alone.
 */
export function createRateLimit({
  client,
  table,
  now,
  limit = 300,
  window: length = 60_000,
  step = 20,
}: RateLimitOptions) {
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
    const { pk, sk } = cacheKeys.rate(key, count.window);
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk: { S: pk }, sk: { S: sk } },
          UpdateExpression: 'ADD #count :added SET #expires = :expires',
          ExpressionAttributeNames: { '#count': 'count', '#expires': expiryAttribute },
          ExpressionAttributeValues: {
            ':added': { N: String(added) },
            ':expires': { N: String(Math.ceil((count.window + 2 * length) / 1000)) },
          },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      count.shared = Math.max(count.shared, Number(Attributes?.['count']?.N ?? 0));
    } catch {
      // The local count stands: a limiter that is down must not stop events.
    }
  }

  /** Counts one event of the key. @returns false where it is beyond the limit */
  return async (key: string): Promise<boolean> => {
    const count = countOf(key, now() - (now() % length));
    if (count.shared + count.pending >= limit) return false;
    count.pending += 1;
    if (count.pending >= step) await share(key, count);
    return true;
  };
}

/**
 * 16 bits of an HMAC of the address, with the page: 65,536 addresses of IPv4 share each value, so nobody can compute
 * an address from what is stored, whatever secrets they hold. Strangers who share a bucket share a limit that is far
 * above what people do.
 */
export function rateBucket(secret: string, address: string, page: string): string {
  return `${page}#${createHmac('sha256', secret).update(networkOf(address)).update(page).digest('hex').slice(0, 4)}`;
}

/** Addresses of one IPv6 customer share their first 64 bits. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail.split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}

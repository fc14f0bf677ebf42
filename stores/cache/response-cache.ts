import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { createTable, type Item, type TableOptions } from '../dynamodb/table.ts';
import { toItem } from '../dynamodb/items.ts';
import { pack, unpack } from '../counters/compressed-json.ts';

export interface ResponseCacheOptions<T> extends TableOptions {
  now: () => number;
  /** What is cached: `dashboard`. Part of every key. */
  name: string;
  schema: z.ZodType<T>;
  /** Milliseconds for which the table's response is used, at most a day. @default 300,000 */
  sharedFor?: number;
  /** Responses kept in memory; the least recently used is dropped first. @default 500 */
  limit?: number;
}

/** A response and when it was computed, in milliseconds since the epoch. */
export interface CachedResponse<T> {
  value: T;
  at: number;
}

/** A computed response. An incomplete one is kept for seconds only, and never replaces a complete one. */
export interface Computed<T> {
  value: T;
  complete: boolean;
}

export interface CachedRequest<T> {
  /** Everything that the response depends on, except the caller: authorize first. */
  key: unknown;
  /** @param earlier reads the last complete response, at most 24 hours old, to replace sections that fail */
  compute: (earlier: () => Promise<CachedResponse<T> | undefined>) => Promise<Computed<T>>;
  /** Computes again, whatever is cached. */
  refresh?: boolean;
}

/** @throws what `compute` threw */
export type ResponseCache<T> = (request: CachedRequest<T>) => Promise<CachedResponse<T>>;

const memoryFor = 60_000;
const staleFor = 86_400_000;
/** How long an incomplete response is used, so that a failing source is not queried for every request. */
const partialFor = 5_000;
/** DynamoDB takes items of 400 KB. */
const largest = 390_000;

interface Entry<T> extends CachedResponse<T> {
  until: number;
}

/**
 * Caches whole responses: in memory for 60 s, in the cache table for 5 minutes, and there for 24 hours as a fallback when
 * a source fails. Each key is computed once at a time. An unavailable cache is treated as empty.
 *
 * @example
 * const cached = createResponseCache({ client, table, now, name: 'dashboard', schema: dashboardSchema });
 * const { value, at } = await cached({ key: [page, range], compute: async () => ({ value: await read(), complete: true }) });
 */
export function createResponseCache<T>(options: ResponseCacheOptions<T>): ResponseCache<T> {
  const { now, name, schema, limit = 500, sharedFor = 300_000 } = options;
  const table = createTable(options);
  const memory = new Map<string, Entry<T>>();
  const running = new Map<string, Promise<CachedResponse<T>>>();

  function remember(digest: string, kept: CachedResponse<T>, until: number): CachedResponse<T> {
    memory.delete(digest);
    memory.set(digest, { ...kept, until });
    if (memory.size > limit) memory.delete(memory.keys().next().value ?? digest);
    return kept;
  }

  async function readShared(digest: string): Promise<Item | undefined> {
    try {
      return await table.get(cacheKeys.response(digest), { consistent: false });
    } catch {
      return undefined;
    }
  }

  async function shared(digest: string): Promise<CachedResponse<T> | undefined> {
    const item = await readShared(digest);
    const body = item?.['answer']?.B;
    const at = Number(item?.['at']?.N ?? 0);
    // Deletion by TTL lags by up to days.
    if (body === undefined || now() - at > staleFor) return undefined;
    const parsed = schema.safeParse(unpack(body));
    return parsed.success ? { value: parsed.data, at } : undefined;
  }

  async function share(digest: string, { value, at }: CachedResponse<T>): Promise<void> {
    const body = pack(value);
    if (body.length > largest) return;
    const expires = { [expiryAttribute]: Math.ceil((at + staleFor) / 1000) };
    try {
      await table.put(toItem({ ...cacheKeys.response(digest), answer: body, at, ...expires }));
    } catch {
      // The response is still correct; it is only not shared.
    }
  }

  async function load(digest: string, { compute, refresh }: CachedRequest<T>): Promise<CachedResponse<T>> {
    const earlier = refresh ? undefined : await shared(digest);
    if (earlier && now() - earlier.at < sharedFor) return remember(digest, earlier, now() + memoryFor);
    const at = now();
    const { value, complete } = await compute(async () => earlier ?? (await shared(digest)));
    if (complete) await share(digest, { value, at });
    return remember(digest, { value, at }, at + (complete ? memoryFor : partialFor));
  }

  async function loadOnce(digest: string, request: CachedRequest<T>): Promise<CachedResponse<T>> {
    const started = load(digest, request);
    running.set(digest, started);
    try {
      return await started;
    } finally {
      running.delete(digest);
    }
  }

  return (request) => {
    const digest = digestOf([name, request.key]);
    const entry = memory.get(digest);
    if (entry && now() < entry.until && !request.refresh) return Promise.resolve({ value: entry.value, at: entry.at });
    return running.get(digest) ?? loadOnce(digest, request);
  };
}

function digestOf(key: unknown): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('base64url');
}

import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { createTable, type Item, type TableOptions } from '../dynamodb/table.ts';
import { toItem } from '../dynamodb/items.ts';
import { delay } from '../dynamodb/rounds.ts';
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
  /**
   * Milliseconds for which one instance alone computes a response. The others show the earlier one meanwhile, or wait for
   * the new one. @default - each instance computes for itself
   */
  lease?: number;
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
  /** Whether a cached response may be used, besides its age. @default - always */
  isCurrent?: (value: T) => boolean;
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

/** How often an instance looks whether another one has computed the response that it waits for. */
const pollEvery = 100;

interface Entry<T> extends CachedResponse<T> {
  until: number;
}

/**
 * Caches whole responses: in memory for 60 s, in the cache table for 5 minutes, and there for 24 hours as a fallback when
 * a source fails. Each key is computed once at a time, with a lease once over all instances. An unavailable cache is treated
 * as empty.
 *
 * @example
 * const cached = createResponseCache({ client, table, now, name: 'dashboard', schema: dashboardSchema });
 * const { value, at } = await cached({ key: [page, range], compute: async () => ({ value: await read(), complete: true }) });
 */
export function createResponseCache<T>(options: ResponseCacheOptions<T>): ResponseCache<T> {
  const { now, name, schema, limit = 500, sharedFor = 300_000, lease, sleep = delay } = options;
  const table = createTable(options);
  const owner = randomUUID();
  const memory = new Map<string, Entry<T>>();
  const running = new Map<string, Promise<CachedResponse<T>>>();

  function remember(digest: string, kept: CachedResponse<T>, until: number): CachedResponse<T> {
    memory.delete(digest);
    memory.set(digest, { ...kept, until });
    if (memory.size > limit) memory.delete(memory.keys().next().value ?? digest);
    return kept;
  }

  async function readShared(digest: string, consistent: boolean): Promise<Item | undefined> {
    try {
      return await table.get(cacheKeys.response(digest), { consistent });
    } catch {
      return undefined;
    }
  }

  async function shared(digest: string, { consistent = false } = {}): Promise<CachedResponse<T> | undefined> {
    const item = await readShared(digest, consistent);
    const body = item?.['answer']?.B;
    const at = Number(item?.['at']?.N ?? 0);
    // Deletion by TTL lags by up to days.
    if (body === undefined || now() - at > staleFor) return undefined;
    const parsed = schema.safeParse(unpack(body));
    return parsed.success ? { value: parsed.data, at } : undefined;
  }

  function isFresh({ value, at }: CachedResponse<T>, { isCurrent = always }: CachedRequest<T>): boolean {
    return now() - at < sharedFor && isCurrent(value);
  }

  async function share(digest: string, { value, at }: CachedResponse<T>): Promise<void> {
    const body = pack(value);
    if (body.length > largest) return;
    const expires = { [expiryAttribute]: Math.ceil((at + staleFor) / 1000) };
    const item = { ...cacheKeys.response(digest), answer: body, at, ...expires };
    try {
      // False: a later response is there already.
      await table.putIf(toItem(item), { expression: 'attribute_not_exists(#at) OR #at <= :at', values: { at } });
    } catch {
      // The response is still correct; it is only not shared.
    }
  }

  /** Returns false while another instance has the lease. */
  async function acquire(digest: string, milliseconds: number): Promise<boolean> {
    const heldUntil = now() + milliseconds;
    const item = { ...cacheKeys.lease(digest), owner, heldUntil, [expiryAttribute]: Math.ceil(heldUntil / 1000) };
    try {
      return await table.putIf(toItem(item), {
        expression: 'attribute_not_exists(#heldUntil) OR #heldUntil <= :now',
        values: { now: now() },
      });
    } catch {
      return true;
    }
  }

  async function release(digest: string): Promise<void> {
    const item = { ...cacheKeys.lease(digest), owner, heldUntil: 0, [expiryAttribute]: Math.ceil(now() / 1000) };
    try {
      // False: it took so long that another instance has the lease.
      await table.putIf(toItem(item), { expression: '#owner = :owner', values: { owner } });
    } catch {
      // It ends by itself.
    }
  }

  async function computeNow(
    digest: string,
    { compute }: CachedRequest<T>,
    earlier: CachedResponse<T> | undefined,
  ): Promise<CachedResponse<T>> {
    const at = now();
    const { value, complete } = await compute(async () => earlier ?? (await shared(digest)));
    const computed = { value, at };
    if (complete) await share(digest, computed);
    return remember(digest, computed, at + (complete ? memoryFor : partialFor));
  }

  /** Computes with the lease. Without it, returns the earlier response, or waits for that of the instance that has it. */
  async function computeAlone(
    digest: string,
    request: CachedRequest<T>,
    milliseconds: number,
  ): Promise<CachedResponse<T>> {
    for (let waited = 0; waited <= milliseconds; waited += pollEvery) {
      if (await acquire(digest, milliseconds)) {
        try {
          const found = await shared(digest, { consistent: true });
          if (found && isFresh(found, request)) return remember(digest, found, now() + memoryFor);
          return await computeNow(digest, request, found);
        } finally {
          await release(digest);
        }
      }
      const found = await shared(digest);
      if (found && isFresh(found, request)) return remember(digest, found, now() + memoryFor);
      if (found !== undefined) return remember(digest, found, now() + partialFor);
      await sleep(pollEvery);
    }
    return computeNow(digest, request, undefined);
  }

  async function load(digest: string, request: CachedRequest<T>): Promise<CachedResponse<T>> {
    const earlier = request.refresh ? undefined : await shared(digest);
    if (earlier && isFresh(earlier, request)) return remember(digest, earlier, now() + memoryFor);
    if (lease === undefined || request.refresh) return computeNow(digest, request, earlier);
    return computeAlone(digest, request, lease);
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
    const { refresh, isCurrent = always } = request;
    if (entry && now() < entry.until && !refresh && isCurrent(entry.value))
      return Promise.resolve({ value: entry.value, at: entry.at });
    return running.get(digest) ?? loadOnce(digest, request);
  };
}

function always(): boolean {
  return true;
}

function digestOf(key: unknown): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('base64url');
}

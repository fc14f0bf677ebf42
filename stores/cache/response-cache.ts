import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { pack, unpack } from '../counters/compressed-json.ts';

export interface ResponseCacheOptions<T> {
  client: DynamoDBClient;
  /** The cache table. */
  table: string;
  now: () => number;
  /** What is answered: `dashboard`. Part of every key. */
  name: string;
  schema: z.ZodType<T>;
  /** Answers kept in memory; the longest unused goes first. @default 500 */
  limit?: number;
}

/** An answer and when it was computed, in milliseconds since the epoch. */
export interface CachedResponse<T> {
  value: T;
  at: number;
}

/** What was computed. An answer that lacks a part is kept for seconds only, and replaces no whole one. */
export interface Computed<T> {
  value: T;
  complete: boolean;
}

export interface CachedRequest<T> {
  /** Everything that the answer depends on but who asks: authorise before. */
  key: unknown;
  /** @param earlier the last whole answer, at most 24 hours old, for the parts that fail */
  compute: (earlier: () => Promise<CachedResponse<T> | undefined>) => Promise<Computed<T>>;
  /** Computes again, whatever is kept. */
  refresh?: boolean;
}

/** @throws what `compute` threw */
export type ResponseCache<T> = (request: CachedRequest<T>) => Promise<CachedResponse<T>>;

const memoryFor = 60_000;
const sharedFor = 300_000;
const staleFor = 86_400_000;
/** How long an answer that lacks a part stands, so that a source that fails is not asked by everybody at once. */
const partialFor = 5_000;
/** DynamoDB takes items of 400 KB. */
const largest = 390_000;

interface Entry<T> extends CachedResponse<T> {
  until: number;
}

/**
 * Whole answers in three tiers: in memory for 60 s, in the cache table for 5 minutes, and there for 24 hours to stand in
 * where a source fails. One computation at a time for a key. A cache that does not answer is no reason to fail.
 */
export function createResponseCache<T>(options: ResponseCacheOptions<T>): ResponseCache<T> {
  const { client, table, now, name, schema, limit = 500 } = options;
  const memory = new Map<string, Entry<T>>();
  const running = new Map<string, Promise<CachedResponse<T>>>();

  function remember(digest: string, kept: CachedResponse<T>, until: number): CachedResponse<T> {
    memory.delete(digest);
    memory.set(digest, { ...kept, until });
    if (memory.size > limit) memory.delete(memory.keys().next().value ?? digest);
    return kept;
  }

  async function readShared(digest: string): Promise<Record<string, AttributeValue> | undefined> {
    const { pk, sk } = cacheKeys.response(digest);
    try {
      return (await client.send(new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } }))).Item;
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
    const { pk, sk } = cacheKeys.response(digest);
    const expires = Math.ceil((at + staleFor) / 1000);
    const item = { pk: { S: pk }, sk: { S: sk }, answer: { B: body }, at: { N: String(at) } };
    try {
      await client.send(
        new PutItemCommand({ TableName: table, Item: { ...item, [expiryAttribute]: { N: String(expires) } } }),
      );
    } catch {
      // The answer is right without being shared.
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

/**
 * Keys of the `cache` table: `pk`, `sk`, both strings, as in the other tables. Its TTL attribute is that of `rollups`.
 * It has no point-in-time copies, so what is deleted here is gone.
 */
export const cacheKeys = {
  /** All salts share one partition: the salts job lists them with one query. */
  salt: (localDate: string) => ({ pk: 'salt', sk: localDate }),
  /** Counter of a fixed window, that starts at `window` (milliseconds since the epoch). */
  rate: (key: string, window: number) => ({ pk: `rate#${key}`, sk: `w#${window}` }),
  /** An event that `hopcount recover` has sent, so that it sends it once. */
  recovered: (eventId: string) => ({ pk: `recovered#${eventId}`, sk: 'click' }),
  /** A whole answer of the API, by the digest of what it answers. */
  answer: (digest: string) => ({ pk: `answer#${digest}`, sk: 'answer' }),
  /** What a POST was answered, by the digest of its sender and its idempotency key. */
  idempotency: (digest: string) => ({ pk: `idempotency#${digest}`, sk: 'answer' }),
} as const;

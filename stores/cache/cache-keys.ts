import { cachePartitions } from '#schemas/tables.ts';

/** Keys of the `cache` table. */
export const cacheKeys = {
  /** All salts share one partition: the salts job lists them with one query. */
  salt: (localDate: string) => ({ pk: cachePartitions.salt, sk: localDate }),
  /** Secret of the visitor ids of an import. */
  importSalt: (id: string) => ({ pk: `${cachePartitions.importSalt}${id}`, sk: 'salt' }),
  /** Counter of a fixed window that starts at `window` (milliseconds since the epoch). */
  rate: (key: string, window: number) => ({ pk: `${cachePartitions.rate}${key}`, sk: `w#${window}` }),
  /** An event that `hopcount recover` has sent, so that it sends it once. */
  recovered: (eventId: string) => ({ pk: `${cachePartitions.recovered}${eventId}`, sk: 'click' }),
  /** A whole response of the API, by the digest of its question. */
  response: (digest: string) => ({ pk: `${cachePartitions.response}${digest}`, sk: 'answer' }),
  /** Which instance computes that response. */
  lease: (digest: string) => ({ pk: `${cachePartitions.response}${digest}`, sk: 'lease' }),
  /** The response to a POST, by the digest of its sender and its idempotency key. */
  idempotency: (digest: string) => ({ pk: `${cachePartitions.idempotency}${digest}`, sk: 'answer' }),
  /** A page whose recent events somebody looks at within this minute: all of a minute are one query. */
  watch: (minute: string, page: string) => ({ pk: cachePartitions.watch, sk: `${minute}#${page}` }),
  /** The recent events of a page that one process of enrich has seen. */
  recent: (page: string, process: string) => ({ pk: `${cachePartitions.recent}${page}`, sk: process }),
} as const;

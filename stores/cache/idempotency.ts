import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { toItem } from '../dynamodb/items.ts';
import { createTable, type TableOptions } from '../dynamodb/table.ts';

/** What the caller had access to, or created, when the response was made. `user` and `admin` are the caller's role. */
const accessCheckSchema = z.object({
  kind: z.enum(['user', 'admin', 'page', 'agency', 'key', 'ingest-key', 'share']),
  /** Path of a page, or id. Empty for a role. */
  id: z.string(),
});
export type AccessCheck = z.infer<typeof accessCheckSchema>;

/** The response to a POST, and what a caller must have access to for seeing it again. */
const responseSchema = z.object({
  status: z.int(),
  contentType: z.string(),
  body: z.string(),
  checks: z.array(accessCheckSchema),
});
export type StoredResponse = z.infer<typeof responseSchema>;

/** A POST: its sender, the key that the sender chose, and a digest of its content. */
export interface IdempotentRequest {
  sender: string;
  key: string;
  /** Digest of method, path and body: the same key with another digest is a mistake of the sender. */
  digest: string;
}

export type Begun =
  | { kind: 'new' }
  | { kind: 'answered'; answer: StoredResponse }
  | { kind: 'running' }
  | { kind: 'other' };

export interface Idempotency {
  begin: (request: IdempotentRequest) => Promise<Begun>;
  finish: (request: IdempotentRequest, answer: StoredResponse) => Promise<void>;
  /** Forgets a request that failed, so that it may be sent again. */
  forget: (request: IdempotentRequest) => Promise<void>;
}

const keptFor = 86_400_000;
/** After this time a request without a response has failed: the API's function ends at 29 s. */
const runsFor = 60_000;

/**
 * Remembers the responses to POSTs for 24 hours, in the cache table. Every function may throw {@link StoreUnavailable}.
 *
 * @example
 * const idempotency = createIdempotency({ client, table, now });
 * const begun = await idempotency.begin({ sender, key, digest });
 * if (begun.kind === 'answered') return begun.answer;
 */
export function createIdempotency(options: TableOptions & { now: () => number }): Idempotency {
  const { now } = options;
  const table = createTable(options);

  function toRecord(request: IdempotentRequest) {
    const expires = { [expiryAttribute]: Math.ceil((now() + keptFor) / 1000) };
    return { ...keyOf(request), digest: request.digest, begun: now(), ...expires };
  }

  return {
    begin: async (request) => {
      // An expired request, and one that was never answered, may be replaced.
      const claimed = await table.putIf(toItem(toRecord(request)), {
        expression:
          'attribute_not_exists(#pk) OR #begun < :expired OR (attribute_not_exists(#answer) AND #begun < :dead)',
        values: { expired: now() - keptFor, dead: now() - runsFor },
      });
      if (claimed) return { kind: 'new' };
      const item = await table.get(keyOf(request));
      if (item?.['digest']?.S !== request.digest) return { kind: 'other' };
      const sealed = item['answer']?.B;
      if (sealed === undefined) return { kind: 'running' };
      const answer = open(request, sealed);
      return answer ? { kind: 'answered', answer } : { kind: 'other' };
    },
    finish: (request, answer) => table.put(toItem({ ...toRecord(request), answer: seal(request, answer) })),
    forget: (request) => table.delete(keyOf(request)),
  };
}

function keyOf({ sender, key }: IdempotentRequest) {
  return cacheKeys.idempotency(createHash('sha256').update(`${sender}\n${key}`).digest('base64url'));
}

const algorithm = 'aes-256-gcm';

/** Returns undefined for a response that another version has stored. */
function open(request: IdempotentRequest, sealed: Uint8Array): StoredResponse | undefined {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv(algorithm, cipherKey(request), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  return responseSchema.safeParse(JSON.parse(text)).data;
}

/** Responses may hold secrets that are shown once: only a caller who knows the request's key can read them. */
function cipherKey({ sender, key }: IdempotentRequest): Buffer {
  return Buffer.from(hkdfSync('sha256', key, sender, 'answer', 32));
}

function seal(request: IdempotentRequest, answer: StoredResponse): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, cipherKey(request), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

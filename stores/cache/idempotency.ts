import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { StoreUnavailable } from '../errors.ts';

/** What a POST was answered. */
const answerSchema = z.object({ status: z.int(), contentType: z.string(), body: z.string() });
export type KeptAnswer = z.infer<typeof answerSchema>;

/** A POST by its sender, the key that the sender chose, and a digest of what is asked. */
export interface IdempotentRequest {
  sender: string;
  key: string;
  /** Of method, path and body: the same key for another request is a mistake. */
  digest: string;
}

export type Begun =
  | { kind: 'new' }
  | { kind: 'answered'; answer: KeptAnswer }
  | { kind: 'running' }
  | { kind: 'other' };

export interface Idempotency {
  begin: (request: IdempotentRequest) => Promise<Begun>;
  finish: (request: IdempotentRequest, answer: KeptAnswer) => Promise<void>;
  /** Forgets a request that failed, so that it may be sent again. */
  forget: (request: IdempotentRequest) => Promise<void>;
}

const keptFor = 86_400_000;
/** An answer that did not come within this time will not: the API's function ends at 29 s. */
const runsFor = 60_000;

/**
 * Remembers for 24 hours what POSTs were answered, in the cache table. Every function may throw
 * {@link StoreUnavailable}.
 */
export function createIdempotency(options: { client: DynamoDBClient; table: string; now: () => number }): Idempotency {
  const { client, table, now } = options;
  function keyOf({ sender, key }: IdempotentRequest) {
    const { pk, sk } = cacheKeys.idempotency(createHash('sha256').update(`${sender}\n${key}`).digest('base64url'));
    return { pk: { S: pk }, sk: { S: sk } };
  }
  async function attempt<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) throw cause;
      throw new StoreUnavailable(`${table} did not ${what} an idempotency key`, { cause });
    }
  }

  async function claim(request: IdempotentRequest): Promise<boolean> {
    const command = new PutItemCommand({
      TableName: table,
      Item: {
        ...keyOf(request),
        digest: { S: request.digest },
        begun: { N: String(now()) },
        [expiryAttribute]: { N: String(Math.ceil((now() + keptFor) / 1000)) },
      },
      // What expired, and what was never answered, makes room.
      ConditionExpression:
        'attribute_not_exists(pk) OR #begun < :expired OR (attribute_not_exists(#answer) AND #begun < :dead)',
      ExpressionAttributeNames: { '#begun': 'begun', '#answer': 'answer' },
      ExpressionAttributeValues: {
        ':expired': { N: String(now() - keptFor) },
        ':dead': { N: String(now() - runsFor) },
      },
    });
    try {
      await attempt('take', client.send(command));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    begin: async (request) => {
      if (await claim(request)) return { kind: 'new' };
      const command = new GetItemCommand({ TableName: table, Key: keyOf(request), ConsistentRead: true });
      const { Item: item } = await attempt('read', client.send(command));
      if (item?.['digest']?.S !== request.digest) return { kind: 'other' };
      const sealed = item['answer']?.B;
      return sealed === undefined ? { kind: 'running' } : { kind: 'answered', answer: open(request, sealed) };
    },
    finish: async (request, answer) => {
      const item = {
        ...keyOf(request),
        digest: { S: request.digest },
        begun: { N: String(now()) },
        answer: { B: seal(request, answer) },
        [expiryAttribute]: { N: String(Math.ceil((now() + keptFor) / 1000)) },
      };
      await attempt('keep', client.send(new PutItemCommand({ TableName: table, Item: item })));
    },
    forget: async (request) => {
      await attempt('forget', client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(request) })));
    },
  };
}

const algorithm = 'aes-256-gcm';

function open(request: IdempotentRequest, sealed: Uint8Array): KeptAnswer {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv(algorithm, cipherKey(request), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  return answerSchema.parse(JSON.parse(text));
}

/** Answers hold secrets that are shown once: only who knows the key of the request can read them. */
function cipherKey({ sender, key }: IdempotentRequest): Buffer {
  return Buffer.from(hkdfSync('sha256', key, sender, 'answer', 32));
}

function seal(request: IdempotentRequest, answer: KeptAnswer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, cipherKey(request), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

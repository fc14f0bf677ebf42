import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { ReceivedCount } from '#core/ledger/received.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { progressKeys, receivedKey } from './counter-items.ts';
import { DamagedItem } from '../errors.ts';
import { answerOf } from '../dynamodb/answer.ts';
import { type Pace, retryUntil } from '../dynamodb/retry.ts';

export interface ReceivedOptions {
  client: DynamoDBClient;
  table: string;
  pace: Pace;
  hotDays: number;
}

/** What is known of a window: kept before its counts are set, so that a recount after a crash counts alike. */
export interface WindowRecord {
  /** Digest of the counts that were set, or undefined while they are being set. */
  digest: string | undefined;
  lines: number;
  /** Time zone of each page as it was when the window was first counted; a later change must not move its hours. */
  zones: Record<string, string>;
}

const zonesSchema = z.record(z.string(), z.string());

/** @throws {DamagedItem} */
export async function readWindow(options: ReceivedOptions, window: string): Promise<WindowRecord | undefined> {
  const { Item: item } = await answerOf(
    `window ${window}`,
    options.client.send(
      new GetItemCommand({
        TableName: options.table,
        Key: key(progressKeys.receiptsWindow(window)),
        ConsistentRead: true,
      }),
    ),
  );
  if (item === undefined) return undefined;
  try {
    const zones = zonesSchema.parse(JSON.parse(inflateRawSync(item['zones']?.B ?? new Uint8Array()).toString('utf8')));
    return { digest: item['digest']?.S, lines: Number(item['lines']?.N ?? 0), zones };
  } catch (cause) {
    throw new DamagedItem(`record of receipts window ${window} cannot be read`, { cause });
  }
}

function key({ pk, sk }: { pk: string; sk: string }): Record<string, AttributeValue> {
  return {
    pk: { S: pk },
    sk: { S: sk },
  };
}

export async function writeWindow(options: ReceivedOptions, window: string, record: WindowRecord): Promise<void> {
  await answerOf(
    `window ${window}`,
    options.client.send(
      new PutItemCommand({
        TableName: options.table,
        Item: {
          ...key(progressKeys.receiptsWindow(window)),
          ...(record.digest !== undefined && { digest: { S: record.digest } }),
          lines: { N: String(record.lines) },
          zones: { B: deflateRawSync(Buffer.from(JSON.stringify(record.zones), 'utf8')) },
          [expiryAttribute]: expiresIn(options),
        },
      }),
    ),
  );
}

const secondsOfDay = 86_400;

function expiresIn(options: ReceivedOptions): AttributeValue {
  return {
    N: String(Math.floor(options.pace.now() / 1000) + options.hotDays * secondsOfDay),
  };
}

/** Updates under way at once; more only queue up behind the connection pool. */
const lanes = 16;

/**
 * Sets the counts of one window on their items.
 * @throws {StoreUnavailable} when the table refuses until the deadline; some counts may be set, and may be set again
 */
export async function setReceivedCounts(
  options: ReceivedOptions,
  window: string,
  counts: readonly ReceivedCount[],
  deadline: number,
): Promise<void> {
  const queue = counts.values();
  async function lane(): Promise<void> {
    for (const received of queue)
      await retryUntil(deadline, options.pace, `received of ${received.entity}`, () =>
        setReceived(options, window, received),
      );
  }
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Sets, never adds: setting the same window again changes nothing. */
async function setReceived(options: ReceivedOptions, window: string, received: ReceivedCount): Promise<void> {
  await options.client.send(
    new UpdateItemCommand({
      TableName: options.table,
      Key: key({ pk: received.entity, sk: receivedKey(received.hour) }),
      UpdateExpression: 'SET #q = :count, #e = :expires',
      ExpressionAttributeNames: { '#q': window, '#e': expiryAttribute },
      ExpressionAttributeValues: { ':count': { N: String(received.count) }, ':expires': expiresIn(options) },
    }),
  );
}

/** Moves forward only: a run over last Tuesday does not take progress back. */
export async function advanceReceived(options: ReceivedOptions, through: number): Promise<void> {
  const before = await readProgress(options, 'received');
  if (before !== undefined && before >= through) return;
  await answerOf(
    'progress of received',
    options.client.send(
      new PutItemCommand({
        TableName: options.table,
        Item: { ...key(progressKeys.received), at: { S: new Date(through).toISOString() } },
      }),
    ),
  );
}

type ProgressKey = (typeof progressKeys)['received' | 'settled'];

/** The moment up to which a job has done its work, in milliseconds since the epoch; undefined before its first run. */
export async function readProgress(
  options: Pick<ReceivedOptions, 'client' | 'table'>,
  job: 'received' | 'settled',
): Promise<number | undefined> {
  const progress: ProgressKey = progressKeys[job];
  const { Item: item } = await answerOf(
    `progress of ${job}`,
    options.client.send(new GetItemCommand({ TableName: options.table, Key: key(progress), ConsistentRead: true })),
  );
  const at = item?.['at']?.S;
  if (at === undefined) return undefined;
  const epochMs = Date.parse(at);
  if (Number.isNaN(epochMs)) throw new DamagedItem(`progress of ${job} is "${at}"; it must be an ISO instant`);
  return epochMs;
}

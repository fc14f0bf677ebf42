import { createHash } from 'node:crypto';
import {
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import {
  type Coverage,
  coverageOf,
  decodeCoverage,
  encodeCoverage,
  remainingSteps,
  type Step,
  takeChunk,
} from '#core/aggregate/coverage.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import type { HourDelta } from '#core/aggregate/count-events.ts';
import { hourKey, markerKey, parseHourKey } from './counter-items.ts';
import { DamagedItem, StoreUnavailable } from '../errors.ts';
import { queryAll } from '../dynamodb/query-all.ts';
import { type Pace, retryUntil } from '../dynamodb/retry.ts';

export interface ApplyOptions {
  client: DynamoDBClient;
  table: string;
  pace: Pace;
  /** Days that an hourly item lives after its last write, and that a marker lives. */
  hotDays: number;
  markerDays: number;
  /** Updates in one transaction beside its marker; 99 at most, the default. */
  chunkSize?: number;
}

export interface Applied {
  /** Transactions written by this call. */
  chunks: number;
  /** Updates written by this call. */
  updates: number;
  /** Transactions that other calls had written for this file. */
  chunksBefore: number;
}

/** DynamoDB refused a transaction for a reason that no retry mends, such as an item above 400 KB. */
export class ChunkRefused extends Error {
  override readonly name = 'ChunkRefused';
}

/**
 * Adds the deltas of one raw file to the hourly items, exactly once over any number of calls, crashes and concurrent
 * calls, whatever the chunk size of each.
 *
 * The markers of a file are a log: chunk n holds what chunks 0 … n − 1 left over, and only one writer can create n.
 * So chunks are written one after the other; whoever loses a race reads the log again.
 * @param deadline milliseconds since the epoch
 * @throws {StoreUnavailable} when conflicts or throttling last to the deadline; what was written stays recorded
 * @throws {ChunkRefused} {@link DamagedItem}
 */
export async function applyFile(
  options: ApplyOptions,
  rawKey: string,
  deltas: readonly HourDelta[],
  deadline: number,
): Promise<Applied> {
  const applied: Applied = { chunks: 0, updates: 0, chunksBefore: 0 };
  for (;;) {
    const done = await retryUntil(deadline, options.pace, `markers of ${rawKey}`, () => readMarkers(options, rawKey));
    applied.chunksBefore = done.length - applied.chunks;
    const steps = remainingSteps(deltas, done);
    if (await writeChunks(options, rawKey, steps, done.length, deadline, applied)) return applied;
  }
}

async function readMarkers({ client, table }: ApplyOptions, rawKey: string): Promise<Coverage[]> {
  const { pk } = markerKey(rawKey, 0);
  const items = await queryAll(client, {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: pk } },
  });
  return items.map((item) => decodeMarker(rawKey, item['sk']?.S, item['covers']?.B));
}

function decodeMarker(rawKey: string, sk: string | undefined, covers: Uint8Array | undefined): Coverage {
  try {
    if (covers === undefined) throw new TypeError('it has no attribute "covers"');
    return mapHours(decodeCoverage(covers), parseHourKey);
  } catch (cause) {
    throw new DamagedItem(`marker ${sk} of ${rawKey} cannot be read; its file stays on the queue`, { cause });
  }
}

/** False when outrun by another worker. */
async function writeChunks(
  options: ApplyOptions,
  rawKey: string,
  steps: Step[],
  firstNumber: number,
  deadline: number,
  applied: Applied,
): Promise<boolean> {
  let number = firstNumber;
  let left = steps;
  while (left.length > 0) {
    if (options.pace.now() >= deadline)
      throw new StoreUnavailable(`${left.length} updates of ${rawKey} are left at the deadline; it stays on the queue`);
    const { chunk, rest } = takeChunk(left, options.chunkSize);
    if (!(await writeChunk(options, rawKey, number, chunk, deadline))) return false;
    applied.chunks += 1;
    applied.updates += chunk.length;
    left = rest;
    number += 1;
  }
  return true;
}

const secondsOfDay = 86_400;

/** False when another worker has written a marker of this number: what is left must be worked out again. */
async function writeChunk(
  options: ApplyOptions,
  rawKey: string,
  number: number,
  chunk: Step[],
  deadline: number,
): Promise<boolean> {
  const { client, table, pace, hotDays, markerDays } = options;
  const seconds = Math.floor(pace.now() / 1000);
  const items = [
    marker(table, markerKey(rawKey, number), chunk, seconds + markerDays * secondsOfDay),
    ...chunk.map((step) => update(table, step, seconds + hotDays * secondsOfDay)),
  ];
  const command = new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: tokenOf(items) });
  try {
    await retryUntil(deadline, pace, `chunk ${number} of ${rawKey}`, () => client.send(command));
    return true;
  } catch (cause) {
    if (markerExists(cause)) return false;
    if (cause instanceof TransactionCanceledException)
      throw new ChunkRefused(`chunk ${number} of ${rawKey}: ${refusal(cause)}`, { cause });
    throw cause;
  }
}

function marker(
  table: string,
  key: { pk: string; sk: string },
  chunk: readonly Step[],
  expires: number,
): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: {
        pk: { S: key.pk },
        sk: { S: key.sk },
        covers: { B: encodeCoverage(mapHours(coverageOf(chunk), hourKey)) },
        [expiryAttribute]: { N: String(expires) },
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
}

/** Markers name hours by their sort key: one that an earlier version wrote must still count. */
function mapHours(coverage: Coverage, map: (hour: string) => string): Coverage {
  return Object.fromEntries(Object.entries(coverage).map(([hour, entities]) => [map(hour), entities]));
}

function update(table: string, step: Step, expires: number): TransactWriteItem {
  const numbers = Object.entries(step.add);
  return {
    Update: {
      TableName: table,
      Key: { pk: { S: step.entity }, sk: { S: hourKey(step.hour) } },
      UpdateExpression: `ADD ${numbers.map((_, i) => `#${i} :${i}`).join(',')} SET #e = :e`,
      ExpressionAttributeNames: {
        ...Object.fromEntries(numbers.map(([name], i) => [`#${i}`, name])),
        '#e': expiryAttribute,
      },
      ExpressionAttributeValues: {
        ...Object.fromEntries(numbers.map(([, add], i) => [`:${i}`, { N: String(add) }])),
        ':e': { N: String(expires) },
      },
    },
  };
}

/** The same request has the same token, any other another: an SDK retry is recognised, a later attempt never mistaken. */
function tokenOf(items: readonly TransactWriteItem[]): string {
  return createHash('sha256').update(JSON.stringify(items)).digest('hex').slice(0, 36);
}

/** The marker is the first action, so its refusal is the first reason. */
function markerExists(error: unknown): boolean {
  return (
    error instanceof TransactionCanceledException && error.CancellationReasons?.[0]?.Code === 'ConditionalCheckFailed'
  );
}

function refusal(error: TransactionCanceledException): string {
  return (error.CancellationReasons ?? [])
    .flatMap(({ Code, Message }, action) =>
      Code && Code !== 'None' ? [`action ${action}: ${Code} ${Message ?? ''}`] : [],
    )
    .join('; ');
}

import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ReceivedMessage, ReceiveOrder } from '../backends/protocol.ts';
import type { Invocation } from '../functions/pool.ts';
import type { EventSourceModel } from '../template/model.ts';

/** Lambda's limit for the event of one invocation. */
const invocationBytes = 6 * 1024 * 1024;
/** How long a poll waits on an empty queue. */
const longPollMs = 1000;
/** Pause between receives while a batch fills. Without it, each message under load costs one request. */
const receivePauseMs = 50;

export interface PollerOptions {
  source: EventSourceModel;
  region: string;
  concurrency: number;
  now: () => number;
  receive: (order: ReceiveOrder) => Promise<readonly ReceivedMessage[]>;
  delete: (queueArn: string, receiptHandles: readonly string[]) => Promise<void>;
  /** Makes failed messages available again. Undefined waits for their visibility timeout, as Lambda does. */
  release: ((queueArn: string, receiptHandles: readonly string[]) => Promise<void>) | undefined;
  invoke: (event: unknown) => Promise<Invocation>;
  /** Injects faults: returns the batches to deliver, and puts messages to deliver again later into `held`. */
  disturb: (batch: readonly ReceivedMessage[], held: ReceivedMessage[]) => ReceivedMessage[][];
  /** Reports errors that don't stop the poller. */
  failed: (cause: unknown) => void;
}

export interface Poller {
  source: EventSourceModel;
  /** Returns the number of messages that are collected or being processed. */
  held: () => number;
  stop: () => Promise<void>;
}

const errorPauseMs = 500;

/** Polls one queue as Lambda does: collects batches by size, window and bytes, and deletes completed messages. */
export function startPoller(options: PollerOptions): Poller {
  const { source, now } = options;
  const held: ReceivedMessage[] = [];
  const deliveries = new Set<Promise<void>>();
  let collected = 0;
  let delivering = 0;
  let stopped = false;

  function receive(maximum: number, maximumBytes: number, waitMs: number): Promise<readonly ReceivedMessage[]> {
    return options.receive({ queueArn: source.queueArn, maximum, maximumBytes, waitMs });
  }

  /** Collects one batch, until it is full, its window ends, or it reaches 6 MB. */
  async function collect(): Promise<readonly ReceivedMessage[]> {
    const batch: ReceivedMessage[] = [];
    let bytes = 0;
    let closesAt = Number.POSITIVE_INFINITY;
    while (!stopped && batch.length < source.batchSize && bytes < invocationBytes && now() < closesAt) {
      if (batch.length > 0) await delay(Math.min(receivePauseMs, closesAt - now()));
      const waitMs = batch.length === 0 ? longPollMs : 0;
      const more = await receive(source.batchSize - batch.length, invocationBytes - bytes, waitMs);
      if (batch.length === 0 && more.length > 0) closesAt = now() + source.windowSeconds * 1000;
      for (const message of more) bytes += Buffer.byteLength(message.body);
      batch.push(...more);
      collected = batch.length;
      if (batch.length === 0 && held.length > 0) break;
    }
    return batch;
  }

  async function deliver(batch: readonly ReceivedMessage[]): Promise<void> {
    delivering += batch.length;
    try {
      const event = { Records: batch.map((message) => record(message, source, options.region)) };
      const invocation = await options.invoke(event);
      const completed = new Set(selectCompleted(batch, invocation, source.reportsItemFailures));
      const failed = batch.filter((message) => !completed.has(message));
      if (completed.size > 0) await options.delete(source.queueArn, handlesOf([...completed]));
      if (failed.length > 0) await options.release?.(source.queueArn, handlesOf(failed));
    } catch (cause) {
      options.failed(cause);
    } finally {
      delivering -= batch.length;
    }
  }

  async function dispatch(batch: readonly ReceivedMessage[]): Promise<void> {
    if (deliveries.size >= options.concurrency) await Promise.race(deliveries);
    const delivery: Promise<void> = deliver(batch).finally(() => deliveries.delete(delivery));
    deliveries.add(delivery);
  }

  async function poll(): Promise<void> {
    while (!stopped) {
      try {
        const batch = await collect();
        for (const part of options.disturb(batch, held)) if (part.length > 0) await dispatch(part);
        collected = 0;
      } catch (cause) {
        if (!stopped) options.failed(cause);
        await delay(errorPauseMs);
      }
    }
  }

  const polling = poll();
  return {
    source,
    held: () => collected + delivering + held.length,
    stop: async () => {
      stopped = true;
      await polling;
      await Promise.all(deliveries);
    },
  };
}

function handlesOf(messages: readonly ReceivedMessage[]): string[] {
  return messages.map(({ receiptHandle }) => receiptHandle);
}

function record(message: ReceivedMessage, { queueArn }: EventSourceModel, region: string): object {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentTimestamp),
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: String(message.firstReceiveTimestamp),
    },
    messageAttributes: {},
    md5OfBody: message.md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

const reportSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
  .nullish();

/**
 * Returns the completed messages of a batch. After a missing, null or empty report, all messages are completed. After a
 * malformed report, or one with an unknown or empty identifier, none are.
 */
export function selectCompleted(
  batch: readonly ReceivedMessage[],
  invocation: Invocation,
  reportsItemFailures: boolean,
): readonly ReceivedMessage[] {
  if (invocation.kind === 'failed') return [];
  if (!reportsItemFailures) return batch;
  const report = reportSchema.safeParse(invocation.result);
  if (!report.success) return [];
  const failed = new Set((report.data?.batchItemFailures ?? []).map((item) => item.itemIdentifier));
  const known = new Set(batch.map((message) => message.messageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return batch.filter((message) => !failed.has(message.messageId));
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Backends } from '../backends/backends.ts';
import type { MessagesOrder, ReceivedMessage, ReceiveOrder } from '../backends/protocol.ts';
import type { EventFaults } from '../fault-injection/event-faults.ts';
import type { Functions } from '../functions/functions.ts';
import type { EventSourceModel } from '../template/model.ts';
import { localRegion } from '../template/names.ts';
import { startPoller } from './poller.ts';

export interface PollersOptions {
  sources: readonly EventSourceModel[];
  backends: Backends;
  functions: Functions;
  eventFaults: EventFaults;
  /** Returns whether messages of a queue can be received. */
  isAvailable: (queueArn: string) => boolean;
  retries: Retries;
  /** Caps every source's batching window, in seconds. */
  windowSeconds: number;
  now: () => number;
  failed: (cause: unknown) => void;
}

/**
 * When messages of a failed invocation become available again: after the visibility timeout, as on AWS; immediately; or
 * when {@link Pollers.retryFailed} is called. Only the first depends on the speed of the machine.
 */
export type Retries = 'after-visibility' | 'at-once' | 'by-hand';

/** The pollers of all event sources. */
export interface Pollers {
  held: () => number;
  /** Makes the messages that failed since the last call available again. */
  retryFailed: () => Promise<void>;
  stop: () => Promise<void>;
}

export function startPollers(options: PollersOptions): Pollers {
  const { backends, functions, eventFaults, now, failed } = options;
  let kept: MessagesOrder[] = [];
  const releases = {
    'after-visibility': undefined,
    'at-once': release,
    'by-hand': async (queueArn: string, receiptHandles: readonly string[]) => {
      kept.push({ queueArn, receiptHandles: [...receiptHandles] });
    },
  };

  function release(queueArn: string, receiptHandles: readonly string[]): Promise<void> {
    return backends.release({ queueArn, receiptHandles: [...receiptHandles] });
  }

  /** Receives nothing from a queue that fails, also if it began to fail while this waited for messages. */
  async function receive(order: ReceiveOrder): Promise<readonly ReceivedMessage[]> {
    if (!options.isAvailable(order.queueArn)) {
      await delay(Math.min(order.waitMs, unavailablePauseMs));
      return [];
    }
    const messages = await backends.receive(order);
    if (messages.length === 0 || options.isAvailable(order.queueArn)) return messages;
    await release(
      order.queueArn,
      messages.map(({ receiptHandle }) => receiptHandle),
    );
    return [];
  }

  const pollers = options.sources
    .filter(({ enabled }) => enabled)
    .map((source) =>
      startPoller({
        source: { ...source, windowSeconds: Math.min(source.windowSeconds, options.windowSeconds) },
        region: localRegion,
        concurrency: Math.min(source.maximumConcurrency ?? maximumBatches, maximumBatches),
        now,
        receive,
        delete: (queueArn, receiptHandles) => backends.delete({ queueArn, receiptHandles: [...receiptHandles] }),
        release: releases[options.retries],
        invoke: (event) => functions.invoke(source.functionName, event),
        disturb: eventFaults.disturb,
        failed,
      }),
    );
  return {
    retryFailed: async () => {
      const orders = kept;
      kept = [];
      await Promise.all(orders.map(backends.release));
    },
    held: () => pollers.reduce((total, poller) => total + poller.held(), 0),
    stop: async () => void (await Promise.all(pollers.map((poller) => poller.stop()))),
  };
}

/** How long a poll of a failing queue waits. */
const unavailablePauseMs = 200;

// Batches are CPU-bound, and each enrich worker holds 134 MB of geography data.
const maximumBatches = 2;

import type { Backends } from '../backends/backends.ts';
import type { Faults } from '../faults.ts';
import type { Functions } from '../functions/functions.ts';
import type { EventSourceModel } from '../template/model.ts';
import { localRegion } from '../template/names.ts';
import { startPoller } from './poller.ts';

// Each of enrich's environments holds 134 MB of geography, and batches are work for the CPU: two keep two cores busy.
const batchesAtOnce = 2;

export interface PollersOptions {
  sources: readonly EventSourceModel[];
  backends: Backends;
  functions: Functions;
  faults: Faults;
  /** Failed messages are ready again at once. */
  releaseFailed: boolean;
  /** Caps every source's batching window, in seconds. */
  windowSeconds: number;
  now: () => number;
  failed: (cause: unknown) => void;
}

/** The pollers of all event sources, as one. */
export interface Pollers {
  held: () => number;
  stop: () => Promise<void>;
}

export function startPollers(options: PollersOptions): Pollers {
  const { backends, functions, faults, now, failed } = options;
  const pollers = options.sources
    .filter(({ enabled }) => enabled)
    .map((source) =>
      startPoller({
        source: { ...source, windowSeconds: Math.min(source.windowSeconds, options.windowSeconds) },
        region: localRegion,
        concurrency: Math.min(source.maximumConcurrency ?? batchesAtOnce, batchesAtOnce),
        now,
        receive: backends.receive,
        delete: (queueArn, receiptHandles) => backends.delete({ queueArn, receiptHandles: [...receiptHandles] }),
        release: options.releaseFailed
          ? (queueArn, receiptHandles) => backends.release({ queueArn, receiptHandles: [...receiptHandles] })
          : undefined,
        invoke: (event) => functions.invoke(source.functionName, event),
        disturb: faults.disturb,
        failed,
      }),
    );
  return {
    held: () => pollers.reduce((total, poller) => total + poller.held(), 0),
    stop: async () => void (await Promise.all(pollers.map((poller) => poller.stop()))),
  };
}

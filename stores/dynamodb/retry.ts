import {
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { StoreUnavailable } from '../errors.ts';

/** What varies about waiting. `random` is in [0, 1). */
export interface Pace {
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  random: () => number;
}

const shortest = 20;
const longest = 1_000;

/**
 * Repeats an attempt while it fails for a passing reason, waiting a random time below 20, 40, 80 … 1,000 ms.
 * @param deadline milliseconds since the epoch
 * @throws {StoreUnavailable} at the deadline, with the last error as cause; any other error at once
 */
export async function retryUntil<T>(deadline: number, pace: Pace, what: string, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (cause) {
      if (!isTransient(cause)) throw cause;
      const wait = pace.random() * Math.min(longest, shortest * 2 ** tries);
      if (pace.now() + wait >= deadline)
        throw new StoreUnavailable(`${what}: still refused after ${tries + 1} attempts`, { cause });
      await pace.sleep(wait);
    }
  }
}

const transientClasses = [
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionConflictException,
  TransactionInProgressException,
];

const transientReasons: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/** True where the same request may succeed a moment later. A cancelled transaction is one if any of its reasons is. */
export function isTransient(error: unknown): boolean {
  if (error instanceof TransactionCanceledException)
    return (error.CancellationReasons ?? []).some((reason) => transientReasons.has(reason.Code ?? ''));
  if (transientClasses.some((transient) => error instanceof transient)) return true;
  return error instanceof Error && isOfNetwork(error);
}

function isOfNetwork(error: Error): boolean {
  return error.name === 'TimeoutError' || ('code' in error && typeof error.code === 'string');
}

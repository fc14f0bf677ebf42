import {
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { StoreThrottled, StoreUnavailable } from '../errors.ts';
import { delay } from './rounds.ts';

/** How to wait between attempts. `random` is in [0, 1). */
export interface Backoff {
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  random: () => number;
}

export interface RetryOptions {
  /** Milliseconds since the epoch. */
  deadline: number;
  backoff: Backoff;
  /** Names the attempt in the error. */
  what: string;
  /** Says which errors are worth another attempt. @default isTransient */
  isSuch?: (error: unknown) => boolean;
}

const shortestWait = 20;
const longestWait = 1_000;

/**
 * Repeats an attempt while it fails for such a reason, waiting a random time below 20, 40, 80 … 1,000 ms.
 * @throws {StoreUnavailable} at the deadline, with the last error as cause; any other error at once
 */
export async function retryUntil<T>(
  { deadline, backoff, what, isSuch = isTransient }: RetryOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (cause) {
      if (!isSuch(cause)) throw cause;
      const wait = waitAfter(tries, backoff);
      if (backoff.now() + wait >= deadline)
        throw new StoreUnavailable(`${what}: still refused after ${tries + 1} attempts`, { cause });
      await backoff.sleep(wait);
    }
  }
}

/**
 * Repeats a write that fails for such a reason, for 3 s by the clock of this machine.
 * @throws {StoreUnavailable} then, with the last error as cause; any other error at once
 */
export function retryWhile<T>(isSuch: (error: unknown) => boolean, what: string, write: () => Promise<T>): Promise<T> {
  const backoff = { now: Date.now, sleep: delay, random: Math.random };
  return retryUntil({ deadline: Date.now() + 3_000, backoff, what, isSuch }, write);
}

/** Returns whether a write met a transaction with the same item, which is over a moment later. */
export function isTransactionConflict(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return isTransactionConflict(error.cause);
  if (error instanceof TransactionCanceledException)
    return (error.CancellationReasons ?? []).some(({ Code }) => Code === 'TransactionConflict');
  return error instanceof TransactionConflictException;
}

/** Returns the milliseconds to wait after this many tries before. */
export function waitAfter(tries: number, { random }: Backoff): number {
  return random() * Math.min(longestWait, shortestWait * 2 ** tries);
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

/** Returns whether the same request may succeed a moment later. For a cancelled transaction one such reason is enough. */
export function isTransient(error: unknown): boolean {
  if (error instanceof StoreThrottled) return true;
  if (error instanceof StoreUnavailable) return isTransient(error.cause);
  if (error instanceof TransactionCanceledException)
    return (error.CancellationReasons ?? []).some((reason) => transientReasons.has(reason.Code ?? ''));
  if (transientClasses.some((transient) => error instanceof transient)) return true;
  return error instanceof Error && isNetworkError(error);
}

function isNetworkError(error: Error): boolean {
  return error.name === 'TimeoutError' || ('code' in error && typeof error.code === 'string');
}

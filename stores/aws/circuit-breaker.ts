import { StoreUnavailable } from '../errors.ts';

/**
 * Lets a store rest that did not answer in time: whoever waits pays for one timeout, not for one at every read. An
 * error is quick, and rests nobody.
 * @param length milliseconds for which a store is not asked again
 */
export function createCircuitBreaker(now: () => number, length = 3_000) {
  const until = new Map<string, number>();
  /** Works, unless one of the stores rests. @throws {StoreUnavailable} for that one, and what `work` throws */
  return async <T>(stores: readonly string[], work: () => Promise<T>): Promise<T> => {
    const resting = stores.find((store) => now() < (until.get(store) ?? 0));
    if (resting !== undefined) throw new StoreUnavailable(`${resting} did not answer in time a moment ago`);
    try {
      return await work();
    } catch (cause) {
      if (isTimeout(cause)) for (const store of stores) until.set(store, now() + length);
      throw cause;
    }
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

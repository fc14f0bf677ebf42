import { StoreUnavailable } from '../errors.ts';

/**
 * Creates a circuit breaker: after a timeout, calls to that store fail fast for `coolDownMs`, so a person waits for one
 * timeout and not for one at every read. Other errors are fast already and do not open it.
 *
 * @example
 * const throughBreaker = createCircuitBreaker(Date.now);
 * const item = await throughBreaker(['catalog'], () => client.send(command));
 */
export function createCircuitBreaker(now: () => number, coolDownMs = 3_000) {
  const openUntil = new Map<string, number>();
  /** Does the work. @throws {StoreUnavailable} for a store that cools down, and what `work` throws */
  return async <T>(stores: readonly string[], work: () => Promise<T>): Promise<T> => {
    const open = stores.find((store) => now() < (openUntil.get(store) ?? 0));
    if (open !== undefined) throw new StoreUnavailable(`${open} did not respond in time a moment ago`);
    try {
      return await work();
    } catch (cause) {
      if (isTimeout(cause)) for (const store of stores) openUntil.set(store, now() + coolDownMs);
      throw cause;
    }
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

import { StoreUnavailable } from '../errors.ts';

/** A call to a store. */
export interface StoreCall {
  /** What fails as a whole: a table, or Athena. */
  store: string;
  /** The part of the store that the call reads, such as a partition: it can be slow alone. */
  part: string;
}

interface Health {
  /** Until then, every call fails fast. 0 after any response. */
  openUntil: number;
  /** Parts that timed out, each with the time until which its calls fail fast. */
  slowParts: Map<string, number>;
  /** Time of the first timeout since the last response. */
  silentSince: number | undefined;
}

/** Parts remembered of one store; the oldest is dropped first. */
const partsKept = 100;

/**
 * Creates a circuit breaker: after a timeout, calls for the same part of that store fail fast for `coolDownMs`, so a person
 * waits for one timeout and not for one at every read. One slow part says nothing about the others, which DynamoDB keeps on
 * other partitions. All calls fail fast after a second timeout that confirms the first: it is of another part, its call
 * began after the first timeout, and the store has responded to nothing in between. Other errors are responses.
 *
 * @example
 * const throughBreaker = createCircuitBreaker(Date.now);
 * const item = await throughBreaker({ store: 'catalog', part: 'link#k3x9' }, () => client.send(command));
 */
export function createCircuitBreaker(now: () => number, coolDownMs = 3_000) {
  const stores = new Map<string, Health>();

  function healthOf(store: string): Health {
    const health = stores.get(store) ?? { openUntil: 0, slowParts: new Map(), silentSince: undefined };
    stores.set(store, health);
    return health;
  }

  function recordTimeout(health: Health, part: string, startedAt: number): void {
    const confirmed =
      health.silentSince !== undefined && startedAt >= health.silentSince && !health.slowParts.has(part);
    // An open store that does not respond to its first call after the cool-down opens again.
    if (confirmed || health.openUntil > 0) health.openUntil = now() + coolDownMs;
    health.silentSince ??= now();
    health.slowParts.delete(part);
    health.slowParts.set(part, now() + coolDownMs);
    if (health.slowParts.size > partsKept) health.slowParts.delete(health.slowParts.keys().next().value ?? part);
  }

  function recordResponse(health: Health, part: string): void {
    health.openUntil = 0;
    health.silentSince = undefined;
    health.slowParts.delete(part);
  }

  /** Does the work. @throws {StoreUnavailable} during a cool-down, and what `work` throws */
  return async <T>({ store, part }: StoreCall, work: () => Promise<T>): Promise<T> => {
    const health = healthOf(store);
    const startedAt = now();
    if (startedAt < Math.max(health.openUntil, health.slowParts.get(part) ?? 0))
      throw new StoreUnavailable(`${store} did not respond in time a moment ago`);
    try {
      const result = await work();
      recordResponse(health, part);
      return result;
    } catch (cause) {
      if (isTimeout(cause)) recordTimeout(health, part, startedAt);
      else recordResponse(health, part);
      throw cause;
    }
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

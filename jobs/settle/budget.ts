import type { Athena, QueryOptions } from '#stores/lake/athena.ts';
import { QueryTimedOut } from '#stores/lake/errors.ts';
import type { SettleDeps } from './deps.ts';
import type { SettleRequest } from './visit.ts';

/** The time of this settle is over in the middle of a unit. The next settle does the unit again. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** A query may take this long, unless its hour is large (`slices.ts`). */
export const queryMilliseconds = 240_000;

/** The lease is renewed before each query for its time and this: a settle that died blocks the next for no longer. */
export const leaseMargin = 2 * 60_000;

/** A query with less time than this is not started. */
const shortestQuery = 1_000;

interface LimitOptions {
  athena: Athena;
  now: SettleDeps['now'];
  request: SettleRequest;
  renewLease: (milliseconds: number) => Promise<void>;
}

/**
 * Limits every query to the time that is left, and renews the lease before it.
 * @throws {OutOfTime} instead of starting a query too late, and for one that was stopped at the end
 */
export function limitQueries({ athena, now, request, renewLease }: LimitOptions): Athena {
  const end = request.end ?? Number.POSITIVE_INFINITY;
  async function limited<T>(options: QueryOptions | undefined, run: (options: QueryOptions) => Promise<T>): Promise<T> {
    if (end - now() < shortestQuery) throw new OutOfTime('no time is left for another query');
    const deadline = Math.min(options?.deadline ?? queryMilliseconds, end - now());
    await renewLease(deadline + leaseMargin);
    try {
      return await run({ ...options, deadline });
    } catch (cause) {
      if (cause instanceof QueryTimedOut && now() >= end) throw new OutOfTime(cause.message, { cause });
      throw cause;
    }
  }
  return {
    rows: (query, values, options) => limited(options, (limits) => athena.rows(query, values, limits)),
    unload: (query, values, location, options) =>
      limited(options, (limits) => athena.unload(query, values, location, limits)),
    statement: (sql, options) => limited(options, (limits) => athena.statement(sql, { ...options, ...limits })),
  };
}

import { sealToken } from '#core/history/pulls/token.ts';
import type { PullDeps } from '#jobs/pull/deps.ts';
import { type PullOutcome, runPull } from '#jobs/pull/run-pull.ts';
import { wakePulls } from '#jobs/pull/wake-pulls.ts';
import { pullPayloadSchema } from '#schemas/history/pull.ts';

/** Milliseconds before the end of its time at which a run starts the next one: a request and its links take at most half. */
const margin = 180_000;

/**
 * Creates the handler that goes on with a pull, or by the clock starts those that are due. A run that fails is tried again by
 * Lambda, and goes on where it was.
 */
export function createPullHandler(deps: PullDeps) {
  return async (
    payload: unknown,
    context?: { getRemainingTimeInMillis: () => number },
  ): Promise<PullOutcome | { woken: number }> => {
    const request = pullPayloadSchema.parse(payload);
    if ('time' in request) return { woken: await wakePulls(deps, Date.parse(request.time)) };
    if ('token' in request) {
      const iv = deps.random(12);
      await deps.pulls.putToken(request.id, sealToken(request.token, request.id, { secret: await deps.secret(), iv }));
      await deps.continueLater(request.id);
      return 'continue';
    }
    const left = context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
    return runPull(deps, request.id, deps.now() + Math.max(0, left - margin));
  };
}

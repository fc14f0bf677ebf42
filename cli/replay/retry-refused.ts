import type { Send } from './send-request.ts';

export interface RetryRefusedOptions {
  /** Waits this many milliseconds, or until the replay is interrupted. */
  sleep: (milliseconds: number) => Promise<void>;
  /** In [0, 1). */
  random: () => number;
  /** Ends the attempts. */
  interrupted: AbortSignal;
}

const maxAttempts = 6;

const longestWaitMs = 30_000;

/**
 * Sends a refused request again, after the time that the edge asks for and up to as long again, so that concurrent
 * requests do not all return at once. After six attempts the refusal is the result.
 */
export function retryRefused(send: Send, { sleep, random, interrupted }: RetryRefusedOptions): Send {
  return async (code, logged) => {
    for (let attempt = 1; ; attempt++) {
      const result = await send(code, logged);
      if (result.kind !== 'refused' || attempt === maxAttempts || interrupted.aborted) return result;
      await sleep(Math.min(longestWaitMs, result.retryAfterMs) * (1 + random()));
    }
  };
}

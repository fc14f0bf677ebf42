import { setTimeout as delay } from 'node:timers/promises';
import type { QueueDepth } from '../backends/protocol.ts';
import type { FunctionState } from '../functions/pool.ts';
import type { IdleReport } from './snapshot.ts';

export interface IdleDeps {
  depths: () => Promise<readonly QueueDepth[]>;
  isDeadLetters: (queueName: string) => boolean;
  functions: () => readonly { state: Pick<FunctionState, 'running' | 'waiting' | 'invocations'> }[];
  /** Returns the number of messages that the pollers hold; some are no longer in their queue. */
  held: () => number;
  /** Returns the number of open requests at the edge. */
  requests: () => number;
  now: () => number;
}

const lookEveryMs = 50;

/** Waits until the stack is idle or `withinMs` have passed; the report says which. */
export async function waitUntilIdle(deps: IdleDeps, withinMs: number): Promise<IdleReport> {
  const deadline = deps.now() + withinMs;
  for (;;) {
    const report = await reportIdle(deps);
    if (report.idle || deps.now() > deadline) return report;
    await delay(lookEveryMs);
  }
}

/**
 * Reports whether any request, message or invocation is in progress.
 *
 * Checks requests and invocations before and after the queues, and requires that none started in between: otherwise an
 * invocation could put a message into a queue that was already checked.
 */
export async function reportIdle(deps: IdleDeps): Promise<IdleReport> {
  const before = lookAtWork(deps);
  const depths = await deps.depths();
  const after = lookAtWork(deps);
  function messagesIn(deadLetters: boolean): number {
    return sum(
      depths
        .filter(({ name }) => deps.isDeadLetters(name) === deadLetters)
        .map(({ ready, inFlight, delayed }) => ready + inFlight + delayed),
    );
  }
  const messages = Math.max(messagesIn(false), after.held);
  return {
    idle: isQuiet(before) && messages === 0 && isQuiet(after) && before.started === after.started,
    requests: after.requests,
    messages,
    invocations: after.invocations,
    deadLetters: messagesIn(true),
  };
}

interface Work {
  requests: number;
  invocations: number;
  held: number;
  /** Number of invocations since the start. */
  started: number;
}

function lookAtWork({ functions, held, requests }: IdleDeps): Work {
  const states = functions().map(({ state }) => state);
  return {
    requests: requests(),
    invocations: sum(states.map(({ running, waiting }) => running + waiting)),
    held: held(),
    started: sum(states.map(({ invocations }) => invocations)),
  };
}

/** Allows one open request: the one that asks for the report. */
function isQuiet({ requests, invocations, held }: Work): boolean {
  return requests <= 1 && invocations === 0 && held === 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

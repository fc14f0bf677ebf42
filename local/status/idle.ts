import { setTimeout as delay } from 'node:timers/promises';
import type { QueueDepth } from '../backends/protocol.ts';
import type { FunctionState } from '../functions/pool.ts';
import type { IdleReport } from './snapshot.ts';

export interface IdleDeps {
  depths: () => Promise<readonly QueueDepth[]>;
  isDeadLetters: (queueName: string) => boolean;
  functions: () => readonly { state: Pick<FunctionState, 'running' | 'waiting' | 'invocations'> }[];
  /** Messages that the pollers hold, some of them no longer in their queue. */
  held: () => number;
  /** Requests that the edge has not answered. */
  requests: () => number;
  now: () => number;
}

const lookEveryMs = 50;

/** Waits until it is idle, or until `withinMs` have passed; the report says which. */
export async function waitUntilIdle(deps: IdleDeps, withinMs: number): Promise<IdleReport> {
  const deadline = deps.now() + withinMs;
  for (;;) {
    const report = await reportIdle(deps);
    if (report.idle || deps.now() > deadline) return report;
    await delay(lookEveryMs);
  }
}

/**
 * Reports whether anything is on its way from the edge to the counters.
 *
 * Requests and invocations are looked at before the queues and after them, and none may have started in between: what
 * an invocation has put into a queue when it ends is seen there, and nothing slips from one to the other unseen.
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
  /** Invocations so far. */
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

/** The request that asks, over HTTP, is one itself. */
function isQuiet({ requests, invocations, held }: Work): boolean {
  return requests <= 1 && invocations === 0 && held === 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

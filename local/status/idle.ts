import { setTimeout as delay } from 'node:timers/promises';
import type { QueueDepth } from '../backends/protocol.ts';
import type { FunctionStatus, IdleReport } from './snapshot.ts';

export interface IdleDeps {
  depths: () => Promise<readonly QueueDepth[]>;
  isDeadLetters: (queueName: string) => boolean;
  functions: () => readonly FunctionStatus[];
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
  let before = false;
  for (;;) {
    const report = await reportIdle(deps);
    // A moment between two stages looks idle too: it has to hold for a second look.
    if ((report.idle && before) || deps.now() > deadline) return report;
    before = report.idle;
    await delay(lookEveryMs);
  }
}

/** Whether anything is on its way from the edge to the counters. */
export async function reportIdle(deps: IdleDeps): Promise<IdleReport> {
  const depths = await deps.depths();
  function messagesIn(deadLetters: boolean): number {
    return sum(
      depths
        .filter(({ name }) => deps.isDeadLetters(name) === deadLetters)
        .map(({ ready, inFlight, delayed }) => ready + inFlight + delayed),
    );
  }
  const invocations = sum(deps.functions().map(({ state }) => state.running + state.waiting));
  const messages = Math.max(messagesIn(false), deps.held());
  const requests = deps.requests();
  return {
    // The request that asks, over HTTP, is one itself.
    idle: requests <= 1 && messages === 0 && invocations === 0,
    requests,
    messages,
    invocations,
    deadLetters: messagesIn(true),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

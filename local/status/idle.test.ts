import { expect, it } from 'vitest';
import { type IdleDeps, reportIdle } from './idle.ts';

/** A stack with one queue and one function; `step` happens while the queue's depth is on its way back. */
function stackOf(state: { ready: number; running: number; invocations: number; held: number }, step: () => void) {
  return {
    depths: () => {
      const depths = [{ name: 'clicks', ready: state.ready, inFlight: 0, delayed: 0 }];
      step();
      return Promise.resolve(depths);
    },
    isDeadLetters: () => false,
    functions: () => [{ state: { ...state, waiting: 0 } }],
    held: () => state.held,
    requests: () => 0,
    now: () => 0,
  } satisfies IdleDeps;
}

it('is idle when nothing moves', async () => {
  const state = { ready: 0, running: 0, invocations: 5, held: 0 };
  expect(await reportIdle(stackOf(state, () => undefined))).toMatchObject({ idle: true, messages: 0, invocations: 0 });
});

it('is not idle when an invocation fills the queue behind its back, and ends', async () => {
  const state = { ready: 0, running: 1, invocations: 5, held: 0 };
  const stack = stackOf(state, () => void Object.assign(state, { ready: 1, running: 0 }));
  expect(await reportIdle(stack)).toMatchObject({ idle: false });
});

it('is not idle when an invocation starts and ends while it looks', async () => {
  const state = { ready: 0, running: 0, invocations: 5, held: 0 };
  const stack = stackOf(state, () => void Object.assign(state, { ready: 1, invocations: 6 }));
  expect(await reportIdle(stack)).toMatchObject({ idle: false });
});

it('is not idle while a poller holds a message that is in no queue', async () => {
  const state = { ready: 0, running: 0, invocations: 5, held: 1 };
  expect(await reportIdle(stackOf(state, () => undefined))).toMatchObject({ idle: false, messages: 1 });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CommandFailed } from './errors.ts';
import type { Stack } from './stack.ts';

const idleSchema = z.object({ idle: z.boolean() });

/**
 * Waits until nothing is on its way from the edge to the counters.
 * @throws {CommandFailed} at the deadline, in milliseconds since the epoch
 */
export async function waitUntilIdle(stack: Stack, now: () => number, deadline: number): Promise<void> {
  while (!idleSchema.parse(await askLocal(stack, '/idle')).idle) {
    if (now() > deadline)
      throw new CommandFailed(`the pipeline is still at work; ${stack.url}/_local/ shows where, then ask again`);
    await sleep(200);
  }
}

/** @throws {CommandFailed} for a deployed stack, which has no such interface, or when the local one does not answer */
export async function askLocal(stack: Stack, path: string): Promise<unknown> {
  if (!stack.local) throw new CommandFailed(`--stack is "${stack.name}"; this works on the local stack only`);
  let answer: Response;
  try {
    answer = await fetch(`${stack.url}/_local${path}`);
  } catch (cause) {
    throw new CommandFailed(`the local stack does not answer at ${stack.url}; start it with \`npm start\``, { cause });
  }
  const body = await answer.text();
  if (!answer.ok) throw new CommandFailed(`the local stack answered ${answer.status} to /_local${path}: ${body}`);
  return JSON.parse(body);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CommandFailed } from './errors.ts';
import type { Stack } from './stack.ts';

/**
 * Waits until every event has reached the counters.
 * @param deadline milliseconds since the epoch
 * @throws {CommandFailed} at the deadline
 */
export async function waitUntilIdle(stack: Stack, now: () => number, deadline: number): Promise<void> {
  while (!idleSchema.parse(await fetchLocal(stack, '/idle')).idle) {
    if (now() > deadline)
      throw new CommandFailed(`the pipeline is still processing events; check ${stack.url}/_local/ and try again`);
    await sleep(200);
  }
}

const idleSchema = z.object({ idle: z.boolean() });

/** @throws {CommandFailed} for a deployed stack, or if the local stack does not respond */
export async function fetchLocal(stack: Stack, path: string): Promise<unknown> {
  if (!stack.local) throw new CommandFailed(`\`--stack\` must be \`local\` for this command; got \`${stack.name}\``);
  let response: Response;
  try {
    response = await fetch(`${stack.url}/_local${path}`);
  } catch (cause) {
    throw new CommandFailed(`the local stack does not respond at ${stack.url}; start it with \`npm start\``, { cause });
  }
  const body = await response.text();
  if (!response.ok) throw new CommandFailed(`/_local${path} of the local stack returned ${response.status}: ${body}`);
  return JSON.parse(body);
}

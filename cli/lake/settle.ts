import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createRollupReader, type RollupReader } from '#stores/counters/rollup-reader.ts';
import { type SettlePayload, type SettleSummary, settleSummarySchema } from '#schemas/lake-jobs.ts';
import type { Terminal } from '#cli/command.ts';
import type { Stack } from '#cli/stack.ts';
import { invokeFunction } from '../invoke-function.ts';

export type SettleRequest = Omit<SettlePayload, 'time'>;

/** Settles, prints the result and returns the exit code. */
export async function settleAndPrint(stack: Stack, request: SettleRequest, terminal: Terminal): Promise<number> {
  const summary = await settleAll(stack, request, terminal);
  terminal.print(`settled ${summary.settled.length} hours`);
  for (const range of joinHours(summary.settled)) terminal.print(`  ${range}`);
  if (summary.enqueued !== undefined)
    terminal.print(`applied ${summary.enqueued} raw files of unsettled hours to the counters again`);
  for (const { hour, reason } of summary.refused) terminal.print(`refused ${hour}: ${reason}`);
  if (summary.through !== undefined)
    terminal.print(`all hours are settled through ${new Date(summary.through).toISOString()}`);
  printRemaining(summary, terminal);
  return summary.state === 'done' && summary.refused.length === 0 ? 0 : 1;
}

/** Invokes the function, which stops before its limit of 15 minutes, until everything is settled or it makes no progress. */
async function settleAll(stack: Stack, request: SettleRequest, terminal: Terminal): Promise<SettleSummary> {
  function invoke(payload: SettleRequest): Promise<SettleSummary> {
    const invoked = invokeFunction(
      stack,
      'SettleFunction',
      { time: new Date(terminal.now()).toISOString(), ...payload },
      settleSummarySchema,
    );
    return noteProgress(stack, terminal, invoked);
  }
  const all = await invoke(request);
  const { rebuild: _rebuilt, ...rest } = request;
  let last = all;
  while (last.state === 'unfinished' && last.units > 0) {
    terminal.note(`settled ${all.settled.length} hours so far; continuing`);
    // The function remembers which hours to rebuild; asking again would start from the beginning.
    last = await invoke(rest);
    all.settled.push(...last.settled);
    all.unreadable += last.unreadable;
  }
  return { ...last, settled: all.settled, unreadable: all.unreadable, enqueued: all.enqueued };
}

const pollMilliseconds = 2_000;

/** Prints how far the settle has come, such as `62 of 511 hours`, until it has ended. */
async function noteProgress<T>(stack: Stack, terminal: Terminal, settling: Promise<T>): Promise<T> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const reader = createRollupReader({ client, table: stack.outputs.RollupsTable, now: terminal.now });
  const ended = new AbortController();
  const polling = pollProgress(reader, terminal, ended.signal);
  try {
    return await settling;
  } finally {
    ended.abort();
    await polling;
    client.destroy();
  }
}

async function pollProgress(reader: RollupReader, terminal: Terminal, ended: AbortSignal): Promise<void> {
  let printed = '';
  while (!ended.aborted) {
    // Progress is a courtesy: settle goes on whether it can be read or not.
    const running = await reader.settleState().then(
      (state) => state.running,
      () => undefined,
    );
    const line = running && running.total > 0 ? `${running.done} of ${running.total} ${running.unit}` : '';
    if (line !== '' && line !== printed && !ended.aborted) terminal.note(line);
    if (line !== '') printed = line;
    await sleep(pollMilliseconds, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** Joins consecutive hours such as `2026-11-22T07` and `2026-11-22T08` to ranges. */
function joinHours(hours: readonly string[]): string[] {
  const found: { first: string; last: string; count: number; end: number }[] = [];
  for (const hour of hours.toSorted()) {
    const start = Date.parse(`${hour}:00:00Z`);
    const open = found.at(-1);
    if (open?.end === start) Object.assign(open, { last: hour, count: open.count + 1, end: start + 3_600_000 });
    else found.push({ first: hour, last: hour, count: 1, end: start + 3_600_000 });
  }
  return found.map(({ first, last, count }) => (count === 1 ? first : `${first} to ${last} (${count} hours)`));
}

function printRemaining(summary: SettleSummary, terminal: Terminal): void {
  if (summary.waiting > 0)
    terminal.note(`${summary.waiting} messages are still in the queues; their events settle later`);
  if (summary.unreadable > 0)
    terminal.note(
      `${summary.unreadable} files could not be read, and their hours settled without them; see docs/runbook.md`,
    );
  if (summary.state === 'busy') terminal.note('another settle is running; try again later');
  if (summary.state === 'unfinished')
    terminal.note('the function ran out of time before it finished any work; check its log');
}

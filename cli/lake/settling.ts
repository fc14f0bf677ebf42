import { z } from 'zod';
import type { Terminal } from '#cli/command.ts';
import type { Stack } from '#cli/stack.ts';
import { invokeFunction } from './invoke.ts';

export interface SettleOrder {
  through?: string;
  /** UTC dates, both included. */
  rebuild?: { from?: string; to?: string };
}

/** Settles, and prints what came of it. Gives the exit code. */
export async function settleAndPrint(stack: Stack, order: SettleOrder, terminal: Terminal): Promise<number> {
  const summary = await settleToTheEnd(stack, order, terminal);
  terminal.print(`settled ${summary.settled.length} hours`);
  for (const range of ranges(summary.settled)) terminal.print(`  ${range}`);
  if (summary.enqueued !== undefined)
    terminal.print(`${summary.enqueued} raw files of hours that are not settled handed to the counters again`);
  for (const { hour, reason } of summary.refused) terminal.print(`refused ${hour}: ${reason}`);
  if (summary.through !== undefined)
    terminal.print(`every hour is settled through ${new Date(summary.through).toISOString()}`);
  sayWhatIsLeft(summary, terminal);
  return summary.state === 'done' && summary.refused.length === 0 ? 0 : 1;
}

const summarySchema = z.object({
  state: z.enum(['done', 'unfinished', 'busy']),
  /** Milliseconds since the epoch. */
  through: z.number().optional(),
  settled: z.array(z.string()),
  refused: z.array(z.object({ hour: z.string(), reason: z.string() })),
  waiting: z.number(),
  unreadable: z.number(),
  enqueued: z.number().optional(),
});

type Summary = z.infer<typeof summarySchema>;

/** A function that has 15 minutes stops before; it is called again while it gets anywhere. */
async function settleToTheEnd(stack: Stack, order: SettleOrder, terminal: Terminal): Promise<Summary> {
  function ask(payload: SettleOrder): Promise<Summary> {
    return invokeFunction(
      stack,
      'SettleFunction',
      { time: new Date(terminal.now()).toISOString(), ...payload },
      summarySchema,
    );
  }
  const all = await ask(order);
  const { rebuild: _rebuilt, ...rest } = order;
  let last = all;
  while (last.state === 'unfinished' && last.settled.length > 0) {
    terminal.note(`${all.settled.length} hours so far; the function's time was up, going on`);
    // What a rebuild has marked is remembered: marking it again would begin anew.
    last = await ask(rest);
    all.settled.push(...last.settled);
    all.unreadable += last.unreadable;
  }
  return { ...last, settled: all.settled, unreadable: all.unreadable, enqueued: all.enqueued };
}

/** `2026-11-22T07`, `2026-11-22T08` and on as one range. */
function ranges(hours: readonly string[]): string[] {
  const found: { first: string; last: string; count: number; end: number }[] = [];
  for (const hour of hours.toSorted()) {
    const start = Date.parse(`${hour}:00:00Z`);
    const open = found.at(-1);
    if (open?.end === start) Object.assign(open, { last: hour, count: open.count + 1, end: start + 3_600_000 });
    else found.push({ first: hour, last: hour, count: 1, end: start + 3_600_000 });
  }
  return found.map(({ first, last, count }) => (count === 1 ? first : `${first} to ${last} (${count} hours)`));
}

function sayWhatIsLeft(summary: Summary, terminal: Terminal): void {
  if (summary.waiting > 0)
    terminal.note(`${summary.waiting} messages are still on their way; what they hold settles later`);
  if (summary.unreadable > 0)
    terminal.note(
      `${summary.unreadable} files could not be read, and their hours settled without them; docs/runbook.md`,
    );
  if (summary.state === 'busy') terminal.note('another settle is at work, and this one did nothing; try again later');
  if (summary.state === 'unfinished') terminal.note("the function's time was up before an hour was done; see its log");
}

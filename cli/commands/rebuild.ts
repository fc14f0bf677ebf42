import { defineCommand } from '#cli/command.ts';
import { UsageError } from '#cli/errors.ts';
import { date } from '#cli/lake/kinds.ts';
import { settleAndPrint } from '#cli/lake/settling.ts';
import { optional } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Compute the settled numbers of some days, or of all, again from the lake',
  details: `Traffic may go on meanwhile. Settled numbers end as they were, also when the rollups table was emptied; the raw files of
hours that are not settled yet are handed to the counters, which know those that they have counted.`,
  options: {
    from: optional(date, 'first UTC date (default the oldest of the lake)'),
    to: optional(date, 'last UTC date (default the newest of the lake)'),
  },
  run: async ({ stack: name, from, to }, terminal) => {
    if (from !== undefined && to !== undefined && from > to)
      throw new UsageError(`--from is "${from}"; it must not be after --to, which is "${to}"`);
    const stack = await findStack(name, terminal);
    const rebuild = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    return settleAndPrint(stack, { rebuild }, terminal);
  },
});

import { defineCommand } from '#cli/command.ts';
import { UsageError } from '#cli/errors.ts';
import { date } from '#cli/lake/kinds.ts';
import { settleAndPrint } from '#cli/lake/settle.ts';
import { flag, optional } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Settle days again from the lake',
  details: `Traffic may continue. Settled numbers come out the same, even if the rollups table was emptied. Raw files of hours that are
not settled yet are applied to the counters again, which skip those already applied. With \`--reclassify\`, past referrers get
their class by the present rules; docs/events.md says which.`,
  options: {
    from: optional(date, 'first UTC date (default: the oldest in the lake)'),
    to: optional(date, 'last UTC date (default: the newest in the lake)'),
    reclassify: flag('classify referrers again by the present rules'),
  },
  run: async ({ stack: name, from, to, reclassify }, terminal) => {
    if (from !== undefined && to !== undefined && from > to)
      throw new UsageError(`\`--from\` must not be after \`--to\`; got \`${from}\` and \`${to}\``);
    const stack = await findStack(name, terminal);
    const rebuild = { ...(from !== undefined && { from }), ...(to !== undefined && { to }), reclassify };
    return settleAndPrint(stack, { rebuild }, terminal);
  },
});

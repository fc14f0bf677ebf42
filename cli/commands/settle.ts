import { defineCommand } from '#cli/command.ts';
import { settleAndPrint } from '#cli/lake/settling.ts';
import { instant, optional } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Settle what may be settled now: exact hours, days and months',
  details: `The stack does so every hour; this does it at once, and with --through for history such as a replayed log. Hours close ten
minutes after their end and when nothing is on its way to them. It may be interrupted and run again.`,
  options: { through: optional(instant, 'settle every hour up to here, however old') },
  run: async ({ stack: name, through }, terminal) => {
    const stack = await findStack(name, terminal);
    const order = through === undefined ? {} : { through: new Date(through).toISOString() };
    return settleAndPrint(stack, order, terminal);
  },
});

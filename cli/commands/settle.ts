import { defineCommand } from '#cli/command.ts';
import { settleAndPrint } from '#cli/lake/settle.ts';
import { instant, optional } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Settle all complete hours now',
  details: `The stack does this at 20 past every hour. An hour can settle ten minutes after its end, once its events have arrived.
Use --through for history, such as a replayed log. You can interrupt the command and run it again.`,
  options: { through: optional(instant, 'settle all hours until this time, however old') },
  run: async ({ stack: name, through }, terminal) => {
    const stack = await findStack(name, terminal);
    const order = through === undefined ? {} : { through: new Date(through).toISOString() };
    return settleAndPrint(stack, order, terminal);
  },
});

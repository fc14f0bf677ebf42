import { defineCommand } from '#cli/command.ts';
import { examine } from '#cli/doctor/examine.ts';
import { printFindings } from '#cli/print-findings.ts';
import { findStack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Check every part of the stack and suggest fixes',
  details: 'Exits with 1 if clicks are not being counted, or soon will not be.',
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const findings = await examine(stack, terminal.now);
    printFindings(findings, terminal);
    return findings.some(({ state }) => state === 'error') ? 1 : 0;
  },
});

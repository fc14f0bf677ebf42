import { defineCommand } from '#cli/command.ts';
import { examine } from '#cli/doctor/examine.ts';
import { findStack } from '#cli/stack.ts';

const marks = { fine: '✓', look: '!', broken: '✗' } as const;

export const command = defineCommand({
  summary: 'Look at every part of the stack, and say what to do about what is wrong',
  details: 'Ends with 1 when something is broken: clicks are not counted, or will not be.',
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const findings = await examine(stack, terminal.now);
    const width = Math.max(...findings.map(({ check }) => check.length));
    for (const { check, state, found, advice } of findings) {
      terminal.print(`${marks[state]} ${check.padEnd(width)}  ${found}`);
      if (advice) terminal.print(`  ${' '.repeat(width)}  → ${advice}`);
    }
    return findings.some(({ state }) => state === 'broken') ? 1 : 0;
  },
});

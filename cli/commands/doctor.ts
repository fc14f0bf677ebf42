import { defineCommand } from '#cli/command.ts';
import { examine } from '#cli/doctor/examine.ts';
import { findStack } from '#cli/stack.ts';

const marks = { ok: '✓', warning: '!', error: '✗' } as const;

export const command = defineCommand({
  summary: 'Check every part of the stack and suggest fixes',
  details: 'Exits with 1 if clicks are not being counted, or soon will not be.',
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const findings = await examine(stack, terminal.now);
    const width = Math.max(...findings.map(({ check }) => check.length));
    for (const { check, state, found, advice } of findings) {
      terminal.print(`${marks[state]} ${check.padEnd(width)}  ${found}`);
      if (advice) terminal.print(`  ${' '.repeat(width)}  → ${advice}`);
    }
    return findings.some(({ state }) => state === 'error') ? 1 : 0;
  },
});

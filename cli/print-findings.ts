import type { Terminal } from './command.ts';

const marks = { ok: '✓', warning: '!', error: '✗', blocks: '✗', unknown: '–' } as const;

interface PrintedFinding {
  check: string;
  state: keyof typeof marks;
  found: string;
  advice?: string;
}

/** Prints a line for each finding, and what to do about it on the next. */
export function printFindings(findings: readonly PrintedFinding[], terminal: Pick<Terminal, 'print'>): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, state, found, advice } of findings) {
    const text = state === 'unknown' ? `not checked here: ${found}` : found;
    terminal.print(`${marks[state]} ${check.padEnd(width)}  ${text}`);
    if (advice) terminal.print(`  ${' '.repeat(width)}  → ${advice}`);
  }
}

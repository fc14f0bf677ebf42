import { createInterface } from 'node:readline';
import type { Terminal } from '#cli/command.ts';

/** Whether the next line of standard input is `expected`; its end is a no. */
export async function confirm(terminal: Terminal, question: string, expected: string): Promise<boolean> {
  terminal.note(question);
  const lines = createInterface({ input: terminal.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) return line.trim() === expected;
    return false;
  } finally {
    lines.close();
  }
}

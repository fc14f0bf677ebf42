import { createInterface } from 'node:readline';
import type { Terminal } from './command.ts';

/** Prints a question, and returns the next line of standard input without spaces around it; empty at its end. */
export async function ask(terminal: Pick<Terminal, 'note' | 'stdin'>, question: string): Promise<string> {
  terminal.note(question);
  const lines = createInterface({ input: terminal.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) return line.trim();
    return '';
  } finally {
    lines.close();
  }
}

import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import type { FileReading } from './format.ts';

/** Characters of a line: far longer than the longest record. */
export const longestLine = 100_000;

/**
 * Reads a text line by line, and keeps no more than one line of it. The last one may have no line break.
 * @param onLine gets each line and its number; the first is 1
 * @param problem of a line that does not end, for the {@link UnreadableFile}: `line 7 <problem>`
 */
export function readTextLines(onLine: (text: string, line: number) => void, problem: string): FileReading {
  let rest = '';
  let line = 0;
  return {
    push: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine) throw new UnreadableFile(`line ${line + 1} ${problem}`);
      for (const each of lines) onLine(each, ++line);
    },
    end: () => {
      if (rest !== '') onLine(rest, ++line);
    },
  };
}

import { type UnusableLine, unusable } from './log-format.ts';

/** Unrolled to avoid backtracking on long values. */
const fieldPattern = /(?:"([^"\\]*(?:\\.[^"\\]*)*)"|\[([^\]]*)\]|([^\s"]+))(?: +|$)/y;

/** Splits a line at its spaces. Fields with spaces are between quotes or brackets, which are not part of them. */
export function splitQuoted(line: string): readonly string[] | UnusableLine {
  const fields: string[] = [];
  fieldPattern.lastIndex = 0;
  while (fieldPattern.lastIndex < line.length) {
    const at = fieldPattern.lastIndex;
    const match = fieldPattern.exec(line);
    if (!match) return unusable('quotes in it are not closed, or not escaped', line.slice(at));
    fields.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return fields;
}

/** Returns null for a dash. */
export function orNull(field: string | undefined): string | null | undefined {
  return field === '-' ? null : field;
}

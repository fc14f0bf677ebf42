import type { ImportResult } from '#schemas/api/imports.ts';
import type { CsvPart } from './split-csv.ts';

/** Rows of the file that have been answered for, and all of them. */
export interface Progress {
  done: number;
  rows: number;
}

/**
 * Sends the parts of a file one after another, and answers as if it had gone in one: lines are those of the file.
 * @throws what `send` threw for the first part: nothing was written then
 */
export async function sendParts(
  parts: readonly CsvPart[],
  send: (csv: string) => Promise<ImportResult>,
  progress: (progress: Progress) => void,
): Promise<ImportResult> {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  let done = 0;
  let result: ImportResult | undefined;
  for (const part of parts) {
    progress({ done, rows });
    try {
      const answer = inFile(await send(part.csv), part);
      result = result === undefined ? answer : join(result, answer);
    } catch (error) {
      if (result === undefined) throw error;
      return unsent(result, part, error);
    }
    done += part.rows;
  }
  return result ?? { written: 0, refused: [], ignored: [], sample: [] };
}

function inFile(result: ImportResult, { skipped }: CsvPart): ImportResult {
  return {
    ...result,
    refused: result.refused.map((row) => ({ ...row, line: row.line + skipped })),
    sample: result.sample.map((row) => ({ ...row, line: row.line + skipped })),
  };
}

function join(first: ImportResult, next: ImportResult): ImportResult {
  return {
    written: first.written + next.written,
    refused: [...first.refused, ...next.refused],
    ignored: first.ignored,
    sample: first.sample,
  };
}

/** Of a part that was not answered, nobody knows what was written: importing again finds out. */
function unsent(before: ImportResult, { skipped }: CsvPart, error: unknown): ImportResult {
  return {
    ...before,
    refused: [
      ...before.refused,
      {
        line: skipped + 2,
        message: `From here on nothing was answered (${error instanceof Error ? error.message : String(error)}). Import again: rows that were written are named.`,
      },
    ],
  };
}

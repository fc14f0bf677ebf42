import type { ImportResult } from '#schemas/api/imports.ts';
import type { CsvChunk } from './split-csv.ts';

/** Processed rows and all rows of the file. */
export interface Progress {
  done: number;
  rows: number;
}

/**
 * Sends the chunks one after another and returns one result, with the line numbers of the file.
 * @throws the error of the first chunk, because nothing has been imported then
 */
export async function importChunks(
  chunks: readonly CsvChunk[],
  send: (csv: string) => Promise<ImportResult>,
  onProgress: (progress: Progress) => void,
): Promise<ImportResult> {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  let done = 0;
  let result: ImportResult | undefined;
  for (const chunk of chunks) {
    onProgress({ done, rows });
    try {
      const next = toFileLines(await send(chunk.csv), chunk);
      result = result === undefined ? next : join(result, next);
    } catch (error) {
      if (result === undefined) throw error;
      return addFailure(result, chunk, error);
    }
    done += chunk.rows;
  }
  return result ?? { written: 0, refused: [], ignored: [], sample: [] };
}

function toFileLines(result: ImportResult, { skipped }: CsvChunk): ImportResult {
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

/** Reports a chunk without a response. Part of it may have been imported; importing again names these rows. */
function addFailure(before: ImportResult, { skipped }: CsvChunk, error: unknown): ImportResult {
  return {
    ...before,
    refused: [
      ...before.refused,
      {
        line: skipped + 2,
        message: `The import stopped at this line: ${error instanceof Error ? error.message : String(error)} Import the file again; links that already exist will be reported.`,
      },
    ],
  };
}

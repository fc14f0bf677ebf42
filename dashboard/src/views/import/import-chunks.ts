import type { ImportRow } from '#core/imports/read-links.ts';
import type { ImportResult } from '#schemas/api/imports.ts';

/** Processed rows and all rows of the file. */
export interface Progress {
  done: number;
  rows: number;
}

/**
 * Sends links in as many requests as the limits need, one after another, and returns one result.
 * @throws the error of the first request, because nothing has been imported then
 */
export async function importChunks(
  links: readonly ImportRow[],
  limits: { rows: number; bytes: number },
  { send, onProgress }: { send: (links: Sent[]) => Promise<ImportResult>; onProgress: (progress: Progress) => void },
): Promise<ImportResult> {
  let done = 0;
  let result: ImportResult = { rows: 0, written: 0, repeated: 0, refused: [], ignored: [], sample: [] };
  for (const chunk of split(links, limits)) {
    onProgress({ done, rows: links.length });
    try {
      result = join(result, await send(chunk));
    } catch (error) {
      if (done === 0) throw error;
      return addFailure(result, chunk, error);
    }
    done += chunk.length;
  }
  return result;
}

type Sent = ImportRow['link'] & { line: number };

/**
 * Splits links into requests. Rows with one code in other capitals go together, because a stack may take `Sale` and `sale` for
 * one code. A row that exceeds the limits is sent alone, and the API rejects it.
 */
function split(links: readonly ImportRow[], limits: { rows: number; bytes: number }): Sent[][] {
  const chunks: Sent[][] = [];
  let open: Sent[] = [];
  let bytes = 0;
  function add(rows: readonly Sent[]): void {
    const size = new TextEncoder().encode(JSON.stringify(rows)).length;
    const isTooLarge = rows.length > limits.rows || size > limits.bytes;
    if (isTooLarge && rows.length > 1) {
      for (const row of rows) add([row]);
      return;
    }
    if (open.length > 0 && (open.length + rows.length > limits.rows || bytes + size > limits.bytes)) {
      chunks.push(open);
      [open, bytes] = [[], 0];
    }
    open.push(...rows);
    bytes += size;
  }
  for (const group of groupByCode(links)) add(group);
  return open.length > 0 ? [...chunks, open] : chunks;
}

/** Returns the rows in their order, but those that share a code or an alias, whatever its capitals, with the first of them. */
function groupByCode(links: readonly ImportRow[]): Iterable<Sent[]> {
  const groups = new Set<Sent[]>();
  const byCode = new Map<string, Sent[]>();
  for (const { line, link } of links) {
    const codes = [link['code'], link['aliases']]
      .flat()
      .filter(isText)
      .map((code) => code.toLowerCase());
    const group = codes.map((code) => byCode.get(code)).find((found) => found !== undefined) ?? [];
    group.push({ ...link, line });
    groups.add(group);
    for (const code of codes) byCode.set(code, group);
  }
  return groups;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

const sampleSize = 10;

function join(first: ImportResult, next: ImportResult): ImportResult {
  return {
    rows: first.rows + next.rows,
    written: first.written + next.written,
    repeated: first.repeated + next.repeated,
    refused: [...first.refused, ...next.refused].sort((a, b) => a.line - b.line),
    ignored: first.ignored,
    sample: [...first.sample, ...next.sample].slice(0, sampleSize),
  };
}

/** Reports the rows of a request without a response. Some may have been imported; importing again counts them as repeated. */
function addFailure(before: ImportResult, chunk: readonly Sent[], error: unknown): ImportResult {
  const line = chunk[0]?.line ?? 0;
  const reason = error instanceof Error ? error.message : String(error);
  const message = `The import stopped at this line: ${reason} Import the file again; links that exist are not written twice.`;
  return { ...before, refused: [...before.refused, { line, field: null, message }] };
}

import { readCsv } from '#schemas/api/csv.ts';

/** A part of a CSV file that one import takes, with the line of the columns. */
export interface CsvPart {
  csv: string;
  /** Lines of the file that are not in the part, before its first row. */
  skipped: number;
  rows: number;
}

/**
 * Splits a file between its rows, so that each part has at most so many rows and bytes. A row that is larger than that
 * stands alone, and is refused.
 */
export function splitCsv(csv: string, limits: { rows: number; bytes: number }): CsvPart[] {
  const [head = '', ...records] = readCsv(csv).map(({ text }) => text);
  const headBytes = bytesOf(head);
  const parts: CsvPart[] = [];
  let line = linesIn(head);
  let open: { texts: string[]; bytes: number; skipped: number } = { texts: [], bytes: headBytes, skipped: 0 };
  function close(): void {
    parts.push({ csv: head + open.texts.join(''), skipped: open.skipped, rows: open.texts.length });
    open = { texts: [], bytes: headBytes, skipped: line - linesIn(head) };
  }
  for (const record of records) {
    const bytes = bytesOf(record);
    const full = open.texts.length === limits.rows || open.bytes + bytes > limits.bytes;
    if (full && open.texts.length > 0) close();
    open.texts.push(record);
    open.bytes += bytes;
    line += linesIn(record);
  }
  if (open.texts.length > 0 || parts.length === 0) close();
  return parts;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

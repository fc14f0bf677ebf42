import { readCsv } from '#schemas/api/csv.ts';

/** A chunk of a CSV file that fits into one import request, with the header line. */
export interface CsvChunk {
  csv: string;
  /** Lines between the header and the chunk's first row. */
  skipped: number;
  rows: number;
}

/**
 * Splits a file between its rows, so that each chunk is within the limits. A row that exceeds them gets a chunk of its
 * own, which the API rejects.
 */
export function splitCsv(csv: string, limits: { rows: number; bytes: number }): CsvChunk[] {
  const [header = '', ...records] = readCsv(csv).map(({ text }) => text);
  const headerBytes = countBytes(header);
  const chunks: CsvChunk[] = [];
  let line = countLines(header);
  let open: { texts: string[]; bytes: number; skipped: number } = { texts: [], bytes: headerBytes, skipped: 0 };
  function close(): void {
    chunks.push({ csv: header + open.texts.join(''), skipped: open.skipped, rows: open.texts.length });
    open = { texts: [], bytes: headerBytes, skipped: line - countLines(header) };
  }
  for (const record of records) {
    const bytes = countBytes(record);
    const full = open.texts.length === limits.rows || open.bytes + bytes > limits.bytes;
    if (full && open.texts.length > 0) close();
    open.texts.push(record);
    open.bytes += bytes;
    line += countLines(record);
  }
  if (open.texts.length > 0 || chunks.length === 0) close();
  return chunks;
}

function countBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

import Papa from 'papaparse';

/** A record of a CSV file. */
export interface CsvRecord {
  /** Line of the file on which the record starts; the first is 1. */
  line: number;
  cells: string[];
}

/**
 * Parses CSV by RFC 4180, separated by commas, semicolons or tabs. Skips empty records.
 *
 * @throws {SyntaxError} for a quote that isn't closed, naming its line and column
 * @example parseCsv('code,url\nx,"a, b"') // [{ line: 1, cells: ['code', 'url'] }, { line: 2, cells: ['x', 'a, b'] }]
 */
export function parseCsv(source: string): CsvRecord[] {
  return readCsv(source).flatMap(({ line, cells, fault }) => {
    if (fault) throw new SyntaxError(`line ${fault.line}, column ${fault.column}: the quote is not closed correctly`);
    return cells.some((cell) => cell.trim() !== '') ? [{ line, cells }] : [];
  });
}

export interface RawCsvRecord extends CsvRecord {
  /** The record as it is in the file, with its line break. */
  text: string;
  /** Where a quote opens that isn't closed correctly. */
  fault?: { line: number; column: number };
}

/** Reads every record, also the empty ones and those with an open quote. */
export function readCsv(source: string): RawCsvRecord[] {
  const csv = source.replace(/^\uFEFF/, '');
  const newline = csv.includes('\n') ? '\n' : '\r';
  const records: RawCsvRecord[] = [];
  let [start, line] = [0, 1];
  Papa.parse<string[]>(csv, {
    delimiter: findSeparator(csv),
    newline,
    step: ({ data, errors, meta }) => {
      const text = csv.slice(start, meta.cursor);
      const index = errors[0]?.index;
      records.push({
        line,
        cells: data.map(withoutReturn),
        text,
        ...(index !== undefined && { fault: locate(csv, index) }),
      });
      line += lineBreaksIn(text);
      start = meta.cursor;
    },
  });
  // After a last line break, the parser reports one more record, which is empty.
  return records.filter(({ text }) => text !== '');
}

/** The separator that occurs most in the first line. */
function findSeparator(csv: string): string {
  const [first = ''] = csv.split('\n', 1);
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: first.split(separator).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}

/** @param index of the character after the opening quote */
function locate(csv: string, index: number): { line: number; column: number } {
  const before = csv.slice(0, index - 1);
  return { line: lineBreaksIn(before) + 1, column: before.length - before.lastIndexOf('\n') };
}

function lineBreaksIn(text: string): number {
  return text.split('\n').length - 1;
}

/** In a file with CRLF, the parser leaves the carriage return in the last cell. */
function withoutReturn(cell: string, index: number, cells: readonly string[]): string {
  return index === cells.length - 1 ? cell.replace(/\r$/, '') : cell;
}

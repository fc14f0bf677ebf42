/** A record of a CSV file and the line it starts on. */
export interface CsvRecord {
  line: number;
  cells: string[];
}

/**
 * CSV by RFC 4180, with commas, semicolons or tabs: quoted cells may hold separators, line breaks and doubled quotes.
 * Empty lines are left out.
 * @throws {SyntaxError} for a quote that does not close, with the line it opened on
 */
export function parseCsv(source: string): CsvRecord[] {
  const text = source.replace(/^\uFEFF/, '');
  const separator = separatorOf(text);
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|((?!")[^${separator}\\r\\n]*))(${separator}|\\r\\n|\\n|\\r|$)`, 'y');
  const records: CsvRecord[] = [];
  let record: CsvRecord = { line: 1, cells: [] };
  let line = 1;
  let position = 0;
  while (position < text.length || record.cells.length > 0) {
    cell.lastIndex = position;
    const match = cell.exec(text);
    if (!match) throw new SyntaxError(`line ${line}: a quote opens and does not close before the next separator`);
    const [whole, quoted, plain = '', end] = match;
    record.cells.push(quoted?.replaceAll('""', '"') ?? plain);
    line += linesIn(whole);
    position = cell.lastIndex;
    if (end === separator) continue;
    if (record.cells.some((value) => value.trim() !== '')) records.push(record);
    record = { line, cells: [] };
  }
  return records;
}

/** The separator that the first line uses most. */
function separatorOf(text: string): string {
  const first = text.split('\n', 1)[0] ?? '';
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: first.split(separator).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

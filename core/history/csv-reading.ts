import { type CsvRecord, readDelimited } from '#core/imports/delimited.ts';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import type { FileHead, FileReading } from './format.ts';
import type { RowSink } from './history-row.ts';

/** Cells of a record by the names that the format gives the columns. */
export interface CsvRow<Column extends string> {
  line: number;
  /** Returns the cell without spaces around it; empty if the file has no such column. */
  cell: (column: Column) => string;
  has: (column: Column) => boolean;
  /** Refuses the row because of a column. */
  refuse: (column: Column, reason: string) => void;
}

export interface CsvOptions<Column extends string> {
  /** The names of each column in the file; compared without case, spaces and signs. */
  columns: Readonly<Record<Column, readonly string[]>>;
  required: readonly NoInfer<Column>[];
  sink: RowSink;
  onRow: (row: CsvRow<Column>) => void;
}

/** Reads a file with a header line whose columns are known by their names. */
export function readCsv<Column extends string>(options: CsvOptions<Column>): FileReading {
  let header: { names: string[]; places: Map<Column, number> } | undefined;
  const reading = readDelimited((record) => {
    if (header === undefined) header = readHeader(record, options);
    else readRecord(record, header, options);
  });
  let isFirst = true;
  return {
    push: (text) => {
      reading.push(isFirst ? text.replace(/^\uFEFF/, '') : text);
      if (text !== '') isFirst = false;
    },
    end: reading.end,
  };
}

function readHeader<Column extends string>(
  { cells }: CsvRecord,
  { columns, required, sink }: CsvOptions<Column>,
): { names: string[]; places: Map<Column, number> } {
  const names = cells.map((cell) => cell.trim());
  const folded = names.map(foldName);
  const places = new Map<Column, number>();
  for (const [column, aliases] of Object.entries(columns) as [Column, readonly string[]][]) {
    const at = folded.findIndex((name) => aliases.some((alias) => foldName(alias) === name));
    if (at >= 0) places.set(column, at);
  }
  const missing = required.filter((column) => !places.has(column));
  if (missing.length > 0)
    throw new UnreadableFile(
      `the file has no column ${missing.map((column) => `\`${columns[column][0] ?? column}\``).join(', ')}; it has ${names.map((name) => `\`${name.slice(0, 60)}\``).join(', ')}`,
    );
  const used = new Set(places.values());
  for (const [at, name] of names.entries()) if (!used.has(at) && name !== '') sink.ignore(name);
  return { names, places };
}

function readRecord<Column extends string>(
  { line, cells }: CsvRecord,
  header: { names: string[]; places: Map<Column, number> },
  { sink, onRow }: CsvOptions<Column>,
): void {
  if (cells.length > header.names.length) {
    const reason = `the row has ${cells.length} cells, and the first line ${header.names.length}; is a comma not in quotes?`;
    sink.refuse({ line, column: null, value: null, reason });
    return;
  }
  function cell(column: Column): string {
    const at = header.places.get(column);
    return at === undefined ? '' : (cells[at] ?? '').trim();
  }
  onRow({
    line,
    cell,
    has: (column) => header.places.has(column),
    refuse: (column, reason) => {
      const at = header.places.get(column);
      const name = at === undefined ? column : (header.names[at] ?? column);
      sink.refuse({ line, column: name, value: cell(column), reason });
    },
  });
}

/** Returns whether the first line of a file has columns with these names. */
export function hasColumns({ text }: Pick<FileHead, 'text'>, names: readonly string[]): boolean {
  const first: string[] = [];
  try {
    const reading = readDelimited((record) => {
      if (first.length === 0) first.push(...record.cells);
    });
    reading.push(`${/^\uFEFF?[^\r\n]*/.exec(text)?.[0].replace(/^\uFEFF/, '') ?? ''}\n`);
  } catch (error) {
    if (error instanceof UnreadableFile) return false;
    throw error;
  }
  const folded = new Set(first.map(foldName));
  return names.every((name) => folded.has(foldName(name)));
}

/** `User agent`, `userAgent` and `user_agent` are one name. */
function foldName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

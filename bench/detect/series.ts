import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** A CSV file as the benches read it: the first column names the day or the hour, `views` and `clicks` are found by name. */
export interface SeriesFile {
  /** Name of the file, without its folder. */
  file: string;
  rows: readonly { at: string; views: number; clicks: number }[];
}

export class UnreadableSeries extends Error {
  override readonly name = 'UnreadableSeries';
}

/** @throws {UnreadableSeries} when the file cannot be read, or lacks a column */
export function readSeries(path: string, time: 'date' | 'hour'): SeriesFile {
  try {
    return parseSeries(basename(path), readFileSync(path, 'utf8'), time);
  } catch (cause) {
    if (cause instanceof UnreadableSeries) throw cause;
    throw new UnreadableSeries(`${path} cannot be read`, { cause });
  }
}

/** @throws {UnreadableSeries} naming the file and the column that it lacks */
export function parseSeries(file: string, text: string, time: 'date' | 'hour'): SeriesFile {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (header === undefined) return { file, rows: [] };
  const columns = header.split(',').map((name) => name.trim());
  function column(name: string): number {
    const index = columns.indexOf(name);
    if (index < 0) throw new UnreadableSeries(`${file} has no column "${name}"; its header is "${header}"`);
    return index;
  }
  const [at, views, clicks] = [column(time), column('views'), columns.indexOf('clicks')];
  const rows = lines.map((line) => {
    const cells = line.split(',');
    return { at: cells[at]?.trim() ?? '', views: numberOf(cells[views]), clicks: numberOf(cells[clicks]) };
  });
  return { file, rows };
}

/** An empty cell is not measured: NaN. */
function numberOf(cell: string | undefined): number {
  return cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell);
}

/** One JSON object per line on standard output. */
export function printLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseCsv } from '../../core/imports/delimited.ts';

export interface Series {
  /** Name of the file, without its folder. */
  file: string;
  rows: readonly SeriesRow[];
}

export interface SeriesRow {
  /** Date or hour, as in the file. */
  at: string;
  /** NaN if the cell is empty. */
  views: number;
  clicks: number;
  /** Whether the file labels this time as one that deserves an alert. */
  inWindow: boolean;
}

/**
 * Reads a CSV file with the column `date` or `hour`, the column `views`, and optionally `clicks` and `in_window`.
 *
 * @throws {UnreadableSeries} if the file cannot be read or lacks a column
 */
export function readSeries(path: string, time: 'date' | 'hour'): Series {
  try {
    return { file: basename(path), rows: parseRows(readFileSync(path, 'utf8'), time) };
  } catch (cause) {
    throw new UnreadableSeries(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

class UnreadableSeries extends Error {
  override readonly name = 'UnreadableSeries';
}

function parseRows(csv: string, time: 'date' | 'hour'): SeriesRow[] {
  const [header, ...records] = parseCsv(csv);
  const columns = header?.cells.map((name) => name.trim()) ?? [];
  for (const name of [time, 'views'])
    if (!columns.includes(name))
      throw new TypeError(`it needs the column "${name}"; it has ${columns.join(', ') || 'none'}`);
  return records.map(({ cells }) => {
    function cell(name: string): string {
      return cells[columns.indexOf(name)]?.trim() ?? '';
    }
    return {
      at: cell(time),
      views: toNumber(cell('views')),
      clicks: toNumber(cell('clicks')),
      inWindow: cell('in_window') === '1',
    };
  });
}

function toNumber(cell: string): number {
  return cell === '' ? Number.NaN : Number(cell);
}

/** One JSON object per line on standard output. */
export function printLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

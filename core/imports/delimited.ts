import { UnreadableFile } from './unreadable-file.ts';

/** A record of a file with separators. */
export interface CsvRecord {
  /** Line of the file on which the record starts; the first is 1. */
  line: number;
  cells: string[];
}

export interface DelimitedReading {
  push: (text: string) => void;
  end: () => void;
  separator: () => Separator;
}

export const separators = [',', ';', '\t', '|'] as const;
export type Separator = (typeof separators)[number];

/** A longer record is most likely one with a quote that is never closed. */
export const recordLimits = { characters: 1_000_000, cells: 500 } as const;

/**
 * Reads records (RFC 4180) from text that arrives in pieces, and keeps no more than one of them. Lines may end in LF, CRLF or
 * CR. The separator is the one that occurs most in the first line, or what a line `sep=;` before it says, as Excel writes it.
 * Blank records are skipped.
 * @throws {UnreadableFile} for a quote that isn't closed correctly, naming its line and column
 */
export function readDelimited(onRecord: (record: CsvRecord) => void): DelimitedReading {
  let separator: Separator | undefined;
  let first = '';
  let state: 'start' | 'plain' | 'quoted' | 'closing' = 'start';
  let cells: string[] = [];
  let cell = '';
  let length = 0;
  let [line, recordLine, column] = [1, 1, 0];
  let quote = { line: 1, column: 1 };
  let previous = '';

  function endCell(text: string): void {
    cells.push(cell + text);
    cell = '';
    state = 'start';
    if (cells.length > recordLimits.cells)
      throw new UnreadableFile(`line ${recordLine}: a row has more than ${recordLimits.cells} cells`);
  }
  function endRecord(text: string): void {
    endCell(text);
    if (cells.some((each) => each.trim() !== '')) onRecord({ line: recordLine, cells });
    cells = [];
    length = 0;
  }
  function refuseQuote(): never {
    throw new UnreadableFile(`line ${quote.line}, column ${quote.column}: the quote is not closed correctly`);
  }

  function take(text: string, mark: Separator): void {
    let start = 0;
    /** Where the present record begins in this text. */
    let begin = 0;
    for (let at = 0; at < text.length; at++) {
      const character = text[at] ?? '';
      const isBreak = character === '\n' || character === '\r';
      const isSecond = character === '\n' && previous === '\r';
      previous = character;
      if (isBreak && !isSecond) [line, column] = [line + 1, 0];
      else if (!isBreak) column += 1;
      if (isSecond && state !== 'quoted') {
        start = at + 1;
        begin = at + 1;
        recordLine = line;
        continue;
      }
      switch (state) {
        case 'quoted':
          if (character !== '"') break;
          cell += text.slice(start, at);
          state = 'closing';
          start = at + 1;
          break;
        case 'closing':
          if (character === '"') {
            // Two quotes are one: the second stays in the text.
            start = at;
            state = 'quoted';
            break;
          }
          if (character === mark) endCell('');
          else if (isBreak) endRecord('');
          else refuseQuote();
          start = at + 1;
          break;
        case 'start':
        case 'plain':
          if (character === mark) endCell(text.slice(start, at));
          else if (isBreak) endRecord(text.slice(start, at));
          else if (character === '"' && state === 'start') {
            state = 'quoted';
            quote = { line, column };
          } else {
            state = 'plain';
            break;
          }
          start = at + 1;
          break;
        default:
          state satisfies never;
      }
      if (isBreak && state === 'start' && cells.length === 0) {
        recordLine = line;
        begin = at + 1;
      }
    }
    cell += text.slice(start);
    length += text.length - begin;
    if (length > recordLimits.characters)
      throw new UnreadableFile(
        `line ${recordLine}: a row has more than ${recordLimits.characters} characters; is a quote not closed?`,
      );
  }

  /** Finds the separator once the first line is complete. */
  function open(isLast: boolean): void {
    const end = /[\r\n]/.exec(first);
    if (end === null && !isLast && first.length <= recordLimits.characters) return;
    const told = /^sep=(.)\r?$/i.exec(end === null ? first : first.slice(0, end.index))?.[1];
    const named = separators.find((each) => each === told);
    separator = named ?? findSeparator(end === null ? first : first.slice(0, end.index));
    const text = named === undefined || end === null ? first : first.slice(end.index);
    first = '';
    take(text, separator);
  }

  return {
    push: (text) => {
      if (separator !== undefined) return take(text, separator);
      first += text;
      open(false);
    },
    end: () => {
      if (separator === undefined) open(true);
      if (state === 'quoted') refuseQuote();
      if (cells.length > 0 || cell !== '') endRecord('');
    },
    separator: () => separator ?? ',',
  };
}

function findSeparator(line: string): Separator {
  const plain = line.replace(/"[^"]*"/g, '');
  const counts = separators.map((separator) => ({ separator, count: plain.split(separator).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}

/**
 * Reads a whole text.
 * @throws {UnreadableFile}
 * @example parseCsv('code,url\nx,"a, b"') // [{ line: 1, cells: ['code', 'url'] }, { line: 2, cells: ['x', 'a, b'] }]
 */
export function parseCsv(source: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  const reading = readDelimited((record) => records.push(record));
  reading.push(source.replace(/^\uFEFF/, ''));
  reading.end();
  return records;
}

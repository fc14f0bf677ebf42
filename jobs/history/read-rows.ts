import type { FileReading, HistoryFormat } from '#core/history/format.ts';
import { detectFormat, historyFormats } from '#core/history/formats.ts';
import type { HistoryRow, Refusal, RowSink } from '#core/history/history-row.ts';
import { decodeText } from '#core/imports/decode-text.ts';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import type { HistoryOptions } from '#schemas/history/history-job.ts';
import type { SourceFile } from './read-texts.ts';

/** A row of a file, or why it is none. */
export type SourceRow =
  | { kind: 'row'; file: string; tool: string; row: HistoryRow }
  | { kind: 'refused'; file: string; refusal: Refusal };

/** What a reading says about its files, besides the rows. */
export interface ReadingNotes {
  formats: Set<HistoryFormat['name']>;
  notes: Set<string>;
  ignored: Set<string>;
}

/** Texts of a file that a report may repeat. */
const mostNotes = 100;

/**
 * Reads the rows of all files, in order, in batches. The same bytes always give the same rows, so that a reading can go on
 * after the row at which another one stopped.
 * @throws {UnreadableFile} naming the file, if no format fits or the text breaks off
 */
export async function* readRows(
  files: readonly SourceFile[],
  { format, zone }: Pick<HistoryOptions, 'format' | 'zone'>,
  notes: ReadingNotes,
): AsyncGenerator<SourceRow[]> {
  const shared = new Map<string, unknown>();
  const siblings = files.map(({ name }) => name);
  const chosen = await chooseFormats(files, format, notes);
  for (const { file, format: found } of chosen) {
    notes.formats.add(found.name);
    let batch: SourceRow[] = [];
    const sink = createSink(file.name, found.tool, notes, (row) => batch.push(row));
    const reading = found.open({ file: file.name, zone: zone ?? undefined, shared }, sink);
    const decoding = decodeText();
    try {
      for await (const bytes of file.read()) {
        reading.push(decoding.push(bytes));
        if (batch.length > 0) yield batch;
        batch = [];
      }
      end(reading, decoding.end());
    } catch (error) {
      if (error instanceof UnreadableFile)
        throw new UnreadableFile(describe(file.name, siblings, error), { cause: error });
      throw error;
    }
    if (decoding.encoding() !== 'UTF-8') addNote(notes.notes, `${file.name} was read as ${decoding.encoding()}.`);
    if (batch.length > 0) yield batch;
  }
}

function end(reading: FileReading, rest: string): void {
  reading.push(rest);
  reading.end();
}

function describe(name: string, siblings: readonly string[], error: UnreadableFile): string {
  return siblings.length > 1 ? `${name}: ${error.message}` : error.message;
}

interface ChosenFile {
  file: SourceFile;
  format: HistoryFormat;
}

/** Finds the format of each file. Of an archive, files that no format fits are named and left out. */
async function chooseFormats(
  files: readonly SourceFile[],
  wanted: HistoryOptions['format'],
  { ignored }: ReadingNotes,
): Promise<ChosenFile[]> {
  const siblings = files.map(({ name }) => name);
  const chosen: ChosenFile[] = [];
  for (const file of files) {
    const text = await readHead(file);
    const head = { name: file.name, text, siblings };
    const found = wanted === 'auto' ? detectFormat(head) : historyFormats[wanted];
    const isChosen = found !== undefined && (wanted === 'auto' || files.length === 1 || found.detects(head));
    if (isChosen) chosen.push({ file, format: found });
    else if (text.trim() !== '' || files.length > 1) addNote(ignored, file.name);
  }
  if (chosen.length === 0 && ignored.size > 0)
    throw new UnreadableFile(
      `no known format fits. It can be ${Object.values(historyFormats)
        .map(({ title }) => title)
        .join('; ')}`,
    );
  return chosen.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function placeOf({ file, format }: ChosenFile): number {
  return format.order?.(file.name) ?? 0;
}

const headCharacters = 64_000;

async function readHead(file: SourceFile): Promise<string> {
  const decoding = decodeText();
  let text = '';
  for await (const bytes of file.read()) {
    text += decoding.push(bytes.subarray(0, headCharacters * 4));
    if (text.length >= headCharacters) return text.slice(0, headCharacters);
  }
  return (text + decoding.end()).slice(0, headCharacters);
}

function createSink(file: string, tool: string, notes: ReadingNotes, add: (row: SourceRow) => void): RowSink {
  return {
    row: (row) => add({ kind: 'row', file, tool, row }),
    refuse: (refusal) => add({ kind: 'refused', file, refusal }),
    note: (text) => addNote(notes.notes, text),
    ignore: (column) => addNote(notes.ignored, column),
  };
}

function addNote(set: Set<string>, text: string): void {
  if (set.size < mostNotes) set.add(text);
}

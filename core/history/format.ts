import type { HistoryFormatName } from '#schemas/history/history-formats.ts';
import type { RowSink } from './history-row.ts';

/** The beginning of a file, by which its format is found. */
export interface FileHead {
  /** Name of the file, without folders. */
  name: string;
  /** Up to 64,000 characters. */
  text: string;
  /** Names of the other files of its archive. */
  siblings: readonly string[];
}

export interface ReadingOptions {
  /** Name of the file, without folders. */
  file: string;
  /** IANA name of the zone of times that name none. */
  zone: string | undefined;
  /** What readers of several files of one archive share, such as names of paths. */
  shared: Map<string, unknown>;
}

/** Reads a text that arrives in pieces, and keeps no more than one row of it. */
export interface FileReading {
  /** @throws {UnreadableFile} */
  push: (text: string) => void;
  /** @throws {UnreadableFile} */
  end: () => void;
}

/** A file of another tool. */
export interface HistoryFormat {
  name: HistoryFormatName;
  /** Name of the tool in `outcome_rule`: `import.shlink`. */
  tool: string;
  /** What people call the file. */
  title: string;
  grain: 'raw' | 'counts';
  detects: (head: FileHead) => boolean;
  open: (options: ReadingOptions, sink: RowSink) => FileReading;
  /** Place among the files of an archive: smaller numbers are read first. @default 0 */
  order?: (file: string) => number;
}

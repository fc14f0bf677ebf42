import { z } from 'zod';
import { historyFormatNames } from './history-formats.ts';

/** What a client asks for when it starts an import, and what the job keeps of it. */
export const historyOptionsSchema = z.object({
  format: z.enum(['auto', ...historyFormatNames]),
  /** IANA name, for times that name none. */
  zone: z.string().nullable(),
  /** First local date that is not imported; null for the first event of its own of each link. */
  until: z.iso.date().nullable(),
  /** Reads and reports, and writes nothing. */
  dryRun: z.boolean(),
});
export type HistoryOptions = z.infer<typeof historyOptionsSchema>;

export const importStates = ['waiting', 'running', 'done', 'failed', 'undoing', 'undone'] as const;

/** Steps of a running import, in order. */
export const importSteps = ['read', 'events', 'counts', 'report'] as const;

/** How far a running import has come. Everything before it is written, and is written in the same way again. */
const cursorSchema = z.object({
  step: z.enum(importSteps),
  /** Rows that are in chunks, refused ones too. */
  rows: z.int(),
  /** Chunks that are written. */
  chunks: z.int(),
  /** Units of the present step that are done, and of how many, once this is known. */
  done: z.int(),
  total: z.int().nullable(),
});
export type ImportCursor = z.infer<typeof cursorSchema>;

export const firstCursor: ImportCursor = { step: 'read', rows: 0, chunks: 0, done: 0, total: null };

/** Rows of the file: `rows = accepted + refused + repeated`. */
export const importTotalsSchema = z.object({
  rows: z.int(),
  accepted: z.int(),
  refused: z.int(),
  repeated: z.int(),
});

/** An import of history, as the catalog keeps it. */
export const importJobSchema = historyOptionsSchema.extend({
  kind: z.literal('import'),
  id: z.string(),
  page: z.string(),
  /** Name and size of the file, as the client announced them. */
  file: z.object({ name: z.string(), bytes: z.int() }),
  createdAt: z.iso.datetime(),
  state: z.enum(importStates),
  /** Times that the file was read from its start: a dry run, and the import after it. */
  attempt: z.int(),
  cursor: cursorSchema,
  /** Null until the report is written. */
  totals: importTotalsSchema.nullable(),
  /** Why it failed. */
  message: z.string().nullable(),
  /** Milliseconds since the epoch of the last step forward. */
  movedAt: z.number(),
  /** Grows with every write: of two runs, one stops. */
  version: z.int(),
});
export type ImportJob = z.infer<typeof importJobSchema>;

export const importPayloadSchema = z.object({
  id: z.string().regex(/^[0-9A-Z]{26}$/, 'must be a ULID'),
});

/** A row that was not imported. */
export const refusalSchema = z.object({
  /** Of an archive, the file in it; else its own name. */
  file: z.string(),
  line: z.int(),
  /** Null: the row as a whole. */
  column: z.string().nullable(),
  value: z.string().nullable(),
  reason: z.string(),
});

/** Rows of a link, or of the page where `link` is null, in a month. `rows = imported + repeated`. */
export const importMonthSchema = z.object({
  /** Code of the link. */
  link: z.string().nullable(),
  /** `2026-11`, in the time zone of the page; null for totals without dates. */
  month: z.string().nullable(),
  rows: z.int(),
  imported: z.int(),
  repeated: z.int(),
  /** Of a tool's counts: the views or clicks themselves. `file = imported + repeated + refused`. Null for single events. */
  counts: z.object({ file: z.int(), imported: z.int(), repeated: z.int(), refused: z.int() }).nullable(),
});
export type ImportMonth = z.infer<typeof importMonthSchema>;

export const importReportSchema = z.object({
  totals: importTotalsSchema,
  /** Formats of the files that were read. */
  formats: z.array(z.enum(historyFormatNames)),
  /** First and last moment of the accepted rows, ISO 8601; null without any. */
  first: z.string().nullable(),
  last: z.string().nullable(),
  /** Accepted events by outcome. */
  outcomes: z.record(z.string(), z.int()),
  /** The first refused rows, and how many there are by reason. */
  refusals: z.array(refusalSchema),
  reasons: z.record(z.string(), z.int()),
  /** Codes in the file that are no links of the page, with their rows, most rows first. */
  unknownCodes: z.array(z.object({ code: z.string(), rows: z.int() })),
  /** Columns and fields that are not imported. */
  ignored: z.array(z.string()),
  /** What a reader should know: an encoding, a time of a clock change, a country without a code. */
  notes: z.array(z.string()),
  months: z.array(importMonthSchema),
});
export type ImportReport = z.infer<typeof importReportSchema>;

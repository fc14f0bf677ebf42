import { z } from 'zod';
import { pagePathPattern } from './catalog-rules.ts';

/** What can be erased: a page with everything on it, a visitor of one date, a person by their id, or all ids of a page's people. */
export const erasureKinds = ['page', 'visitor', 'consented', 'ids'] as const;
export type ErasureKind = (typeof erasureKinds)[number];

/**
 * What the functions settle, erase, export and retention take and return. The functions parse and build it; the API
 * and the CLI build and parse it.
 */
const instant = z.iso.datetime({ offset: true });
const milliseconds = instant.transform((text) => Date.parse(text));
const ulid = z.string().regex(/^[0-9A-Z]{26}$/, 'must be a ULID');
/** UTC hours by name: `2026-11-22T07`. */
const hours = z.array(z.string());
const refusedHours = z.array(z.object({ hour: z.string(), reason: z.string() }));

/**
 * Minute of every hour at which settle runs. At :15 receipts counts the window that completes the hour's requests; Lambda
 * starts a failed run again after one minute and after three.
 */
export const settleMinute = 20;

export const settlePayloadSchema = z.object({
  /** "Now", so that a past run can be repeated. */
  time: milliseconds,
  /** Settle everything up to here, however old. */
  through: milliseconds.optional(),
  /** Settle these UTC dates again, even if nothing has changed. Both included; all that the lake holds by default. */
  rebuild: z
    .object({
      from: z.iso.date().optional(),
      to: z.iso.date().optional(),
      /** Classify referrers again, as far as their rows allow. */
      reclassify: z.boolean().optional(),
    })
    .optional(),
});
export type SettlePayload = z.input<typeof settlePayloadSchema>;

export const settleSummarySchema = z.object({
  /** Busy: another settle holds the lease, and nothing was done. */
  state: z.enum(['done', 'unfinished', 'busy']),
  /** Milliseconds since the epoch up to which every hour is settled; absent before the first. */
  through: z.number().optional(),
  settled: hours,
  refused: refusedHours,
  /** Units of work that were finished: hours, counters, views, days and rules. */
  units: z.int().default(0),
  /** Messages in the queues; their events settle later. */
  waiting: z.int(),
  /** Files that could not be read and were left out. */
  unreadable: z.int(),
  /** After a rebuild: raw files of unsettled hours that rollup counts again. */
  enqueued: z.int().optional(),
});
export type SettleSummary = z.infer<typeof settleSummarySchema>;

/** How far a settle has come. Times are milliseconds since the epoch. */
export const settleProgressSchema = z.object({
  running: z.boolean(),
  unit: z.enum(['hours', 'days']),
  done: z.int(),
  total: z.int(),
  startedAt: z.number(),
  /** A settle that died says nothing more. */
  at: z.number(),
});
export type SettleProgress = z.infer<typeof settleProgressSchema>;

/**
 * Erasures within `tombstoneDays`. Every settle sends their hashes to Athena, three times, and the rules once: together
 * with the SQL, at most 256 KB.
 */
export const maxErasures = 400;

/**
 * Imports that were undone, have a tombstone still, and have one date in their range: settle names them, too, when it takes the
 * imported events of the date. Retention deletes a tombstone once its dates have settled (`jobs/retention/undone-imports.ts`).
 */
export const maxUndoneImports = 250;

/** Rules that a settle applies, the oldest ones: requests at the same time may store more than the API allows. */
export const maxRules = 250;

/** Days for which an erasure keeps late events out. A message lives at most 14 days in a dead-letter queue and is refused after 30. */
export const tombstoneDays = 45;

export const erasePayloadSchema = z.object({
  time: milliseconds,
  subject: z.object({ kind: z.enum(erasureKinds), value: z.string().min(1) }),
  /** Name under which the result is stored, for callers that don't wait. */
  id: ulid.optional(),
});

/** What an erasure did. It does not name the subject. */
export const erasureReceiptSchema = z.object({
  /** Hash that keeps later events of the subject out; null for a visitor without events, of whom nothing was erased. */
  tombstone: z.string().nullable(),
  /** Hours rewritten without the subject; their raw files and older runs are deleted. */
  rewritten: hours,
  /** Hours that have not closed, or wait for the next settle: they lose the subject when they settle. */
  pending: hours,
  /** Objects deleted, besides the raw files and runs of those hours. */
  deletedObjects: z.int(),
  /** Counter items deleted. */
  deletedItems: z.int(),
  /** Catalog records deleted, or rewritten without the page, by kind; empty for a person. */
  erased: z.record(z.string(), z.int()).default({}),
  /** Hours that could not be rewritten, with the reason. Erase again once the cause is fixed. */
  failed: refusedHours,
  /** Places that still hold a copy, and until when (ISO instants). */
  remaining: z.array(z.object({ place: z.string(), until: z.string() })),
});
export type ErasureReceipt = z.infer<typeof erasureReceiptSchema>;

export const exportPayloadSchema = z.object({
  page: z.string().regex(pagePathPattern),
  /** Local dates, both included. */
  from: z.iso.date(),
  to: z.iso.date(),
  format: z.enum(['parquet', 'csv']),
  /** Name of the export's folder. */
  id: ulid,
});
export type ExportPayload = z.infer<typeof exportPayloadSchema>;

export const exportResultSchema = z.object({
  /** Keys in the lake's bucket. Parquet may be several files; CSV has 100,000 events in a file. */
  keys: z.array(z.string()),
  events: z.int(),
});
export type ExportResult = z.infer<typeof exportResultSchema>;

export const retentionPayloadSchema = z.object({ time: milliseconds });

/** A result that a job leaves in the lake for a caller that doesn't wait. */
export const failedJobSchema = z.object({ state: z.literal('failed'), message: z.string() });
const done = z.literal('done');
export const storedErasureSchema = z.discriminatedUnion('state', [
  erasureReceiptSchema.extend({ state: done }),
  failedJobSchema,
]);
export const storedExportSchema = z.discriminatedUnion('state', [
  exportResultSchema.extend({ state: done }),
  failedJobSchema,
]);
export type StoredJob = z.infer<typeof storedErasureSchema> | z.infer<typeof storedExportSchema>;

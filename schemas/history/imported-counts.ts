import { z } from 'zod';

/**
 * Counts that another tool has made, as they are stored: `i#` items of the `rollups` table. They are no events, and belong to
 * no ledger. Each number of a date belongs to one import.
 */
export const importedMeasures = ['views', 'clicks'] as const;
export type ImportedMeasure = (typeof importedMeasures)[number];

/** By what tools break down the counts of a date. Never crossed: no file says how many visitors from Google were in Austria. */
export const importedLists = ['source', 'page', 'country', 'device', 'browser', 'os'] as const;
export type ImportedList = (typeof importedLists)[number];

/** Values kept of a date's list. The others are added up under the value null. */
export const importedListLength = 25;

/** Characters of a value in a list, such as the path of a page. Longer ones are among the others. */
export const longestImportedValue = 300;

/** The largest count that a file may have: sums over ten years of days stay exact. */
export const largestCount = 1_000_000_000;

const count = z.int().min(0);

const countedSchema = z.object({
  count,
  visitors: count.exactOptional(),
  visits: count.exactOptional(),
  /** Counts by local hour, `07+01:00`, if the file has hours. */
  hours: z.record(z.string(), count).exactOptional(),
  lists: z.partialRecord(z.enum(importedLists), z.array(z.tuple([z.string().nullable(), count]))).exactOptional(),
});
/** What one import says of one measure on a local date. */
export type Counted = z.infer<typeof countedSchema>;

const daySchema = z.object({
  views: countedSchema.exactOptional(),
  clicks: countedSchema.exactOptional(),
  /** Of pages: the sum of the clicks that the import has for their links. */
  linkClicks: count.exactOptional(),
  /** The same by local hour, if all of them have hours. */
  linkHours: z.record(z.string(), count).exactOptional(),
});
export type ImportedDay = z.infer<typeof daySchema>;

/** Local dates of an entity's month, by import and then by day of the month (`07`). */
export const importedMonthSchema = z.object({
  imports: z.record(z.string(), z.object({ tool: z.string(), days: z.record(z.string(), daySchema) })),
});
export type ImportedMonth = z.infer<typeof importedMonthSchema>;

const totalSchema = z.object({
  measure: z.enum(importedMeasures),
  count,
  visitors: count.exactOptional(),
  /** Local date on which the tool had counted so many. */
  asOf: z.string(),
  /** Local dates of what it counted; without them, all since the beginning. */
  from: z.string().exactOptional(),
  to: z.string().exactOptional(),
});
/** A total without dates: a tool's count of all time, or of a range. */
export type ImportedTotal = z.infer<typeof totalSchema>;

/** What an entity has of each import, besides its months. */
export const importedTotalsSchema = z.object({
  imports: z.record(
    z.string(),
    z.object({
      tool: z.string(),
      total: totalSchema.exactOptional(),
      /** Of pages: totals of their links, added up. */
      links: z.object({ links: count, clicks: count, asOf: z.string() }).exactOptional(),
      /** Of pages: the first and the last date with counts. */
      dates: z.object({ first: z.string(), last: z.string() }).exactOptional(),
    }),
  ),
});
export type ImportedTotals = z.infer<typeof importedTotalsSchema>;

import { z } from 'zod';
import { historyFormatNames, historyLimits } from './history-formats.ts';
import {
  importMonthSchema,
  importReportSchema,
  importSteps,
  importTotalsSchema,
  refusalSchema,
} from './history-job.ts';
import { listingOf, listQuery, pageQuery } from '../api/listing.ts';

export const newHistoryImportSchema = z
  .strictObject({
    page: pageQuery,
    fileName: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'Name of the file, which some formats are recognized by', example: 'visits.csv' }),
    bytes: z
      .int()
      .min(0)
      .max(historyLimits.bytes)
      .meta({ description: 'Size of the file. The upload must have exactly this size', example: 48_213 }),
    format: z
      .enum(['auto', ...historyFormatNames])
      .default('auto')
      .meta({ description: 'Format of the file; `auto` finds it by the content' }),
    zone: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Time zone of times that name none', example: 'Europe/Vienna' }),
    until: z.iso.date().optional().meta({
      description:
        'First date that is not imported, in the time zone of the page. Without it, the rows of a link end at its first event of its own',
      example: '2026-11-01',
    }),
  })
  .meta({ id: 'NewHistoryImport' });
export type NewHistoryImport = z.input<typeof newHistoryImportSchema>;

export const historyImportSchema = z
  .object({
    id: z.string(),
    page: z.string(),
    fileName: z.string(),
    bytes: z.int(),
    format: z.enum(['auto', ...historyFormatNames]),
    zone: z.string().nullable(),
    until: z.string().nullable(),
    state: z.enum(['waiting', 'running', 'interrupted', 'done', 'failed', 'undoing', 'undone']).meta({
      description:
        '`waiting` for the file, or for its import after a dry run. `interrupted`: start it again, and it goes on where it was',
    }),
    dryRun: z.boolean().meta({ description: 'Whether this was a preview, which writes nothing' }),
    createdAt: z.iso.datetime(),
    progress: z
      .object({
        step: z.enum(importSteps),
        done: z.int().meta({ description: 'Rows that are read, or files of the lake and batches that are written' }),
        total: z.int().nullable(),
      })
      .nullable()
      .meta({ description: 'Null unless it is running or interrupted' }),
    totals: importTotalsSchema
      .nullable()
      .meta({ description: 'Rows of the file, of which each is accepted, refused or repeated. Null until it is done' }),
    message: z.string().nullable().meta({ description: 'Why it failed' }),
    upload: z
      .object({ url: z.string(), expiresAt: z.iso.datetime() })
      .nullable()
      .meta({ description: 'Address to `PUT` the file to, once: only in the response that creates the import' }),
    report: importReportSchema
      .omit({ totals: true })
      .extend({
        refusals: z.array(refusalSchema).meta({ description: `The first ${historyLimits.refusals} refused rows` }),
        months: z.array(importMonthSchema).meta({
          description: 'Rows by link and month: `rows = imported + repeated`. At most 5,000',
        }),
      })
      .nullable()
      .meta({ description: 'Null until it is done, and in lists' }),
  })
  .meta({ id: 'HistoryImport' });
export type HistoryImportView = z.infer<typeof historyImportSchema>;

export const startHistoryImportSchema = z
  .strictObject({
    dryRun: z.boolean().default(false).meta({ description: 'Read and report, and write nothing' }),
  })
  .meta({ id: 'StartHistoryImport' });

export const historyImportsQuerySchema = z.strictObject({ ...listQuery, page: pageQuery });
export const historyImportsSchema = listingOf(historyImportSchema).meta({ id: 'HistoryImports' });

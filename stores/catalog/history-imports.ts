import { type ImportJob, importJobSchema } from '#schemas/history/history-job.ts';
import { createTable, type TableOptions } from '../dynamodb/table.ts';
import { createVersionedJobs, type VersionedJobs } from '../dynamodb/versioned-jobs.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';

/** What a run may change of its job. */
export type ImportChange = Partial<Pick<ImportJob, 'state' | 'cursor' | 'totals' | 'message' | 'attempt' | 'dryRun'>>;

export type HistoryImports = VersionedJobs<ImportJob, ImportChange>;

/** Imports of history in the catalog. Every function may throw {@link StoreUnavailable}. */
export function createHistoryImports(options: TableOptions & { now: () => number }): HistoryImports {
  return createVersionedJobs<ImportJob, ImportChange>({
    table: createTable(options),
    schema: importJobSchema,
    kind: 'import',
    keyOf: catalogKeys.job,
    listing: listingKeys.imports,
    now: options.now,
  });
}

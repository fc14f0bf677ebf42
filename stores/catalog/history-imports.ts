import { isInterrupted } from '#core/history/new-import.ts';
import { type ImportJob, importJobSchema } from '#schemas/history/history-job.ts';
import { toItem } from '../dynamodb/items.ts';
import { type Check, createTable, isNew, type TableOptions } from '../dynamodb/table.ts';
import { isTransactionConflict, retryWhile } from '../dynamodb/retry.ts';
import { createVersionedJobs, type VersionedJobs } from '../dynamodb/versioned-jobs.ts';
import { StoreUnavailable } from '../errors.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';

/** What a run may change of its job. */
export type ImportChange = Partial<Pick<ImportJob, 'state' | 'cursor' | 'totals' | 'message' | 'attempt' | 'dryRun'>>;

export interface HistoryImports extends VersionedJobs<ImportJob, ImportChange> {
  /**
   * Changes a job to one that runs or is undone, and gives it the page. One import of a page works at a time: two could both count
   * the same event, or single events and the counts of their date. An interrupted one loses the page, and fails.
   */
  begin: (job: ImportJob, change: ImportChange) => Promise<BegunImport>;
  /** Returns the condition that a job is running, and was not started again. */
  checkRunning: (job: Pick<ImportJob, 'id' | 'attempt'>) => Check;
}

export type BegunImport =
  | { kind: 'begun'; job: ImportJob }
  /** The job was changed or deleted meanwhile. */
  | { kind: 'changed' }
  /** Another import of the page works. */
  | { kind: 'busy'; other: ImportJob };

const attempts = 10;

/** Imports of history in the catalog. Every function may throw {@link StoreUnavailable}. */
export function createHistoryImports(options: TableOptions & { now: () => number }): HistoryImports {
  const table = createTable(options);
  const jobs = createVersionedJobs<ImportJob, ImportChange>({
    table,
    schema: importJobSchema,
    kind: 'import',
    keyOf: catalogKeys.job,
    listing: listingKeys.imports,
    now: options.now,
  });

  async function tryToBegin(job: ImportJob, change: ImportChange): Promise<BegunImport | undefined> {
    const key = catalogKeys.importOfPage(job.page);
    const holder = (await table.get(key))?.['holder']?.S;
    const other = holder === undefined || holder === job.id ? undefined : await jobs.get(holder);
    const isInTheWay = other?.state === 'running' || other?.state === 'undoing';
    if (isInTheWay && !(other.state === 'running' && isInterrupted(other, options.now())))
      return { kind: 'busy', other };
    const { next, write } = jobs.plan(job, change);
    const condition = holder === undefined ? isNew : { expression: '#holder = :holder', values: { holder } };
    const writes = [write, { kind: 'put', item: toItem({ ...key, holder: job.id }), condition } as const];
    if (isInTheWay) writes.push(jobs.plan(other, { state: 'failed', message: interruptedMessage }).write);
    const what = `begin import ${job.id}`;
    if (await retryWhile(isTransactionConflict, what, () => table.transact(writes, { idempotent: true })))
      return { kind: 'begun', job: next };
    return (await jobs.get(job.id))?.version === job.version ? undefined : { kind: 'changed' };
  }

  return {
    ...jobs,
    begin: async (job, change) => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const begun = await tryToBegin(job, change);
        if (begun !== undefined) return begun;
      }
      throw new StoreUnavailable(`imports of ${job.page} begin all the time`);
    },
    checkRunning: ({ id, attempt }) => ({
      kind: 'check',
      table: options.table,
      key: catalogKeys.job(id),
      condition: { expression: '#state = :state AND #attempt = :attempt', values: { state: 'running', attempt } },
    }),
  };
}

const interruptedMessage = 'it was interrupted, and another import of the page began. Start it again, or undo it';

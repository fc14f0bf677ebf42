import type { ImportCursor, ImportJob } from '#schemas/history/history-job.ts';
import type { ImportChange } from '#stores/catalog/history-imports.ts';
import type { ImportDeps } from './deps.ts';

/** Another run has moved the import on, or a user has undone it: this run stops. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** One run of the function for one import. */
export interface Run {
  deps: ImportDeps;
  /** As it was read, or last written. */
  readonly job: ImportJob;
  /** @throws {Overtaken} */
  move: (cursor: ImportCursor) => Promise<void>;
  /** @throws {Overtaken} */
  change: (change: ImportChange) => Promise<void>;
  /** Whether there is no time for another unit. */
  isOver: () => boolean;
}

/** @param deadline milliseconds since the epoch after which no unit is begun */
export function createRun(deps: ImportDeps, first: ImportJob, deadline: number): Run {
  let job = first;
  async function change(changes: ImportChange): Promise<void> {
    const next = await deps.jobs.change(job, changes);
    if (next === undefined) throw new Overtaken(`import ${job.id} was changed by another run`);
    job = next;
  }
  return {
    deps,
    get job() {
      return job;
    },
    move: (cursor) => change({ cursor }),
    change,
    isOver: () => deps.now() >= deadline,
  };
}

export function rowsAtOnce({ rowsAtOnce: rows = 20_000 }: Pick<ImportDeps, 'rowsAtOnce'>): number {
  return rows;
}

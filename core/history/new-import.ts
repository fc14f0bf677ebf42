import { firstCursor, type HistoryOptions, type ImportJob } from '#schemas/history/history-job.ts';

export interface NewImportOptions extends HistoryOptions, Pick<ImportJob, 'id' | 'page' | 'file'> {
  /** Milliseconds since the epoch. */
  now: number;
}

/** Returns an import that has read nothing yet, and waits for its file. */
export function newImport({ now, id, page, file, format, zone, until, dryRun }: NewImportOptions): ImportJob {
  return {
    kind: 'import',
    id,
    page,
    file,
    createdAt: new Date(now).toISOString(),
    format,
    zone,
    until,
    dryRun,
    state: 'waiting',
    attempt: 0,
    cursor: firstCursor,
    totals: null,
    message: null,
    movedAt: now,
    version: 0,
  };
}

/** Returns what changes when an import is started. Each start reads the file from its beginning. */
export function beginImport({ attempt }: Pick<ImportJob, 'attempt'>) {
  return { state: 'running', attempt: attempt + 1, cursor: firstCursor, totals: null, message: null } as const;
}

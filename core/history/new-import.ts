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

/** A run ends after 15 minutes, and is tried twice more: an import that has not moved for longer has no run. */
const longestPause = 20 * 60_000;

/** @param now milliseconds since the epoch */
export function isInterrupted({ state, movedAt }: Pick<ImportJob, 'state' | 'movedAt'>, now: number): boolean {
  return (state === 'running' || state === 'undoing') && now - movedAt > longestPause;
}

/** Says why an import has to wait for another one of its page. */
export function describeBusy({ id, file, state, dryRun }: Pick<ImportJob, 'id' | 'file' | 'state' | 'dryRun'>): string {
  const work = state === 'undoing' ? 'being undone' : dryRun ? 'being previewed' : 'running';
  return `The import of \`${file.name}\` (${id}) is ${work}, and a page has one at a time. Wait until it has ended, or undo it.`;
}

/** Returns what changes when an import is started. Each start reads the file from its beginning. */
export function beginImport({ attempt }: Pick<ImportJob, 'attempt'>) {
  return { state: 'running', attempt: attempt + 1, cursor: firstCursor, totals: null, message: null } as const;
}

import type { PullView } from '#schemas/api/pulls.ts';
import type { PullJob, PullReport, PullRequest } from '#schemas/history/pull.ts';

/** A run ends after 15 minutes, and the clock starts another one five minutes later. */
const longestPause = 30 * 60_000;

export function isPullInterrupted({ state, movedAt }: Pick<PullJob, 'state' | 'movedAt'>, now: number): boolean {
  return state === 'running' && now - movedAt > longestPause;
}

/** @param report of a pull that has read everything; left out in lists */
export function toPullView(pull: PullJob, now: number, report?: PullReport): PullView {
  const { id, page, request, createdAt, state, dryRun, reason, wakeAt, progress, imported } = pull;
  const { requests, links, rows, range, notes } = progress;
  return {
    id,
    page,
    tool: request.tool,
    from: sourceOf(request),
    createdAt,
    state: isPullInterrupted(pull, now) ? 'interrupted' : state,
    dryRun,
    message: reason,
    continuesAt: wakeAt === null ? null : new Date(wakeAt).toISOString(),
    requests,
    found: { links, rows, ...range },
    links: imported.counts,
    notes,
    refused: report?.refused ?? null,
    historyImport: pull.isImported ? pull.importId : null,
  };
}

function sourceOf(request: PullRequest): string | null {
  switch (request.tool) {
    case 'bitly':
      return request.group ?? null;
    case 'dub':
      return null;
    case 'shlink':
      return new URL(request.server).host;
    case 'plausible':
      return request.site;
    default:
      return request satisfies never;
  }
}

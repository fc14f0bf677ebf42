import { isInterrupted } from '#core/history/new-import.ts';
import type { HistoryImportView } from '#schemas/history/history-api.ts';
import type { ImportJob, ImportReport } from '#schemas/history/history-job.ts';

const mostMonths = 5_000;

/** @param report of a finished import; left out in lists */
export function toHistoryImportView(job: ImportJob, now: number, report?: ImportReport): HistoryImportView {
  const { id, page, file, format, zone, until, dryRun, createdAt, cursor, totals, message } = job;
  const interrupted = isInterrupted(job, now);
  const { step, done, total } = cursor;
  return {
    id,
    page,
    fileName: file.name,
    bytes: file.bytes,
    format,
    zone,
    until,
    state: interrupted ? 'interrupted' : job.state,
    dryRun,
    createdAt,
    progress: job.state === 'running' ? { step, done, total } : null,
    totals,
    message,
    upload: null,
    report: report === undefined ? null : toReportView(report),
  };
}

function toReportView({ totals: _totals, ...report }: ImportReport): HistoryImportView['report'] {
  return { ...report, months: report.months.slice(0, mostMonths) };
}

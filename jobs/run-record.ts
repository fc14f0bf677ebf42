import type { AlertJob, RunRecord } from '#schemas/alerts.ts';

/** Counts of a run while it goes on. */
export interface RunCounts {
  pages: number;
  evaluated: number;
  alerts: number;
  recoveries: number;
  mails: number;
  skipped: Record<string, number>;
  queries: number;
  dollars: number;
}

/** @param time of the schedule, milliseconds since the epoch; `started` and `ended` by the clock on the wall */
export function runRecord(job: AlertJob, time: number, counts: RunCounts, started: number, ended: number): RunRecord {
  return {
    job,
    time: new Date(time).toISOString(),
    ...counts,
    milliseconds: ended - started,
  };
}

export function newCounts(): RunCounts {
  return {
    pages: 0,
    evaluated: 0,
    alerts: 0,
    recoveries: 0,
    mails: 0,
    skipped: {},
    queries: 0,
    dollars: 0,
  };
}

export function skip(counts: RunCounts, reason: string, times = 1): void {
  counts.skipped[reason] = (counts.skipped[reason] ?? 0) + times;
}

import type { ErasureJob, ExportJob } from '#stores/catalog/lake-jobs.ts';

/** What a job left when it ended. */
export type JobResult<Result> =
  | { state: 'running' }
  | { state: 'done'; result: Result }
  | { state: 'failed'; message: string };

/** Rows written, and the addresses of their files, signed for an hour. */
export interface ExportOutcome {
  rows: number;
  urls: string[];
}

export interface ErasureOutcome {
  rewritten: string[];
  pending: string[];
  /** Items of the catalog by kind. */
  erased: Record<string, number>;
  remaining: { place: string; until: string }[];
}

/** Starts jobs that take longer than an answer may, and reads what became of them. */
export interface JobRunner {
  startExport: (job: ExportJob) => Promise<void>;
  startErasure: (job: ErasureJob, value: string) => Promise<void>;
  exportOf: (job: ExportJob) => Promise<JobResult<ExportOutcome>>;
  erasureOf: (job: ErasureJob) => Promise<JobResult<ErasureOutcome>>;
}

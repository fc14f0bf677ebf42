import type { ErasureReceipt } from '#schemas/lake-jobs.ts';
import type { ErasureJob, ExportJob } from '#stores/catalog/lake-jobs.ts';

/** The state of a job, with its result if it is done. */
export type JobResult<Result> =
  | { state: 'running' }
  | { state: 'done'; result: Result }
  | { state: 'failed'; message: string };

export interface ExportOutcome {
  /** Events in the files. */
  rows: number;
  /** Download links, valid for an hour. */
  urls: string[];
}

/** Starts jobs that take longer than a request may, and reads their results. */
export interface JobRunner {
  startExport: (job: ExportJob) => Promise<void>;
  startErasure: (job: ErasureJob, value: string) => Promise<void>;
  /** Starts or continues an import of history, or takes it back. */
  startImport: (id: string) => Promise<void>;
  /** Starts or continues a pull. */
  startPull: (id: string) => Promise<void>;
  /** Sends the mails that are due. */
  sendMails: () => Promise<void>;
  readExport: (job: ExportJob) => Promise<JobResult<ExportOutcome>>;
  readErasure: (job: ErasureJob) => Promise<JobResult<ErasureReceipt>>;
}

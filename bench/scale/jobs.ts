import { slicesAtOnce, slicesOf } from '../../jobs/settle/slices.ts';
import type { Platform, ServiceTimes } from './platform.ts';

/** How much of the time that a job may take it needs. */
export interface JobNumbers {
  seconds: number;
  /** Seconds by what may be used: above 1, the job does not keep up. */
  utilization: number;
}

export interface JobInputs {
  clicksPerSecond: number;
  filesPerSecond: number;
  platform: Platform;
  times: ServiceTimes;
}

const windowSeconds = 900;
/** Receipts reads this many parts of a window at the same time: `functions/receipts/count-window.ts`. */
const partsAtOnce = 4;

/** Estimates a run of receipts, which reads the request lines of a quarter of an hour and must end before the next begins. */
export function estimateReceipts({ clicksPerSecond, platform }: JobInputs): JobNumbers {
  const pages = Math.ceil((clicksPerSecond * windowSeconds) / platform.linesPerPage);
  const callsPerSecond = Math.min(partsAtOnce / platform.pageSeconds, platform.logCallsPerSecond);
  const seconds = Math.max(pages > 0 ? platform.pageSeconds : 0, pages / callsPerSecond);
  return { seconds, utilization: seconds / windowSeconds };
}

const hourSeconds = 3600;
/** Settle begins no unit of work later: `functions/settle/settle.ts`. */
const budgetSeconds = 11 * 60;
/** Queries that read the raw files besides the one that writes the run: the expected events, and the rows of each file. */
const readingQueries = 2;
/** Raw files that are read, and counters that are written, side by side. */
const filesAtOnce = 16;
const writesAtOnce = 32;

/** Estimates the settling of one hour: listing, reading its files, its queries, reading its run, and writing its counters. */
export function estimateSettle({ clicksPerSecond, filesPerSecond, platform, times }: JobInputs): JobNumbers {
  const [rows, files] = [clicksPerSecond * hourSeconds, filesPerSecond * hourSeconds];
  const listing = 2 * Math.ceil(files / 1000) * platform.listSeconds;
  const reading = Math.max((files / filesAtOnce) * platform.s3Seconds, rows * times.rollupSecondsPerEvent);
  const slices = slicesOf(rows);
  // Slices at the same time share what S3 answers for a prefix.
  const opening = ((readingQueries + slices.length) * files) / platform.getsPerPrefix;
  const scanning = (readingQueries + Math.ceil(slices.length / slicesAtOnce)) * platform.querySeconds;
  const settling = rows / platform.rowsPerQuerySecond / Math.min(slices.length, slicesAtOnce);
  const counting = rows * times.rollupSecondsPerEvent;
  const writing = (times.updates(rows) / writesAtOnce) * platform.updateSeconds;
  const seconds = listing + reading + opening + scanning + settling + counting + writing;
  return { seconds, utilization: seconds / budgetSeconds };
}

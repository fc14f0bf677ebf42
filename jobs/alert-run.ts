import type { AlertJob, RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';

export type RunCounts = Omit<RunRecord, 'job' | 'time' | 'milliseconds'>;

/**
 * Runs an alert job and stores its run record.
 * @param time of the schedule, milliseconds since the epoch
 * @throws {StoreUnavailable} and what `work` throws; then nothing is recorded
 */
export async function recordRun(
  { job, time, deps }: { job: AlertJob; time: number; deps: { alerts: Pick<Alerts, 'putRun'>; now: () => number } },
  work: (counts: RunCounts) => Promise<void>,
): Promise<RunRecord> {
  const started = deps.now();
  const counts = newCounts();
  await work(counts);
  const record = { job, time: new Date(time).toISOString(), ...counts, milliseconds: deps.now() - started };
  await deps.alerts.putRun(record);
  return record;
}

export function newCounts(): RunCounts {
  return { pages: 0, evaluated: 0, alerts: 0, recoveries: 0, mails: 0, skipped: {}, queries: 0, dollars: 0 };
}

export function skip(counts: RunCounts, reason: string, times = 1): void {
  counts.skipped[reason] = (counts.skipped[reason] ?? 0) + times;
}

const batchSize = 100;

/** Yields every page except the canary's, up to 100 at a time, and counts them. */
export async function* readPages(
  listPages: (options?: ListOptions) => Promise<Listing<Page>>,
  counts: RunCounts,
): AsyncGenerator<Page[]> {
  let after: string | undefined;
  do {
    const { rows, next } = await listPages({ limit: batchSize, after });
    const pages = rows.filter(({ path }) => path !== `/${canaryCode}`);
    counts.pages += pages.length;
    yield pages;
    after = next;
  } while (after !== undefined);
}

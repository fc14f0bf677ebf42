import type { AlertJob, RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import { isTransient } from '#stores/dynamodb/retry.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';

export type RunCounts = Omit<RunRecord, 'job' | 'time' | 'milliseconds'>;

/**
 * Runs an alert job and stores its run record. A page whose work fails for a reason of its own is left out; the others
 * go on.
 * @param time of the schedule, milliseconds since the epoch
 * @throws {StoreUnavailable} and what `work` throws; then nothing is recorded
 * @throws {AggregateError} after the run, if pages failed
 */
export async function recordRun(
  { job, time, deps }: { job: AlertJob; time: number; deps: { alerts: Pick<Alerts, 'putRun'>; now: () => number } },
  work: (counts: RunCounts, attempt: Attempt) => Promise<void>,
): Promise<RunRecord> {
  const started = deps.now();
  const counts = newCounts();
  const failures: Error[] = [];
  async function attempt(page: string, workOnPage: () => Promise<void>): Promise<void> {
    try {
      await workOnPage();
    } catch (cause) {
      if (isTransient(cause)) throw cause;
      failures.push(new Error(`${job}: ${page} failed`, { cause }));
      skip(counts, 'failed');
    }
  }
  await work(counts, attempt);
  const record = { job, time: new Date(time).toISOString(), ...counts, milliseconds: deps.now() - started };
  await deps.alerts.putRun(record);
  if (failures.length > 0) throw new AggregateError(failures, `${job}: ${failures.length} pages failed`);
  return record;
}

/** Does the work of one page. Throws only what would fail for other pages, too. */
export type Attempt = (page: string, work: () => Promise<void>) => Promise<void>;

export function newCounts(): RunCounts {
  return {
    pages: 0,
    evaluated: 0,
    alerts: 0,
    recoveries: 0,
    mails: 0,
    messages: 0,
    skipped: {},
    queries: 0,
    dollars: 0,
  };
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

/** After this time a run begins with no other page; what is left is due in the next run. Lambda stops after 15 minutes. */
export const runMilliseconds = 10 * 60_000;

/** Returns who shares a run's time with others: the agency of a page, or the page itself. */
export function ownerOf({ agency, path }: Pick<Page, 'agency' | 'path'>): string {
  return agency ?? path;
}

/** Orders items so that their owners take turns: the first of each, then the second of each. */
export function inTurns<Item>(items: readonly Item[], owner: (item: Item) => string): Item[] {
  const queues = [...Map.groupBy(items, owner).values()];
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue.slice(turn, turn + 1))).flat();
}

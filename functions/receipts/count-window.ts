import { createHash } from 'node:crypto';
import { createRequestTally, type ReceivedCount, countReceived, type RequestTally } from '#core/ledger/received.ts';
import type { LogWindow } from '#core/ledger/windows.ts';
import { refusedMessage } from '#schemas/log-lines.ts';
import type { LogLines } from '#stores/aws/cloudwatch-request-lines.ts';
import type { ReceivedStore, WindowRecord } from '#stores/counters/received-counts.ts';

export interface CountWindowDependencies {
  lines: LogLines;
  received: ReceivedStore;
  /** IANA zone of a page; 'UTC' for one that the catalog does not know. */
  zoneOf: (page: string) => Promise<string>;
}

/** What a window held. */
export interface WindowCount {
  window: string;
  lines: number;
  /** False where an earlier run had set the same counts. */
  changed: boolean;
  counts: ReceivedCount[];
}

/**
 * Counts one window of log time and sets its sums on the hourly items. Running it again sets the same; a crash at any
 * point is mended by the next run.
 * @throws {StoreUnavailable}
 */
export async function countWindow(
  { lines, received, zoneOf }: CountWindowDependencies,
  window: LogWindow,
  deadline: number,
): Promise<WindowCount> {
  const [record, tally] = await Promise.all([received.window(window.name), readTally(lines, window, deadline)]);
  const zones = await zonesFor(tally.pages(), record?.zones ?? {}, zoneOf);
  const counts = countReceived(tally, (page) => zones[page] ?? 'UTC');
  const digest = digestOf(counts);
  const count: WindowCount = { window: window.name, lines: tally.lines(), changed: false, counts };
  if (digest === record?.digest || isShorter(count.lines, record)) return count;
  if (record === undefined && counts.length === 0) return count;
  await received.putWindow(window.name, { digest: undefined, lines: count.lines, zones });
  await received.setCounts(window.name, counts, deadline);
  await received.putWindow(window.name, { digest, lines: count.lines, zones });
  return { ...count, changed: true };
}

async function readTally(lines: LogLines, window: LogWindow, deadline: number): Promise<RequestTally> {
  const tally = createRequestTally();
  for await (const line of lines.requests(window, deadline))
    if (line.message === refusedMessage) tally.addRefused(line);
    else tally.add(line);
  return tally;
}

/** Zones as they were when the window was first counted: a later change must not count its requests again elsewhere. */
async function zonesFor(
  pages: readonly string[],
  known: Readonly<Record<string, string>>,
  zoneOf: CountWindowDependencies['zoneOf'],
): Promise<Record<string, string>> {
  const zones = { ...known };
  for (const page of pages) zones[page] ??= await zoneOf(page);
  return zones;
}

function digestOf(counts: readonly ReceivedCount[]): string {
  return createHash('sha256').update(JSON.stringify(counts)).digest('hex');
}

/** Lines are only ever added to a log, so a window that reads shorter was cut off by the log's retention. */
function isShorter(lines: number, record: WindowRecord | undefined): boolean {
  return record !== undefined && lines < record.lines;
}

import { createHash } from 'node:crypto';
import {
  createRequestTally,
  type ReceivedCount,
  countReceived,
  mergeTallied,
  pagesOf,
  type Tallied,
} from '#core/ledger/received.ts';
import type { LogWindow } from '#core/ledger/windows.ts';
import { refusedMessage } from '#schemas/log-lines.ts';
import type { LogLines } from '#stores/aws/cloudwatch-request-lines.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import type { ReceivedStore, WindowRecord } from '#stores/counters/received-counts.ts';

export interface CountWindowDependencies {
  lines: LogLines;
  received: ReceivedStore;
  /** IANA zone of a page; 'UTC' for one that the catalog does not know. */
  zoneOf: (page: string) => Promise<string>;
  /** Lines that are read into one tally. @default 200,000, whose ids take about 30 MB */
  maxLines?: number;
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
  { lines, received, zoneOf, maxLines = 200_000 }: CountWindowDependencies,
  window: LogWindow,
  deadline: number,
): Promise<WindowCount> {
  const read = { lines, maxLines, deadline };
  const [record, tally] = await Promise.all([received.window(window.name), readTally(read, window, slicesAtOnce)]);
  const zones = await zonesFor(pagesOf(tally), record?.zones ?? {}, zoneOf);
  const counts = countReceived(tally, (page) => zones[page] ?? 'UTC');
  const digest = digestOf(counts);
  const count: WindowCount = { window: window.name, lines: tally.lines, changed: false, counts };
  if (digest === record?.digest || isShorter(count.lines, record)) return count;
  if (record === undefined && counts.length === 0) return count;
  await received.putWindow(window.name, { digest: undefined, lines: count.lines, zones });
  await received.setCounts(window.name, counts, deadline);
  await received.putWindow(window.name, { digest, lines: count.lines, zones });
  return { ...count, changed: true };
}

interface Read {
  lines: LogLines;
  maxLines: number;
  deadline: number;
}

interface Slice {
  start: number;
  end: number;
}

/** A slice of too many lines is read again in so many parts: of 15 seconds, and those of a quarter of a second. */
const partsOfSlice = 60;

/** FilterLogEvents takes some 10 calls a second from an account, and half a second for each. */
const slicesAtOnce = 4;

/** Counts the lines of a slice of log time. Its memory has a limit: it reads what is too long in parts. */
async function readTally(read: Read, slice: Slice, atOnce: number): Promise<Tallied> {
  const whole = await readSlice(read, slice);
  if (whole) return whole;
  const parts: Tallied[] = [];
  await forEachConcurrently(splitSlice(slice), atOnce, async (part) => void parts.push(await readTally(read, part, 1)));
  return mergeTallied(parts);
}

/** Returns undefined if the slice holds more than `maxLines`, unless it is too short to split. */
async function readSlice({ lines, maxLines, deadline }: Read, slice: Slice): Promise<Tallied | undefined> {
  const tally = createRequestTally();
  const isShort = slice.end - slice.start < partsOfSlice;
  for await (const line of lines.requests(slice, deadline)) {
    if (line.message === refusedMessage) tally.addRefused(line);
    else tally.add(line);
    if (tally.lines() > maxLines && !isShort) return undefined;
  }
  return tally.finish();
}

function splitSlice({ start, end }: Slice): Slice[] {
  const borders = Array.from({ length: partsOfSlice + 1 }, (_, at) =>
    Math.round(start + ((end - start) * at) / partsOfSlice),
  );
  return borders.slice(1).map((border, at) => ({ start: borders[at] ?? start, end: border }));
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

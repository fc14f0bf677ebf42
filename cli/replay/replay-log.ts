import { setTimeout as sleep } from 'node:timers/promises';
import type { NumberedLine } from './log-file.ts';
import { createPathLink, type PathLink } from './path-link.ts';
import type { Send } from './send-request.ts';

/** The result of reading the log once before the replay. */
export interface Survey {
  lines: number;
  /** By path. */
  links: ReadonlyMap<string, PathLink>;
  /** Earliest and latest request, milliseconds since the epoch. */
  first: number;
  last: number;
}

export interface ReplayReport {
  /** Requests with a response; every other line is in one of the two lists. */
  answered: number;
  /** Number of responses by status. */
  statuses: Map<number, number>;
  unsendable: { line: number; reason: string }[];
  unanswered: { line: number; reason: string }[];
}

export interface ReplayOptions {
  links: ReadonlyMap<string, PathLink>;
  send: Send;
  concurrency: number;
  /** Multiple of the original speed; undefined sends as fast as responses arrive. */
  speed: number | undefined;
  now: () => number;
  /** Called after each line. */
  onLine: (done: number) => void;
}

/**
 * Sends every usable line of a log, `concurrency` at a time, and accounts for each line:
 * answered + unsendable + unanswered = lines.
 */
export async function replayLog(log: AsyncIterable<NumberedLine>, options: ReplayOptions): Promise<ReplayReport> {
  const report: ReplayReport = { answered: 0, statuses: new Map(), unsendable: [], unanswered: [] };
  const waitUntil = createClock(options.speed, options.now);
  async function sendLine(line: NumberedLine): Promise<void> {
    if (line.kind === 'unusable') {
      report.unsendable.push({ line: line.number, reason: line.reason });
      return;
    }
    const link = options.links.get(line.request.path);
    if (!link) {
      report.unsendable.push({ line: line.number, reason: 'the log has changed since its links were created' });
      return;
    }
    await waitUntil(line.request.time);
    const result = await options.send(link.code, line.request);
    if (result.kind !== 'answered') {
      report[result.kind].push({ line: line.number, reason: result.reason });
      return;
    }
    report.answered += 1;
    report.statuses.set(result.status, (report.statuses.get(result.status) ?? 0) + 1);
  }
  const lines = log[Symbol.asyncIterator]();
  let done = 0;
  async function work(): Promise<void> {
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      await sendLine(next.value);
      done += 1;
      options.onLine(done);
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, work));
  report.unsendable.sort((a, b) => a.line - b.line);
  report.unanswered.sort((a, b) => a.line - b.line);
  return report;
}

/** Returns a function that waits for a time of the log, replayed at `speed` times the original. */
function createClock(speed: number | undefined, now: () => number): (time: number) => Promise<void> {
  if (speed === undefined) return () => Promise.resolve();
  let start: { log: number; clock: number } | undefined;
  return async (time) => {
    start ??= { log: time, clock: now() };
    const wait = start.clock + (time - start.log) / speed - now();
    if (wait > 0) await sleep(wait);
  };
}

export async function surveyLog(log: AsyncIterable<NumberedLine>, page: string, base: string): Promise<Survey> {
  const links = new Map<string, PathLink>();
  let lines = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for await (const line of log) {
    lines += 1;
    if (line.kind !== 'request') continue;
    const { path, time } = line.request;
    first = Math.min(first, time);
    last = Math.max(last, time);
    if (!links.has(path)) links.set(path, createPathLink(page, path, base));
  }
  return { lines, links, first, last };
}

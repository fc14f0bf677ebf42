import { setTimeout as sleep } from 'node:timers/promises';
import type { NumberedLine } from './log-file.ts';
import { createPathLink, type PathLink } from './path-link.ts';
import type { ReplayPosition } from './position.ts';
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
  /** Requests with a response that is their outcome; every other line is in one of the lists, or was done before. */
  answered: number;
  /** Number of these responses by status. */
  statuses: Map<number, number>;
  unsendable: { line: number; reason: string }[];
  /** Refused as often as a request is sent, so not counted. The next replay of the log sends them. */
  refused: { line: number; reason: string }[];
  unanswered: { line: number; reason: string }[];
  /** Whether the last line was reached. */
  atEnd: boolean;
}

export interface ReplayOptions {
  links: ReadonlyMap<string, PathLink>;
  send: Send;
  /** Lines before it are not sent again, except the open ones. */
  position: Pick<ReplayPosition, 'next' | 'open' | 'begin' | 'finish'>;
  concurrency: number;
  /** Multiple of the original speed; undefined sends as fast as responses arrive. */
  speed: number | undefined;
  now: () => number;
  /** Called after each line. */
  onLine: (done: number) => void;
  /** Takes no further line. Requests on their way are waited for. */
  interrupted: AbortSignal;
}

/** Lines that are not known to be counted. The replay stops at so many, because the edge is down. */
export const openLinesLimit = 1_000;

/**
 * Sends every usable line of a log that was not sent before, `concurrency` at a time, and accounts for each:
 * answered + unsendable + refused + unanswered = lines.
 */
export async function replayLog(log: AsyncIterable<NumberedLine>, options: ReplayOptions): Promise<ReplayReport> {
  const { position, interrupted } = options;
  const report: ReplayReport = {
    answered: 0,
    statuses: new Map(),
    unsendable: [],
    refused: [],
    unanswered: [],
    atEnd: false,
  };
  const firstNew = position.next();
  const openBefore = new Set(position.open());
  const waitUntil = createClock(options);

  /** Returns whether the line is done: a later replay need not send it. */
  async function sendLine(line: NumberedLine): Promise<boolean> {
    const { number } = line;
    const link = line.kind === 'request' ? options.links.get(line.request.path) : undefined;
    if (line.kind === 'unusable' || link === undefined) {
      const reason = line.kind === 'unusable' ? line.reason : 'the log has changed since its links were created';
      report.unsendable.push({ line: number, reason });
      return true;
    }
    await waitUntil(line.request.time);
    if (interrupted.aborted) return false;
    const result = await options.send(link.code, line.request);
    switch (result.kind) {
      case 'unsendable':
        report.unsendable.push({ line: number, reason: result.reason });
        return true;
      case 'refused':
        report.refused.push({ line: number, reason: `status ${result.status}` });
        return false;
      case 'unanswered':
        report.unanswered.push({ line: number, reason: result.reason });
        return false;
      case 'answered':
        report.answered += 1;
        report.statuses.set(result.status, (report.statuses.get(result.status) ?? 0) + 1);
        return true;
      default:
        return result satisfies never;
    }
  }

  const lines = log[Symbol.asyncIterator]();
  let done = 0;
  function mayContinue(): boolean {
    return !interrupted.aborted && report.refused.length + report.unanswered.length < openLinesLimit;
  }
  async function work(): Promise<void> {
    while (mayContinue()) {
      const next = await lines.next();
      report.atEnd ||= next.done === true;
      if (next.done || !mayContinue()) return;
      const { number } = next.value;
      if (number >= firstNew || openBefore.has(number)) {
        position.begin(number);
        if (await sendLine(next.value)) position.finish(number);
      }
      done += 1;
      options.onLine(done);
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, work));
  for (const list of [report.unsendable, report.refused, report.unanswered]) list.sort((a, b) => a.line - b.line);
  return report;
}

/** Returns a function that waits for a time of the log, replayed at `speed` times the original, or for the interruption. */
function createClock({ speed, now, interrupted }: ReplayOptions): (time: number) => Promise<void> {
  if (speed === undefined) return () => Promise.resolve();
  let start: { log: number; clock: number } | undefined;
  return async (time) => {
    start ??= { log: time, clock: now() };
    const wait = start.clock + (time - start.log) / speed - now();
    if (wait > 0) await sleepUnless(interrupted, wait);
  };
}

/** Waits, or until the signal aborts. */
export async function sleepUnless(signal: AbortSignal, milliseconds: number): Promise<void> {
  if (!signal.aborted) await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Requests that the edge has received, by {@link requestKey}. */
export type ReceivedRequests = Map<string, number>;

export function requestKey(code: string, time: number): string {
  return `${code} ${time}`;
}

/**
 * Finishes the open lines of an interrupted replay that the edge has received all the same: their response was lost when
 * the process ended. Other requests for the same link and time are done lines, and are taken off first.
 */
export async function finishReceived(
  log: AsyncIterable<NumberedLine>,
  { links, position, received }: Pick<ReplayOptions, 'links' | 'position'> & { received: ReceivedRequests },
): Promise<void> {
  const open: { number: number; key: string }[] = [];
  for await (const line of log) {
    if (line.number >= position.next()) break;
    const link = line.kind === 'request' ? links.get(line.request.path) : undefined;
    if (line.kind === 'unusable' || link === undefined) continue;
    const key = requestKey(link.code, line.request.time);
    if (position.open().has(line.number)) open.push({ number: line.number, key });
    else received.set(key, (received.get(key) ?? 0) - 1);
  }
  for (const { number, key } of open) {
    const count = received.get(key) ?? 0;
    if (count <= 0) continue;
    received.set(key, count - 1);
    position.finish(number);
  }
}

/** Reads the log once: how many lines it has, the links of its paths, and its first and last time. */
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

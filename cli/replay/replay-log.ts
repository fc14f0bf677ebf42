import { setTimeout as sleep } from 'node:timers/promises';
import { type RequestField, requestFields } from '#core/access-log/log-format.ts';
import { linksOfPageLimit } from '#schemas/catalog-rules.ts';
import { CommandFailed } from '#cli/errors.ts';
import type { NumberedLine } from './log-file.ts';
import { createPathLink, type PathLink } from './path-link.ts';
import type { ReplayPosition } from './position.ts';
import { addRefused, detach, type RefusedLines } from './refused-lines.ts';
import type { Send } from './send-request.ts';

/** The result of reading the log once before the replay. Every line is a request, a heading or refused. */
export interface Survey {
  lines: number;
  requests: number;
  headings: number;
  refused: RefusedLines;
  /** Requests of which the log does not record a field. */
  missing: Map<RequestField, number>;
  /** Requests by host, of the first {@link mostHosts} hosts. */
  hosts: Map<string, number>;
  /** By path. */
  links: ReadonlyMap<string, PathLink>;
  /** Earliest and latest request, milliseconds since the epoch. */
  first: number;
  last: number;
}

export interface ReplayReport {
  /** Requests with a response that is their outcome; every other line is counted or listed below, or was done before. */
  answered: number;
  /** Number of these responses by status. */
  statuses: Map<number, number>;
  /** Headings, and lines that the survey refused. */
  skipped: number;
  /** Lines with a path that the survey did not find: the log has changed since. */
  changed: number;
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
 * answered + skipped + changed + refused + unanswered = lines.
 */
export async function replayLog(log: AsyncIterable<NumberedLine>, options: ReplayOptions): Promise<ReplayReport> {
  const { position, interrupted } = options;
  const report: ReplayReport = {
    answered: 0,
    statuses: new Map(),
    skipped: 0,
    changed: 0,
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
    if (line.kind !== 'request' || link === undefined) {
      report[line.kind === 'request' ? 'changed' : 'skipped'] += 1;
      return true;
    }
    await waitUntil(line.request.time);
    if (interrupted.aborted) return false;
    const result = await options.send(link.code, line.request);
    switch (result.kind) {
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
  for (const list of [report.refused, report.unanswered]) list.sort((a, b) => a.line - b.line);
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
    if (line.kind !== 'request' || link === undefined) continue;
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

/** Hosts that a survey tells apart. */
const mostHosts = 100;

/**
 * Reads the log once, and sends nothing.
 * @throws {CommandFailed} for a log with more paths than a page can have links
 */
export async function surveyLog(log: AsyncIterable<NumberedLine>, page: string, base: string): Promise<Survey> {
  const links = new Map<string, PathLink>();
  const survey: Survey = {
    lines: 0,
    requests: 0,
    headings: 0,
    refused: { count: 0, reasons: new Map() },
    missing: new Map(),
    hosts: new Map(),
    links,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
  };
  for await (const line of log) {
    survey.lines += 1;
    if (line.kind === 'heading') survey.headings += 1;
    else if (line.kind === 'unusable') addRefused(survey.refused, line.number, line);
    else {
      const { path, time, host } = line.request;
      survey.requests += 1;
      survey.first = Math.min(survey.first, time);
      survey.last = Math.max(survey.last, time);
      for (const field of requestFields)
        if (line.request[field] === undefined) survey.missing.set(field, (survey.missing.get(field) ?? 0) + 1);
      if (host && (survey.hosts.has(host) || survey.hosts.size < mostHosts))
        survey.hosts.set(survey.hosts.has(host) ? host : detach(host), (survey.hosts.get(host) ?? 0) + 1);
      if (links.has(path)) continue;
      if (links.size === linksOfPageLimit)
        throw new CommandFailed(
          `line ${line.number}: the log has more than ${linksOfPageLimit} paths, and a page has as many links at most; replay a part of it, or one host with \`--host\``,
        );
      const kept = detach(path);
      links.set(kept, createPathLink(page, kept, base));
    }
  }
  return survey;
}

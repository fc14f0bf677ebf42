import { localTimeOf } from '#core/enrich/local-time.ts';
import type { RefusedLine, RequestLine } from '#schemas/log-lines.ts';
import { type EntityHour, entityHourKey, entityKeys } from '#schemas/counters.ts';
import { addRefused, type RefusedCounts } from './refused.ts';

/** Requests with the same page, link and quarter hour, which is counted since the epoch. */
interface Requests {
  page: string | null;
  link: string | null;
  quarter: number;
  count: number;
  refused: Record<string, number>;
}

export interface RequestTally {
  /** Counts a line unless its arrival has been counted: logs may contain a line twice. */
  add: (line: Omit<RequestLine, 'message'>) => void;
  /** Counts the requests of a line, every time: they have no ids, so a flood of them takes no memory. */
  addRefused: (line: Omit<RefusedLine, 'message'>) => void;
  lines: () => number;
  /** Returns the counts, without the ids that a tally remembers. */
  finish: () => Tallied;
}

/** Counted log lines. */
export interface Tallied {
  lines: number;
  requests: readonly Requests[];
}

/** In every time zone, hours and clock changes begin on a quarter hour. */
const quarterHour = 15 * 60_000;

/** Requests for an entity in one of its hours. */
export interface ReceivedCount extends EntityHour {
  /** Those that become events. */
  count: number;
  /** Those that were refused and only counted; undefined for none. */
  refused?: RefusedCounts;
}

/** Returns a tally of log lines. Its memory grows with the number of ids and of distinct counters, not with the text. */
export function createRequestTally(): RequestTally {
  const seen = new Set<string>();
  const tally = new Map<string, Requests>();
  let refusedLines = 0;
  function requestsOf({ page, link, at }: Pick<RequestLine, 'page' | 'link' | 'at'>): Requests {
    const quarter = Math.floor(at / quarterHour);
    const key = JSON.stringify([page, link, quarter]);
    const requests = tally.get(key) ?? { page, link, quarter, count: 0, refused: {} };
    tally.set(key, requests);
    return requests;
  }
  return {
    add: (line) => {
      // As settle does: an id that is received again is another request.
      const arrival = `${line.id} ${line.received ?? line.at}`;
      if (seen.has(arrival)) return;
      seen.add(arrival);
      requestsOf(line).count += 1;
    },
    addRefused: (line) => {
      refusedLines += 1;
      const { refused } = requestsOf(line);
      refused[line.rule] = (refused[line.rule] ?? 0) + line.count;
    },
    lines: () => seen.size + refusedLines,
    finish: () => ({ lines: seen.size + refusedLines, requests: [...tally.values()] }),
  };
}

/** Adds up tallies of lines that were logged at different times. The log holds a line twice only with the same time. */
export function mergeTallied(parts: readonly Tallied[]): Tallied {
  return {
    lines: parts.reduce((sum, { lines }) => sum + lines, 0),
    requests: parts.flatMap(({ requests }) => requests),
  };
}

/** Returns the pages of counted lines, sorted. */
export function pagesOf({ requests }: Tallied): string[] {
  return [...new Set(requests.flatMap(({ page }) => page ?? []))].sort();
}

/** Returns received counts, sorted by entity and hour. @param zoneOf IANA zone of a page */
export function countReceived({ requests: tallied }: Tallied, zoneOf: (page: string) => string): ReceivedCount[] {
  const counts = new Map<string, ReceivedCount>();
  for (const requests of tallied) {
    for (const each of hoursOf(requests, zoneOf)) {
      const key = entityHourKey(each);
      const received = counts.get(key) ?? { ...each, count: 0 };
      received.count += requests.count;
      if (Object.keys(requests.refused).length > 0)
        received.refused = addRefused([received.refused ?? {}, requests.refused]);
      counts.set(key, received);
    }
  }
  return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, received]) => received);
}

/** Returns where a request is counted: the hours in which rollup counts its event. */
function hoursOf(requests: Requests, zoneOf: (page: string) => string): EntityHour[] {
  const at = requests.quarter * quarterHour;
  const { page, link } = requests;
  const { hour } = localTimeOf(page === null ? 'UTC' : zoneOf(page), at);
  return [
    { entity: entityKeys.stack, hour: localTimeOf('UTC', at).hour },
    ...(page === null ? [] : [{ entity: entityKeys.page(page), hour }]),
    ...(link === null ? [] : [{ entity: entityKeys.link(link), hour }]),
  ];
}

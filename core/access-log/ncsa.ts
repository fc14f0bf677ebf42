import { isIP } from 'node:net';
import { type LogFormat, type LogLine, unusable } from './log-format.ts';
import { readBracketTime } from './times.ts';
import { splitRequestLine, toRequest, unescape } from './to-request.ts';

/** The formats `common` and `combined` of Apache and nginx, also with the virtual host in front. */
export const ncsaFormat: LogFormat = {
  name: 'nginx or Apache (combined, common, virtual host first)',
  columns: {
    address: '%h, $remote_addr',
    time: '%t, $time_local',
    method: '%r, $request',
    path: '%r, $request',
    query: '%r, $request',
    referrer: '%{Referer}i, $http_referer',
    userAgent: '%{User-Agent}i, $http_user_agent',
    host: '%v, $host in front',
  },
  open: () => readLine,
};

/** Address, two names and the time are in so many characters, so that a line of brackets does not take minutes. */
const longestLead = 1_000;

const leadPattern = /^\S+ \S+ (?:.*? )?\[(\d[^\]]*)\] /;
const statusPattern = / (\d{3}|-) (\d+|-)(?= |$)/y;
/** Unrolled to avoid backtracking on long values. */
const quotedPattern = / ?"([^"\\]*(?:\\.[^"\\]*)*)"/y;

/** Ignores fields after the user agent. The common format has no headers. */
function readLine(line: string): LogLine {
  const lead = readLead(line);
  if (!lead) return unusable('it does not start with an address, two names and a [time]');
  const quoted = readAt(quotedPattern, line, lead.end);
  if (!quoted) return unusable('the request is not between quotes');
  const { method, target } = splitRequestLine(unescape(quoted.text));
  const status = readAt(statusPattern, line, quoted.end);
  if (!status) return unusable('no status and size follow the request');
  if (!method) return unusable('the request is not "<method> <path> <protocol>"', quoted.text);
  const headers = readHeaders(line, status.end);
  if (headers.kind === 'unusable') return headers;
  const { host, address, clock } = lead;
  const { referrer, userAgent } = headers;
  return toRequest({ address, time: readBracketTime(clock), clock, method, target, referrer, userAgent, host });
}

interface Lead {
  host: string | undefined;
  address: string;
  clock: string;
  end: number;
}

function readLead(line: string): Lead | undefined {
  const [matched = '', clock = ''] = leadPattern.exec(line.slice(0, longestLead)) ?? [];
  if (matched === '') return undefined;
  const [first = '', second = ''] = matched.split(' ', 2);
  const end = matched.length;
  // The second word is a name that clients no longer send, unless the virtual host comes first: then it is the address.
  if (isIP(second) !== 0) return { host: first.replace(/:\d+$/, ''), address: second, clock, end };
  return { host: undefined, address: first, clock, end };
}

/** Matches `pattern` at `position`. Returns its first group and where it ended. */
function readAt(pattern: RegExp, line: string, position: number): { text: string; end: number } | undefined {
  pattern.lastIndex = position;
  const match = pattern.exec(line);
  return match ? { text: match[1] ?? '', end: pattern.lastIndex } : undefined;
}

type Headers = { kind: 'headers'; referrer?: string | null; userAgent?: string | null };

function readHeaders(line: string, position: number): Headers | ReturnType<typeof unusable> {
  if (line.slice(position).trim() === '') return { kind: 'headers' };
  const referrer = readAt(quotedPattern, line, position);
  if (!referrer) return unusable('the referrer is not between quotes');
  const userAgent = readAt(quotedPattern, line, referrer.end);
  if (!userAgent) return unusable('the user agent is not between quotes');
  return { kind: 'headers', referrer: toHeader(referrer.text), userAgent: toHeader(userAgent.text) };
}

function toHeader(text: string): string | null {
  return text === '-' ? null : unescape(text);
}

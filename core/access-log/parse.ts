import { isIP } from 'node:net';

/**
 * A request of an access log in the combined or common format of Apache and nginx. The common format has no headers, so
 * `referrer` and `userAgent` are undefined. They are null for `-`: the request did not have the header.
 */
export interface LoggedRequest {
  address: string;
  /** Milliseconds since the epoch. */
  time: number;
  method: string;
  /** The requested path, percent-encoded, without the query. */
  path: string;
  /** Without the question mark; empty if there was none. */
  query: string;
  referrer?: string | null;
  userAgent?: string | null;
}

export type LogLine = { kind: 'request'; request: LoggedRequest } | { kind: 'unusable'; reason: string };

const leadPattern = /^(\S+) \S+ (?:.*? )?\[([^\]]*)\] /;
const statusPattern = / (\d{3}|-) (\d+|-)(?= |$)/y;
/** Unrolled to avoid backtracking on long values. */
const quotedPattern = / ?"([^"\\]*(?:\\.[^"\\]*)*)"/y;

/**
 * Parses a line without its line break, decoded as latin1 so that each character is a byte. Ignores fields after the user
 * agent. Never throws: an unusable line is returned with the reason.
 */
export function parseLogLine(line: string): LogLine {
  const lead = leadPattern.exec(line);
  const [matched = '', address = '', clock = ''] = lead ?? [];
  if (!lead) return unusable('it does not start with an address, two names and a [time]');
  if (isIP(address) === 0) return unusable(`${quote(address)} is not an IP address`);
  const time = parseTime(clock);
  if (time === undefined) return unusable(`the time ${quote(clock)} is not like 17/May/2015:10:05:03 +0000`);
  const quoted = readAt(quotedPattern, line, matched.length);
  if (!quoted) return unusable('the request is not between quotes');
  const request = parseRequestLine(quoted.text);
  if ('kind' in request) return request;
  const status = readAt(statusPattern, line, quoted.end);
  if (!status) return unusable('no status and size follow the request');
  const headers = parseHeaders(line, status.end);
  if (headers.kind !== 'headers') return headers;
  const { kind: _, ...known } = headers;
  return { kind: 'request', request: { address, time, ...request, ...known } };
}

function unusable(reason: string): LogLine {
  return { kind: 'unusable', reason };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const timePattern = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/;

/** Converts `17/May/2015:10:05:03 +0000` to milliseconds. Returns undefined for anything else, including 31 June. */
function parseTime(text: string): number | undefined {
  const [, day, name, year, clock, hours, minutes] = timePattern.exec(text) ?? [];
  const month = months.indexOf(name ?? '') + 1;
  if (!day || !month) return undefined;
  const date = `${year}-${String(month).padStart(2, '0')}-${day}`;
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date) return undefined;
  const at = Date.parse(`${date}T${clock}${hours}:${minutes}`);
  return Number.isNaN(at) ? undefined : at;
}

/** Matches `pattern` at `position`. Returns its first group and where it ended. */
function readAt(pattern: RegExp, line: string, position: number): { text: string; end: number } | undefined {
  pattern.lastIndex = position;
  const match = pattern.exec(line);
  return match ? { text: match[1] ?? '', end: pattern.lastIndex } : undefined;
}

function parseRequestLine(text: string): { method: string; path: string; query: string } | LogLine {
  const [, method, target] = /^([A-Za-z]+) (.+?)(?: HTTP\/\d(?:\.\d)?)?$/s.exec(unescape(text)) ?? [];
  if (!method || !target) return unusable(`the request ${quote(text)} is not "<method> <path> <protocol>"`);
  const form = toPath(target);
  if (form === undefined) return unusable(`the target ${quote(target)} is not a path`);
  const [path = '', ...query] = (form.split('#', 1)[0] ?? '').split('?');
  return { method: method.toUpperCase(), path: encodeBytes(path), query: encodeBytes(query.join('?')) };
}

const simpleEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v' };

/** Reverses the escapes of Apache and nginx: `\"`, `\\`, `\xe4`, `\n`. */
function unescape(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/gs, (_, hex: string | undefined, character: string) =>
        hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (simpleEscapes[character] ?? character),
      )
    : text;
}

/** Returns the path of the target. Proxies log the absolute form: `GET http://host/path`. */
function toPath(target: string): string | undefined {
  const rest = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? target;
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : undefined;
}

/** Percent-encodes characters that a request line must not contain. Leaves existing `%` triplets unchanged. */
function encodeBytes(text: string): string {
  return text.replace(
    /[^\x21-\x7e]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

type Headers = { kind: 'headers'; referrer?: string | null; userAgent?: string | null };

function parseHeaders(line: string, position: number): Headers | LogLine {
  if (line.slice(position).trim() === '') return { kind: 'headers' };
  const referrer = readAt(quotedPattern, line, position);
  if (!referrer) return unusable('the referrer is not between quotes');
  const userAgent = readAt(quotedPattern, line, referrer.end);
  if (!userAgent) return unusable('the user agent is not between quotes');
  return { kind: 'headers', referrer: header(referrer.text), userAgent: header(userAgent.text) };
}

function header(text: string): string | null {
  return text === '-' ? null : unescape(text);
}

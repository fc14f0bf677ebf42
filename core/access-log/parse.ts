import { isIP } from 'node:net';

/**
 * One request of an access log in the combined format of Apache and nginx. In the common format, which ends after the
 * size, `referrer` and `userAgent` are missing: the log cannot know them. A `-` is `null`: the log knows that the
 * header was absent.
 */
export interface LoggedRequest {
  address: string;
  /** Milliseconds since the epoch. */
  time: number;
  method: string;
  /** Path as it was requested, with its percent-encoding, without the query; bytes beyond ASCII percent-encoded. */
  path: string;
  /** Without the question mark; empty when there was none. */
  query: string;
  referrer?: string | null;
  userAgent?: string | null;
}

export type LogLine = { kind: 'request'; request: LoggedRequest } | { kind: 'unusable'; reason: string };

const leadPattern = /^(\S+) \S+ (?:.*? )?\[([^\]]*)\] /;
const statusPattern = / (\d{3}|-) (\d+|-)(?= |$)/y;
/** Unrolled, so that a long value needs no backtracking. */
const quotedPattern = / ?"([^"\\]*(?:\\.[^"\\]*)*)"/y;

/**
 * Parses one line, without its line break, read as latin1 so that one character is one byte. Fields after the user
 * agent are ignored. Never throws: a line that cannot be sent comes back with its reason.
 */
export function parseLogLine(line: string): LogLine {
  const lead = leadPattern.exec(line);
  const [matched = '', address = '', clock = ''] = lead ?? [];
  if (!lead) return unusable('it does not start with an address, two names and a [time]');
  if (isIP(address) === 0) return unusable(`${shown(address)} is not an IP address`);
  const time = parseTime(clock);
  if (time === undefined) return unusable(`the time ${shown(clock)} is not like 17/May/2015:10:05:03 +0000`);
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

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const timePattern = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/;

/** `17/May/2015:10:05:03 +0000` to milliseconds; undefined for anything else, the 31st of June included. */
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

/** Reads `pattern` at `position`: its groups and where it ended. */
function readAt(pattern: RegExp, line: string, position: number): { text: string; end: number } | undefined {
  pattern.lastIndex = position;
  const match = pattern.exec(line);
  return match ? { text: match[1] ?? '', end: pattern.lastIndex } : undefined;
}

/** The head of a line, up to and with the size. */
function parseRequestLine(text: string): { method: string; path: string; query: string } | LogLine {
  const [, method, target] = /^([A-Za-z]+) (.+?)(?: HTTP\/\d(?:\.\d)?)?$/s.exec(unescape(text)) ?? [];
  if (!method || !target) return unusable(`the request ${shown(text)} is not "<method> <path> <protocol>"`);
  const form = originForm(target);
  if (form === undefined) return unusable(`the target ${shown(target)} is not a path`);
  const [path = '', ...query] = (form.split('#', 1)[0] ?? '').split('?');
  return { method: method.toUpperCase(), path: encodeBytes(path), query: encodeBytes(query.join('?')) };
}

const simpleEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v' };

/** Undoes what Apache and nginx do to a logged header: `\"`, `\\`, `\xe4`, `\n`. One character is one byte. */
function unescape(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/gs, (_, hex: string | undefined, character: string) =>
        hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (simpleEscapes[character] ?? character),
      )
    : text;
}

/** A proxy logs the absolute form, `GET http://host/path`: its path is what counts. */
function originForm(target: string): string | undefined {
  const rest = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? target;
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : undefined;
}

/** Percent-encodes what may not stand in a request line; leaves existing `%` triplets as they are. */
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

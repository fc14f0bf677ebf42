import { METHODS } from 'node:http';
import { isIP } from 'node:net';
import { type LoggedRequest, type LogLine, unusable } from './log-format.ts';

/** A request as a log has it: undefined is a column that the log does not have, null one that it has without a value. */
export interface RawRequest {
  address: string | null | undefined;
  /** Milliseconds since the epoch; NaN if `clock` is not a time. */
  time: number;
  clock: string | null | undefined;
  method: string | null | undefined;
  /** The path, with its query unless that is separate; or an address: `http://host/path`. */
  target: string | null | undefined;
  query?: string | null | undefined;
  referrer: string | null | undefined;
  userAgent: string | null | undefined;
  host: string | null | undefined;
}

/** Checks a request, so that whatever is read can be sent. */
export function toRequest(raw: RawRequest): LogLine {
  const { address, clock, method, target, time, host } = raw;
  if (!address) return unusable('it has no address');
  if (!clock) return unusable('it has no time');
  if (!method) return unusable('it has no method');
  if (!target) return unusable('it has no path');
  const ip = address.replace(/^\[(.*)\]$/, '$1');
  if (isIP(ip) === 0) return unusable('the address is not an IP address', address);
  if (Number.isNaN(time)) return unusable('the time cannot be read, or names no zone', clock);
  if (time < earliest) return unusable('the time is before 1990', clock);
  const verb = method.toUpperCase();
  if (verb === 'CONNECT' || !METHODS.includes(verb)) return unusable('the method cannot be sent', method);
  const form = toPath(target);
  if (form === undefined) return unusable('the target is not a path', target);
  const [path = '', ...queries] = (form.split('#', 1)[0] ?? '').split('?');
  const { referrer, userAgent } = raw;
  if (notInHeader.test(referrer ?? '')) return unusable('the referrer has control characters', referrer ?? '');
  if (notInHeader.test(userAgent ?? '')) return unusable('the user agent has control characters', userAgent ?? '');
  const request: LoggedRequest = {
    address: ip,
    time,
    method: verb,
    path: encodeBytes(path),
    query: encodeBytes(queries.length > 0 ? queries.join('?') : (raw.query ?? '')),
    ...(referrer !== undefined && { referrer: referrer || null }),
    ...(userAgent !== undefined && { userAgent: userAgent || null }),
    ...(host !== undefined && { host: host?.toLowerCase() || null }),
  };
  return { kind: 'request', request };
}

const earliest = Date.UTC(1990, 0);

// oxlint-disable-next-line no-control-regex -- the pattern searches for control characters
const notInHeader = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;

/** Returns the path of the target. Proxies log the absolute form: `GET http://host/path`. */
function toPath(target: string): string | undefined {
  const rest = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/is.exec(target)?.[1] ?? target;
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

/** Splits `GET /path HTTP/1.1`. Both are undefined if the text is something else. */
export function splitRequestLine(text: string): { method: string | undefined; target: string | undefined } {
  const [, method, target] = /^([A-Za-z]+) (.+?)(?: HTTP\/\d(?:\.\d)?)?$/s.exec(text) ?? [];
  return { method, target };
}

const simpleEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v' };

/** Reverses the escapes of Apache, nginx and load balancers: `\"`, `\\`, `\xe4`, `\n`. */
export function unescape(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/gs, (_, hex: string | undefined, character: string) =>
        hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (simpleEscapes[character] ?? character),
      )
    : text;
}

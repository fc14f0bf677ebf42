import { isJsonObject, type JsonLine, parseJsonLine, textOf } from './json-line.ts';
import { type LogFormat, type LogLine, unusable } from './log-format.ts';
import { readAnyTime } from './times.ts';
import { toRequest } from './to-request.ts';

export const caddyFormat: LogFormat = {
  name: 'Caddy (JSON)',
  columns: {
    address: 'request.client_ip, else request.remote_ip',
    time: 'ts',
    method: 'request.method',
    path: 'request.uri',
    query: 'request.uri',
    referrer: 'request.headers.Referer',
    userAgent: 'request.headers.User-Agent',
    host: 'request.host',
  },
  open: () => (line) => parseJsonLine(line, readCaddy),
};

function readCaddy({ request, ts, msg }: JsonLine): LogLine {
  if (!isJsonObject(request)) return unusable('it is about something else than a request', textOf(msg));
  const { headers } = request;
  return toRequest({
    // Version 2.7 added `client_ip`, 2.5 `remote_ip`; before, there was an address with its port.
    address: textOf(request['client_ip'] ?? request['remote_ip']) ?? withoutPort(request['remote_addr']),
    clock: textOf(ts),
    time: readAnyTime(ts),
    method: textOf(request['method']),
    target: textOf(request['uri']),
    referrer: isJsonObject(headers) ? findHeader(headers, 'referer') : undefined,
    userAgent: isJsonObject(headers) ? findHeader(headers, 'user-agent') : undefined,
    host: withoutPort(request['host']),
  });
}

function withoutPort(value: unknown): string | undefined {
  return textOf(value)?.replace(/:\d+$/, '');
}

/** Null is a header that the request did not have. */
function findHeader(headers: JsonLine, name: string): string | null {
  const found = Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  return textOf(Array.isArray(found) ? found[0] : found) ?? null;
}

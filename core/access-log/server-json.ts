import { toPlainName } from './encoded-row.ts';
import { type JsonLine, parseJsonLine, textOf } from './json-line.ts';
import type { LogFormat, LogLine } from './log-format.ts';
import { readAnyTime } from './times.ts';
import { splitRequestLine, toRequest } from './to-request.ts';

/** Names of keys without signs; the first that a line has counts. They are the variables of nginx, and usual names. */
const keys = {
  address: ['remoteaddr', 'clientip', 'remoteip', 'client', 'ip'],
  time: ['timeiso8601', 'timelocal', 'msec', 'timestamp', 'time', 'datetime', 'ts'],
  method: ['requestmethod', 'method'],
  target: ['requesturi', 'uri', 'url', 'path'],
  query: ['args', 'querystring', 'query'],
  referrer: ['httpreferer', 'referer', 'referrer'],
  userAgent: ['httpuseragent', 'useragent', 'agent'],
  host: ['httphost', 'host', 'servername', 'vhost'],
} as const;

/** Formats that an administrator has written, so the names of the keys are not known. */
export const serverJsonFormat: LogFormat = {
  name: 'nginx or Apache (JSON)',
  columns: {
    address: 'remote_addr, client_ip, remote_ip, client, ip',
    time: 'time_iso8601, time_local, msec, timestamp, time',
    method: 'request_method, method, request',
    path: 'request_uri, uri, url, path, request',
    query: 'request_uri, request, args, query_string',
    referrer: 'http_referer, referer, referrer',
    userAgent: 'http_user_agent, user_agent, agent',
    host: 'http_host, host, server_name, vhost',
  },
  open: () => (line) => parseJsonLine(line, readServerJson),
};

function readServerJson(line: JsonLine): LogLine {
  const values = new Map(Object.entries(line).map(([name, value]) => [toPlainName(name), value]));
  function find(field: keyof typeof keys): unknown {
    const name = keys[field].find((each) => values.has(each));
    return name === undefined ? undefined : values.get(name);
  }
  function read(field: keyof typeof keys): string | null | undefined {
    const text = textOf(find(field));
    return text === '-' ? null : text;
  }
  const request = splitRequestLine(textOf(values.get('request')) ?? '');
  return toRequest({
    address: read('address'),
    clock: read('time'),
    time: readAnyTime(find('time')),
    method: read('method') ?? request.method,
    target: read('target') ?? request.target,
    query: read('query')?.replace(/^\?/, ''),
    referrer: read('referrer'),
    userAgent: read('userAgent'),
    host: read('host'),
  });
}

import { type LogFormat, type LogLine, unusable } from './log-format.ts';
import { orNull, splitQuoted } from './quoted-fields.ts';
import { readUtcTime } from './times.ts';
import { splitRequestLine, toRequest, unescape } from './to-request.ts';

export const albFormat: LogFormat = {
  name: 'AWS Application Load Balancer',
  columns: {
    address: 'client:port',
    time: 'request_creation_time, else time',
    method: 'request',
    path: 'request',
    query: 'request',
    referrer: null,
    userAgent: 'user_agent',
    host: 'request',
  },
  open: () => readLine,
};

const connectionTypes: readonly (string | undefined)[] = ['http', 'https', 'h2', 'grpcs', 'ws', 'wss'];

function readLine(line: string): LogLine {
  const fields = splitQuoted(line);
  if ('kind' in fields) return fields;
  const [type, ended, , client = '', , , , , , , , , request = '', userAgent, , , , , , , , created] = fields;
  if (!connectionTypes.includes(type) || userAgent === undefined)
    return unusable('it does not have the fields of an access log entry');
  const clock = orNull(created) ?? ended;
  const { method, target = '' } = splitRequestLine(unescape(request));
  // `- http://host:80- ` stands for a request that the load balancer could not read.
  if (!method) return unusable('the request could not be read by the load balancer', request);
  return toRequest({
    address: orNull(client.replace(/:\d+$/, '')),
    clock,
    time: readUtcTime(clock ?? ''),
    method,
    target,
    referrer: undefined,
    userAgent: orNull(unescape(userAgent)),
    host: /^[a-z]+:\/\/([^/?#]*?)(?::\d+)?(?=[/?#]|$)/i.exec(target)?.[1] ?? null,
  });
}

import { type LogFormat, type LogLine, unusable } from './log-format.ts';
import { orNull, splitQuoted } from './quoted-fields.ts';
import { readBracketTime } from './times.ts';
import { splitRequestLine, toRequest, unescape } from './to-request.ts';

export const s3Format: LogFormat = {
  name: 'Amazon S3 server access log',
  columns: {
    address: 'Remote IP',
    time: 'Time',
    method: 'Request-URI',
    path: 'Request-URI',
    query: 'Request-URI',
    referrer: 'Referer',
    userAgent: 'User-Agent',
    host: 'Host header',
  },
  open: () => readLine,
};

/** `REST.GET.OBJECT`, `WEBSITE.GET.OBJECT`, `BATCH.DELETE.OBJECT`, `S3.EXPIRE.OBJECT` */
const operationPattern = /^[A-Z0-9]+\.[A-Z0-9_.]+$/;

function readLine(line: string): LogLine {
  const fields = splitQuoted(line);
  if ('kind' in fields) return fields;
  const [, , clock, address, , , operation = '', , request, , , , , , , referrer, userAgent, , , , , , host] = fields;
  if (userAgent === undefined || !operationPattern.test(operation))
    return unusable('it does not have the fields of a server access log');
  // Lifecycle rules and batches delete without a request.
  if (request === '-') return unusable('the operation has no request', operation);
  return toRequest({
    address: orNull(address),
    clock,
    time: readBracketTime(clock ?? ''),
    ...splitRequestLine(unescape(request ?? '')),
    referrer: orNull(unescape(referrer ?? '-')),
    userAgent: orNull(unescape(userAgent)),
    host: orNull(host),
  });
}

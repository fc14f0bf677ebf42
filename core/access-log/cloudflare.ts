import { type JsonLine, parseJsonLine, textOf } from './json-line.ts';
import { type LogFormat, type LogLine, unusable } from './log-format.ts';
import { readAnyTime } from './times.ts';
import { toRequest } from './to-request.ts';

export const cloudflareFormat: LogFormat = {
  name: 'Cloudflare Logpush (HTTP requests)',
  columns: {
    address: 'ClientIP',
    time: 'EdgeStartTimestamp, else EdgeEndTimestamp',
    method: 'ClientRequestMethod',
    path: 'ClientRequestURI, else ClientRequestPath',
    query: 'ClientRequestURI',
    referrer: 'ClientRequestReferer',
    userAgent: 'ClientRequestUserAgent',
    host: 'ClientRequestHost',
  },
  open: () => (line) => parseJsonLine(line, readCloudflare),
};

function readCloudflare(line: JsonLine): LogLine {
  const target = line['ClientRequestURI'] ?? line['ClientRequestPath'];
  if (target === undefined) return unusable('it has no `ClientRequestURI`');
  const clock = line['EdgeStartTimestamp'] ?? line['EdgeEndTimestamp'];
  return toRequest({
    address: textOf(line['ClientIP']),
    clock: textOf(clock),
    time: readAnyTime(clock),
    method: textOf(line['ClientRequestMethod']),
    target: textOf(target),
    referrer: textOf(line['ClientRequestReferer']),
    userAgent: textOf(line['ClientRequestUserAgent']),
    host: textOf(line['ClientRequestHost']),
  });
}

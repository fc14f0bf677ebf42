import { readEncodedRow } from './encoded-row.ts';
import { type JsonLine, parseJsonLine, textOf } from './json-line.ts';
import { type LogFormat, type LogLine, unusable } from './log-format.ts';
import { cloudFrontFormat } from './w3c.ts';

export const cloudFrontJsonFormat: LogFormat = {
  name: 'CloudFront standard log (JSON)',
  columns: cloudFrontFormat.columns,
  open: () => (line) => parseJsonLine(line, readCloudFront),
};

function readCloudFront(line: JsonLine): LogLine {
  if (!('cs-uri-stem' in line)) return unusable('it has no `cs-uri-stem`');
  const columns = Object.keys(line);
  return readEncodedRow({ columns, cells: columns.map((name) => textOf(line[name])), encoding: 'cloudfront' });
}

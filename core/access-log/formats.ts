import { albFormat } from './alb.ts';
import { caddyFormat } from './caddy.ts';
import { cloudflareFormat } from './cloudflare.ts';
import { cloudFrontJsonFormat } from './cloudfront-json.ts';
import { realtimeFormat } from './cloudfront-realtime.ts';
import type { LogFormat, LogLine } from './log-format.ts';
import { ncsaFormat } from './ncsa.ts';
import { s3Format } from './s3.ts';
import { serverJsonFormat } from './server-json.ts';
import { cloudFrontFormat, iisFormat } from './w3c.ts';

/** In this order, the first of those that read the same number of lines is the format of a file. */
export const logFormats: readonly LogFormat[] = [
  ncsaFormat,
  realtimeFormat,
  cloudFrontFormat,
  cloudFrontJsonFormat,
  s3Format,
  albFormat,
  caddyFormat,
  cloudflareFormat,
  iisFormat,
  serverJsonFormat,
];

export interface Detection {
  /** Undefined if no format reads any of the lines. */
  format: LogFormat | undefined;
  /** Why each format does not read its first line that is no heading. */
  reasons: ReadonlyMap<string, string>;
}

/**
 * Returns the format that reads most of the first lines of a file, whatever the file is called.
 * @param columns names of the columns of a file that does not say them
 */
export function detectFormat(lines: readonly string[], columns?: readonly string[]): Detection {
  let best: { format: LogFormat | undefined; read: number } = { format: undefined, read: 0 };
  const reasons = new Map<string, string>();
  for (const format of logFormats) {
    const read = format.open(columns);
    const found = lines.map(read);
    const score = rate(found);
    if (score > best.read) best = { format, read: score };
    const problem = found.find((line) => line.kind === 'unusable');
    if (problem) reasons.set(format.name, problem.reason);
  }
  return { format: best.format, reasons };
}

/** A file of headings alone is a log in which nothing happened. */
function rate(lines: readonly LogLine[]): number {
  const headings = lines.filter(({ kind }) => kind === 'heading').length;
  return lines.filter(({ kind }) => kind === 'request').length + headings / 1000;
}

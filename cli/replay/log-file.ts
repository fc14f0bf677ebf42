import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { detectFormat, logFormats } from '#core/access-log/formats.ts';
import { type LogFormat, type LogLine, unusable } from '#core/access-log/log-format.ts';
import { createLineSplitter, longestLine, type SplitLine } from '#core/access-log/split-lines.ts';
import { dayLength } from '#core/time.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';

/** A line with its number, starting at 1. */
export type NumberedLine = { number: number } & LogLine;

export interface LogFile {
  format: LogFormat;
  /** Reads the non-empty lines, one at a time: the file may be larger than memory. */
  lines: () => AsyncGenerator<NumberedLine>;
}

export interface LogOptions {
  /** Names of the columns of a file that does not say them. */
  columns?: readonly string[] | undefined;
  /** Reads requests of this host alone. */
  host?: string | undefined;
  now: () => number;
}

const sampleLines = 100;

/**
 * Opens an access log in whichever format its first lines have, also packed with gzip.
 * @throws {UsageError} for a file that cannot be read, {CommandFailed} for one in no known format
 */
export async function openLog(file: string, { columns, host, now }: LogOptions): Promise<LogFile> {
  const isPacked = await readIsPacked(file);
  const sample: string[] = [];
  for await (const { text } of readLines(file, isPacked)) {
    if (text) sample.push(text);
    if (sample.length === sampleLines) break;
  }
  if (sample.length === 0) throw new CommandFailed(`${file} has no lines`);
  const { format, reasons } = detectFormat(sample, columns);
  if (format === undefined) throw new CommandFailed(describeUnknown(file, reasons));
  return {
    format,
    async *lines() {
      const read = format.open(columns);
      for await (const { number, text } of readLines(file, isPacked)) {
        if (text === '') continue;
        const line = text === undefined ? unusable(`the line is longer than ${longestLine} bytes`) : read(text);
        yield { number, ...check(line, { host, latest: now() + dayLength }) };
      }
    },
  };
}

async function readIsPacked(file: string): Promise<boolean> {
  const handle = await open(file).catch((cause: unknown) => {
    throw new UsageError(`\`<access-log>\` must be a readable file; got \`${file}\``, { cause });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

async function* readLines(file: string, isPacked: boolean): AsyncGenerator<SplitLine> {
  const splitter = createLineSplitter();
  let last = 0;
  try {
    // latin1 keeps every byte, whatever the encoding of the log.
    for await (const part of openBytes(file, isPacked).setEncoding('latin1'))
      for (const line of splitter.push(String(part))) {
        last = line.number;
        yield line;
      }
  } catch (cause) {
    throw new CommandFailed(`${file} cannot be read beyond line ${last}: ${String(cause)}`, { cause });
  }
  yield* splitter.end();
}

function openBytes(file: string, isPacked: boolean): Readable {
  const bytes = createReadStream(file);
  // The error of either is thrown where the text is read.
  return isPacked ? pipeline(bytes, createGunzip(), () => {}) : bytes;
}

function check(line: LogLine, { host, latest }: { host: string | undefined; latest: number }): LogLine {
  if (line.kind !== 'request') return line;
  const { request } = line;
  if (request.time > latest) return unusable('the time is in the future', new Date(request.time).toISOString());
  if (host !== undefined && request.host !== host) return unusable('the host is not `--host`', request.host ?? '');
  return line;
}

function describeUnknown(file: string, reasons: ReadonlyMap<string, string>): string {
  const formats = logFormats.map(({ name }) => `\n  ${name}: ${reasons.get(name) ?? 'not like this'}`);
  return `${file} is in no format that replay reads; its first line is not of${formats.join('')}`;
}

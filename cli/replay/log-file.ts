import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { type LogLine, parseLogLine } from '#core/access-log/parse.ts';
import { UsageError } from '#cli/errors.ts';

/** From 1, as editors count. */
export type NumberedLine = { number: number } & LogLine;

/** Every line of an access log that is not empty, one at a time: the file may be larger than memory. `.gz` is unpacked. */
export async function* readLog(file: string): AsyncGenerator<NumberedLine> {
  try {
    await access(file);
  } catch (cause) {
    throw new UsageError(`<access-log> is "${file}"; it must be a file that can be read`, { cause });
  }
  // latin1: one character is one byte, whatever the encoding of the log.
  const lines = createInterface({ input: bytesOf(file).setEncoding('latin1'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line !== '') yield { number, ...parseLogLine(line) };
  }
}

function bytesOf(file: string) {
  return file.endsWith('.gz') ? createReadStream(file).pipe(createGunzip()) : createReadStream(file);
}

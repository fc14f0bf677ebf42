import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { type LogLine, parseLogLine } from '#core/access-log/parse.ts';
import { UsageError } from '#cli/errors.ts';

/** A line with its number, starting at 1. */
export type NumberedLine = { number: number } & LogLine;

/** Reads the non-empty lines of an access log, also of a `.gz`, one at a time: the file may be larger than memory. */
export async function* readLog(file: string): AsyncGenerator<NumberedLine> {
  try {
    await access(file);
  } catch (cause) {
    throw new UsageError(`\`<access-log>\` must be a readable file; got \`${file}\``, { cause });
  }
  // latin1 keeps every byte, whatever the encoding of the log.
  const lines = createInterface({ input: openBytes(file).setEncoding('latin1'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line !== '') yield { number, ...parseLogLine(line) };
  }
}

function openBytes(file: string) {
  return file.endsWith('.gz') ? createReadStream(file).pipe(createGunzip()) : createReadStream(file);
}

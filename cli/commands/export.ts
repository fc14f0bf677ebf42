import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ulidOf } from '#core/ulid.ts';
import { exportResultSchema } from '#schemas/lake-jobs.ts';
import { defineCommand } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { joinCsv, nameFiles } from '#cli/lake/exported-files.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { date } from '#cli/lake/kinds.ts';
import { oneOf, optionalWith, pagePath, required, text } from '#cli/parameters.ts';
import { findStack, type Stack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: "Write a page's settled events to a file",
  details: `Dates are local to the page and inclusive. In CSV, a cell that a spreadsheet would run as a formula gets a leading
apostrophe. An existing file is not overwritten. The lake keeps a copy for 7 days.`,
  options: {
    page: required(pagePath, 'the page'),
    from: required(date, 'first local date'),
    to: required(date, 'last local date'),
    format: optionalWith(oneOf(['csv', 'parquet']), 'csv', 'file format'),
    out: required(text('<file>'), 'file to create; several Parquet files are numbered'),
  },
  run: async ({ stack: name, page, from, to, format, out }, terminal) => {
    if (from > to) throw new UsageError(`\`--from\` must not be after \`--to\`; got \`${from}\` and \`${to}\``);
    const stack = await findStack(name, terminal);
    const id = ulidOf(terminal.now(), randomBytes(16));
    const { keys, events } = await invokeFunction(
      stack,
      'ExportFunction',
      { page, from, to, format, id },
      exportResultSchema,
    );
    if (keys.length === 0) {
      terminal.note(`${page} has no settled events from ${from} to ${to}; no file was written`);
      return 1;
    }
    const files = openFiles(stack, keys);
    const names = nameFiles(out, format === 'csv' ? 1 : files.length);
    if (format === 'csv') await write(out, joinCsv(files));
    else for (const [at, file] of files.entries()) await write(names[at] ?? out, file);
    terminal.print(`${events} events in ${names.join(', ')}`);
    return 0;
  },
});

/** Returns the files as streams, each of which is requested when it is read. */
function openFiles(stack: Stack, keys: readonly string[]): AsyncGenerator<Uint8Array>[] {
  const { LakeBucket: Bucket } = stack.outputs;
  const client = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  return keys.map(async function* (Key) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    if (!(Body instanceof Readable)) throw new CommandFailed(`s3://${Bucket}/${Key} is empty`);
    yield* Body;
  });
}

/** Streams into a new file, and removes it if that fails. */
async function write(file: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'wx').catch((cause: unknown) => {
    throw new CommandFailed(`cannot write \`--out\` \`${file}\``, { cause });
  });
  try {
    await pipeline(bytes, handle.createWriteStream());
  } catch (cause) {
    await rm(file);
    throw cause;
  }
}

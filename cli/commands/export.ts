import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { addDays } from '#core/ledger/time-range.ts';
import { ulidOf } from '#core/ulid.ts';
import { entityKeys } from '#schemas/counters.ts';
import { toPlausibleFiles } from '#schemas/export/plausible.ts';
import { exportResultSchema } from '#schemas/lake-jobs.ts';
import { createStatsStore } from '#stores/counters/stats.ts';
import { plausibleEvents, plausibleVisits } from '#stores/lake/lake-queries.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { joinCsv, nameFiles } from '#cli/lake/exported-files.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { date } from '#cli/lake/kinds.ts';
import { openLake, orFail, queryTimeoutMs } from '#cli/lake/lake-client.ts';
import { writeNewFile } from '#cli/new-file.ts';
import { oneOf, optionalWith, pagePath, required, text } from '#cli/parameters.ts';
import { findStack, type Stack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: "Write a page's settled events, or its daily numbers, to a file",
  details: `Dates are local to the page and inclusive. In CSV, a cell that a spreadsheet would run as a formula gets a leading
apostrophe, and so does an id that it would read as a number. An existing file is not overwritten. The lake keeps a copy for 7
days. \`plausible\` writes each settled day, and each day by source, country, device, browser, system and event, as Plausible imports them.`,
  options: {
    page: required(pagePath, 'the page'),
    from: required(date, 'first local date'),
    to: required(date, 'last local date'),
    format: optionalWith(oneOf(['csv', 'parquet', 'plausible']), 'csv', 'file format'),
    out: required(
      text('<file>'),
      'file to create; several Parquet files are numbered. For Plausible, the folder: its importer reads the name of the file',
    ),
  },
  run: async ({ stack: name, page, from, to, format, out }, terminal) => {
    if (from > to) throw new UsageError(`\`--from\` must not be after \`--to\`; got \`${from}\` and \`${to}\``);
    const stack = await findStack(name, terminal);
    if (format === 'plausible') return exportDays(stack, { page, from, to, out }, terminal);
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
    if (format === 'csv') await writeNewFile(out, joinCsv(files));
    else for (const [at, file] of files.entries()) await writeNewFile(names[at] ?? out, file);
    terminal.print(`${events} events in ${names.join(', ')}`);
    return 0;
  },
});

interface DaysRequest {
  page: string;
  from: string;
  to: string;
  out: string;
}

async function exportDays(stack: Stack, { page, from, to, out }: DaysRequest, terminal: Terminal): Promise<number> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const table = stack.outputs.RollupsTable;
  const days = await createStatsStore({ client, table, freshnessSeconds: 0, now: terminal.now }).days(
    entityKeys.page(page),
    from,
    to,
  );
  client.destroy();
  if (days.length === 0) {
    terminal.note(`${page} has no settled days from ${from} to ${to}; no file was written`);
    return 1;
  }
  const { athena } = openLake(stack, terminal);
  const values = { page, from, to, first_dt: addDays(from, -1), last_dt: addDays(to, 1) };
  const visits = await orFail(athena.rows(plausibleVisits, values, { deadline: queryTimeoutMs }));
  const events = await orFail(athena.rows(plausibleEvents, values, { deadline: queryTimeoutMs }));
  const files = toPlausibleFiles({ days, visits: visits.rows, events: events.rows }, { from, to });
  await mkdir(out, { recursive: true });
  for (const { name, text: content } of files) await writeNewFile(path.join(out, name), Readable.from([content]));
  terminal.print(`${days.length} days in ${files.length} files in ${out}: ${files.map(({ name }) => name).join(', ')}`);
  return 0;
}

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

import { setTimeout as sleep } from 'node:timers/promises';
import { AthenaClient } from '@aws-sdk/client-athena';
import { S3Client } from '@aws-sdk/client-s3';
import { type Athena, createAthena, type QueryReport } from '#stores/lake/athena.ts';
import { QueryFailed } from '#stores/lake/errors.ts';
import { createSettledFiles, type SettledFiles } from '#stores/lake/settled-files.ts';
import type { Terminal } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import type { Stack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';

/** Athena in the work group for people, which cuts a query off at its limit, and the lake's listing. */
export interface Analyst {
  athena: Athena;
  files: Pick<SettledFiles, 'list'>;
}

/** As long as a query of Athena may run by default. */
export const deadline = 30 * 60_000;

export function analystOf(stack: Stack, terminal: Pick<Terminal, 'now'>): Analyst {
  const { GlueDatabase: database, InteractiveWorkGroup: workGroup, LakeBucket: bucket } = stack.outputs;
  const client = new AthenaClient(stack.clientOptions('athena'));
  const s3 = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  return {
    // The work group's own metrics count what people spend; the function's budget is for functions.
    athena: createAthena({ client, database, workGroup, now: terminal.now, sleep, onReport: () => {} }),
    files: createSettledFiles({ client: s3, bucket }),
  };
}

interface Answer {
  columns: readonly string[];
  rows: readonly (readonly (string | null)[])[];
  report: QueryReport;
}

/** Rows to standard output; what they cost to standard error. */
export function printAnswer(answer: Answer, json: boolean, terminal: Terminal): void {
  const { columns, rows, report } = answer;
  if (json) for (const row of rows) terminal.print(asJson(answer, row));
  else
    terminal.print(
      table(
        columns,
        rows.map((row) => row.map((value) => value ?? 'NULL')),
      ),
    );
  const scanned = report.reused ? 'an earlier result was reused' : `${bytesText(report.bytes)} bytes scanned`;
  terminal.note(`${rows.length} rows, ${scanned}, ${dollarsText(report.dollars)}, ${report.milliseconds} ms`);
}

function asJson({ columns }: Answer, row: readonly (string | null)[]): string {
  return JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));
}

export function bytesText(bytes: number): string {
  return bytes.toLocaleString('en-US');
}

export function dollarsText(dollars: number): string {
  return `$${dollars.toFixed(6)}`;
}

/** @throws {CommandFailed} for a query that Athena did not answer, with its reason */
export async function asking<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof QueryFailed) throw new CommandFailed(cause.message, { cause: cause.cause });
    throw cause;
  }
}

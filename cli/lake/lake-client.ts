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

/** Athena in the interactive work group, which cancels a query at its scan limit, and the list of settled files. */
export interface LakeClient {
  athena: Athena;
  files: Pick<SettledFiles, 'list'>;
}

/** Athena's default time limit for a query. */
export const queryTimeoutMs = 30 * 60_000;

export function openLake(stack: Stack, terminal: Pick<Terminal, 'now'>): LakeClient {
  const { GlueDatabase: database, InteractiveWorkGroup: workGroup, LakeBucket: bucket } = stack.outputs;
  const client = new AthenaClient(stack.clientOptions('athena'));
  const s3 = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  return {
    // The metrics of the work group cover these queries.
    athena: createAthena({ client, database, workGroup, now: terminal.now, sleep, onReport: () => {} }),
    files: createSettledFiles({ client: s3, bucket }),
  };
}

interface QueryResult {
  columns: readonly string[];
  rows: readonly (readonly (string | null)[])[];
  report: QueryReport;
}

/** Prints rows to standard output, and their cost to standard error. */
export function printResult(result: QueryResult, json: boolean, terminal: Terminal): void {
  const { columns, rows, report } = result;
  if (json) for (const row of rows) terminal.print(toJson(result, row));
  else
    terminal.print(
      table(
        columns,
        rows.map((row) => row.map((value) => value ?? 'NULL')),
      ),
    );
  const scanned = report.reused ? 'reused an earlier result' : `${formatBytes(report.bytes)} bytes scanned`;
  terminal.note(`${rows.length} rows, ${scanned}, ${formatDollars(report.dollars)}, ${report.milliseconds} ms`);
}

function toJson({ columns }: QueryResult, row: readonly (string | null)[]): string {
  return JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));
}

export function formatBytes(bytes: number): string {
  return bytes.toLocaleString('en-US');
}

export function formatDollars(dollars: number): string {
  return `$${dollars.toFixed(6)}`;
}

/** @throws {CommandFailed} with Athena's reason if the query failed */
export async function orFail<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof QueryFailed) throw new CommandFailed(cause.message, { cause: cause.cause });
    throw cause;
  }
}

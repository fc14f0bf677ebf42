import { describeSchemaError } from '#core/field-error.ts';
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  type Row as AthenaRow,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { z } from 'zod';
import { StoreUnavailable } from '../errors.ts';
import type { Query } from './query.ts';
import { toQueryError, QueryFailed, QueryTimedOut } from './errors.ts';

/** Outcome and cost of one query. */
export interface QueryReport {
  query: string;
  /** Athena's execution id, as in its console. */
  id: string;
  state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT';
  milliseconds: number;
  /** Rows of the result; an UNLOAD has none. */
  rows: number;
  bytes: number;
  dollars: number;
  /** The result of an earlier run was reused, and nothing scanned. */
  reused: boolean;
}

export interface QueryOptions {
  /** Milliseconds after which the query is stopped. @default 240,000 */
  deadline?: number;
  /** Reuses a result that is at most this old, in minutes. @default - never */
  reuseMinutes?: number;
}

/** Options of a statement, which is called `sql` in logs if it has no name. */
export interface StatementOptions extends QueryOptions {
  name?: string;
  /** SQL literals for its question marks. */
  parameters?: string[];
}

export interface QueryResult<Row> {
  rows: Row[];
  report: QueryReport;
}

export interface Athena {
  /** Runs a query and parses its rows. @throws {QueryFailed} or a subclass */
  rows: <P extends object, Row>(query: Query<P, Row>, values: P, options?: QueryOptions) => Promise<QueryResult<Row>>;
  /** Writes the query's rows as Parquet to `s3://bucket/…/`, which must be empty. */
  unload: <P extends object>(
    query: Query<P, unknown>,
    values: P,
    location: string,
    options?: QueryOptions,
  ) => Promise<QueryReport>;
  /** Runs any statement; returns its rows as text. */
  statement: (
    sql: string,
    options?: StatementOptions,
  ) => Promise<{ columns: string[]; rows: (string | null)[][]; report: QueryReport }>;
}

export interface AthenaOptions {
  client: AthenaClient;
  database: string;
  workGroup: string;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  /** Receives the report of every query, including failed ones. */
  onReport: (report: QueryReport) => void | Promise<void>;
}

const defaultDeadline = 240_000;

const pageSize = 1000;
/** First and longest pause between two polls, in milliseconds. */
const firstPause = 25;
const longestPause = 2_000;

interface Statement {
  name: string;
  sql: string;
  parameters: string[];
}

export function createAthena({ client, database, workGroup, now, sleep, onReport }: AthenaOptions): Athena {
  async function start({ name, sql, parameters }: Statement, options: QueryOptions): Promise<string> {
    try {
      const { QueryExecutionId } = await client.send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          ...(parameters.length > 0 && { ExecutionParameters: parameters }),
          QueryExecutionContext: { Database: database },
          WorkGroup: workGroup,
          ...(options.reuseMinutes && {
            ResultReuseConfiguration: {
              ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: options.reuseMinutes },
            },
          }),
        }),
      );
      if (!QueryExecutionId) throw new QueryFailed(name, 'Athena returned no id');
      return QueryExecutionId;
    } catch (cause) {
      throw new QueryFailed(
        name,
        `Athena did not start it: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          cause,
        },
      );
    }
  }

  async function readState(name: string, id: string): Promise<QueryExecution> {
    try {
      const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
      return QueryExecution ?? {};
    } catch (cause) {
      throw new QueryFailed(name, `Athena did not return the state of ${id}`, { cause });
    }
  }

  async function stop(id: string): Promise<void> {
    try {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    } catch (cause) {
      throw new StoreUnavailable(`Athena did not stop ${id}`, { cause });
    }
  }

  async function report(
    { name }: Statement,
    state: QueryReport['state'],
    execution: QueryExecution,
    timing: { id: string; started: number; rows: number },
  ): Promise<QueryReport> {
    const bytes = execution.Statistics?.DataScannedInBytes ?? 0;
    const reported: QueryReport = {
      query: name,
      id: timing.id,
      state,
      milliseconds: now() - timing.started,
      rows: timing.rows,
      bytes,
      dollars: priceOfScan(bytes),
      reused: execution.Statistics?.ResultReuseInformation?.ReusedPreviousResult ?? false,
    };
    await onReport(reported);
    return reported;
  }

  /** Polls until a terminal state or the deadline, whichever comes first. */
  async function finish(
    statement: Statement,
    id: string,
    options: QueryOptions,
    started: number,
  ): Promise<QueryExecution> {
    const deadline = started + (options.deadline ?? defaultDeadline);
    for (let pause = firstPause; ; pause = Math.min(pause * 1.6, longestPause)) {
      const execution = await readState(statement.name, id);
      const state = execution.Status?.State;
      if (state === 'SUCCEEDED') return execution;
      if (state === 'FAILED' || state === 'CANCELLED') {
        await report(statement, state, execution, { id, started, rows: 0 });
        throw toQueryError(statement.name, state, execution.Status?.StateChangeReason ?? 'Athena gave no reason');
      }
      if (now() >= deadline) {
        await stop(id);
        await report(statement, 'TIMED_OUT', execution, { id, started, rows: 0 });
        throw new QueryTimedOut(statement.name, `still ${state ?? 'unknown'} after ${now() - started} ms; stopped`);
      }
      await sleep(Math.min(pause, Math.max(deadline - now(), 1)));
    }
  }

  async function readPages(name: string, id: string) {
    const rows: (string | null)[][] = [];
    let columns: string[] = [];
    let next: string | undefined;
    do {
      try {
        const page = await client.send(
          new GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: pageSize, ...(next && { NextToken: next }) }),
        );
        columns = (page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name }) => Name ?? '');
        for (const row of page.ResultSet?.Rows ?? []) rows.push(toTexts(row));
        next = page.NextToken;
      } catch (cause) {
        throw new QueryFailed(name, `its result could not be read after ${rows.length} rows`, { cause });
      }
    } while (next);
    // The first row of the first page is the header.
    return { columns, rows: rows.slice(1) };
  }

  async function run(statement: Statement, options: QueryOptions) {
    const started = now();
    const id = await start(statement, options);
    const execution = await finish(statement, id, options, started);
    return { id, execution, started };
  }

  async function select(statement: Statement, options: QueryOptions) {
    const { id, execution, started } = await run(statement, options);
    const { columns, rows } = await readPages(statement.name, id);
    return {
      columns,
      rows,
      report: await report(statement, 'SUCCEEDED', execution, { id, started, rows: rows.length }),
    };
  }

  return {
    rows: async (query, values, options = {}) => {
      const result = await select({ name: query.name, ...query.bind(values) }, options);
      const parsed = z
        .array(query.row)
        .safeParse(
          result.rows.map((row) => Object.fromEntries(row.map((value, at) => [result.columns[at] ?? '', value]))),
        );
      if (!parsed.success)
        throw new QueryFailed(query.name, `a row differs from its declaration: ${describeSchemaError(parsed.error)}`, {
          cause: parsed.error,
        });
      return { rows: parsed.data, report: result.report };
    },
    unload: async (query, values, location, options = {}) => {
      const bound = query.bind(values);
      const statement = { name: query.name, sql: unloadStatement(bound.sql, location), parameters: bound.parameters };
      const { id, execution, started } = await run(statement, options);
      return report(statement, 'SUCCEEDED', execution, { id, started, rows: 0 });
    },
    statement: (sql, { name = 'sql', parameters = [], ...options } = {}) => select({ name, sql, parameters }, options),
  };
}

const dollarsPerTerabyte = 5;

/** Athena bills at least 10 MB a query. */
const minimumBilled = 10_000_000;

/** Returns the price of a query that scanned these bytes, in dollars, in us-east-1. */
export function priceOfScan(bytes: number): number {
  return bytes === 0 ? 0 : (Math.max(bytes, minimumBilled) * dollarsPerTerabyte) / 1e12;
}

function toTexts(row: AthenaRow): (string | null)[] {
  return (row.Data ?? []).map(({ VarCharValue }) => VarCharValue ?? null);
}

/** At level 9, timestamps and URLs take a tenth less space than at 3, Athena's default. */
const compressionLevel = 9;

/** `s3://bucket/prefix/`. Checked because a location cannot be bound as a parameter. */
const locationPattern = /^s3:\/\/[a-z0-9.-]+\/(?:[A-Za-z0-9=_-]+\/)+$/;

function unloadStatement(sql: string, location: string): string {
  if (!locationPattern.test(location)) throw new TypeError(`"${location}" is not a folder of a bucket`);
  return `UNLOAD (${sql}) TO '${location}' WITH (format = 'PARQUET', compression = 'ZSTD', compression_level = ${compressionLevel})`;
}

import { describeSchemaError } from '#core/field-error.ts';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { JsonService } from '../aws/json-services.ts';
import { allowAll, type FindDenial } from '../iam/access.ts';
import { objectArn } from '../iam/bucket-calls.ts';
import { bindParameters } from './bind-parameters.ts';
import { createEngine } from './engine.ts';
import { AwsJsonError, QueryCancelled } from './errors.ts';
import { createGlue } from './glue.ts';
import { createQueryAccess } from './query-access.ts';
import type { ResultTable } from './results.ts';
import { parseLocation } from './table-files.ts';

export interface AthenaOptions {
  s3: S3Client;
  /** Folder for partitions and copies of lake files. */
  dataDirectory: string;
  /** The Glue database, and its tables as the `TableInput` of `AWS::Glue::Table`, references resolved. */
  database: string;
  tables: readonly unknown[];
  /** Work groups by name, as `WorkGroupConfiguration` of `AWS::Athena::WorkGroup`. */
  workGroups: Readonly<Record<string, WorkGroup>>;
  now: () => number;
}

export interface WorkGroup {
  BytesScannedCutoffPerQuery?: number | undefined;
  ResultConfiguration?: { OutputLocation?: string | undefined } | undefined;
}

export interface LocalAthena {
  /** `X-Amz-Target: AmazonAthena.<operation>` */
  AmazonAthena: JsonService;
  /** `X-Amz-Target: AWSGlue.<operation>` */
  AWSGlue: JsonService;
  workGroupOf: (executionId: string) => string | undefined;
  close: () => void;
}

interface Execution {
  id: string;
  sql: string;
  parameters: string[];
  workGroup: string;
  /** The caller's permissions, with which the query runs. */
  findDenial: FindDenial;
  state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason?: string;
  submitted: number;
  completed?: number;
  bytes: number;
  result?: ResultTable;
}

/** Implements Athena and Glue with DuckDB over the lake's files. */
export async function createAthena(options: AthenaOptions): Promise<LocalAthena> {
  const { s3, dataDirectory, database, tables, workGroups, now } = options;
  const glue = createGlue({ directory: path.join(dataDirectory, 'glue'), database, tables });
  const engine = await createEngine({ s3, glue, directory: path.join(dataDirectory, 'athena'), database });
  const executions = new Map<string, Execution>();
  const byToken = new Map<string, string>();
  // One statement at a time: DuckDB uses both cores for one, and planning redefines views.
  let last: Promise<unknown> = Promise.resolve();

  function isStopped({ state }: Execution): boolean {
    return state === 'CANCELLED';
  }

  async function execute(execution: Execution): Promise<void> {
    if (isStopped(execution)) return;
    execution.state = 'RUNNING';
    try {
      if (execution.parameters.length > 0) await engine.checkParameters(execution.sql);
      const sql = bindParameters(execution.sql, execution.parameters);
      const access = createQueryAccess(database, execution.findDenial);
      const results = resultsOf(execution);
      access.openDatabase();
      if (results) access.listObjects(results.bucket, results.prefix);
      const result = await engine.run({
        id: execution.id,
        sql,
        cutOff: workGroups[execution.workGroup]?.BytesScannedCutoffPerQuery,
        access,
        onScan: (bytes) => {
          execution.bytes = bytes;
        },
      });
      if (results) access.writeObject(results.bucket, results.key);
      if (isStopped(execution)) return;
      execution.result = result;
      execution.state = 'SUCCEEDED';
    } catch (error) {
      if (isStopped(execution)) return;
      execution.state = error instanceof QueryCancelled ? 'CANCELLED' : 'FAILED';
      execution.reason = error instanceof Error ? error.message : String(error);
    } finally {
      execution.completed = now();
    }
  }

  /** Returns where Athena writes an execution's results. We keep them in memory, but the caller needs the permissions. */
  function resultsOf({ id, workGroup }: Execution) {
    const location = workGroups[workGroup]?.ResultConfiguration?.OutputLocation;
    if (location === undefined) return undefined;
    const { bucket, prefix } = parseLocation(location);
    return { bucket, prefix, key: `${prefix}${id}.csv` };
  }

  function forget(): void {
    for (const [id, { completed }] of executions) {
      if (executions.size <= remembered) return;
      if (completed !== undefined) executions.delete(id);
    }
  }

  function find(input: unknown): Execution {
    const { QueryExecutionId } = parse(idInput, input);
    const execution = executions.get(QueryExecutionId);
    if (!execution)
      throw new AwsJsonError('InvalidRequestException', `QueryExecution ${QueryExecutionId} was not found`);
    return execution;
  }

  function start(input: unknown, findDenial: FindDenial) {
    const request = parse(startInput, input);
    if (!(request.WorkGroup in workGroups))
      throw new AwsJsonError('InvalidRequestException', `WorkGroup ${request.WorkGroup} is not found.`);
    request.ExecutionParameters.forEach((parameter) => bindParameters('?', [parameter]));
    const repeated = request.ClientRequestToken && byToken.get(request.ClientRequestToken);
    if (repeated) return { QueryExecutionId: repeated };
    const execution: Execution = {
      id: randomUUID(),
      sql: request.QueryString,
      parameters: request.ExecutionParameters,
      workGroup: request.WorkGroup,
      findDenial,
      state: 'QUEUED',
      submitted: now(),
      bytes: 0,
    };
    executions.set(execution.id, execution);
    if (request.ClientRequestToken) byToken.set(request.ClientRequestToken, execution.id);
    forget();
    last = last.then(() => execute(execution));
    return { QueryExecutionId: execution.id };
  }

  function results(input: unknown, findDenial: FindDenial) {
    const { NextToken, MaxResults } = parse(resultsInput, input);
    const execution = find(input);
    const { state, result } = execution;
    const written = resultsOf(execution);
    // GetQueryResults reads the object for its caller, says its API reference.
    const denial =
      written && findDenial([{ action: 's3:GetObject', resource: objectArn(written.bucket, written.key) }]);
    if (denial !== undefined) throw new AwsJsonError('AccessDeniedException', denial);
    if (!result)
      throw new AwsJsonError(
        'InvalidRequestException',
        `Query did not finish successfully. Final query state: ${state}`,
      );
    return pageOf(result, Number(NextToken ?? 0), MaxResults);
  }

  function stop(input: unknown) {
    const execution = find(input);
    if (execution.completed === undefined) {
      execution.state = 'CANCELLED';
      execution.reason = 'Query was cancelled by user';
      execution.completed = now();
    }
    return {};
  }

  const operations: Readonly<Record<string, (input: unknown, findDenial: FindDenial) => unknown>> = {
    StartQueryExecution: start,
    GetQueryExecution: (input) => describe(find(input), database),
    GetQueryResults: results,
    StopQueryExecution: stop,
  };

  return {
    AmazonAthena: async (operation, input, findDenial = allowAll) => {
      const run = operations[operation];
      if (!run)
        throw new AwsJsonError(
          'UnknownOperationException',
          `AmazonAthena.${operation} is not supported by the local stack`,
        );
      return run(input, findDenial);
    },
    AWSGlue: glue.handle,
    workGroupOf: (executionId) => executions.get(executionId)?.workGroup,
    close: () => engine.close(),
  };
}

const startInput = z
  .object({
    QueryString: z.string().min(1).max(262_144),
    ExecutionParameters: z.array(z.string()).default([]),
    WorkGroup: z.string().default('primary'),
    ClientRequestToken: z.string().optional(),
  })
  .loose();

const idInput = z.object({ QueryExecutionId: z.string() }).loose();

const resultsInput = idInput.extend({
  NextToken: z.string().optional(),
  MaxResults: z.int().min(1).max(1000).default(1000),
});

/** Finished queries to keep; Athena keeps them for 45 days. */
const remembered = 1000;

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new AwsJsonError('InvalidRequestException', describeSchemaError(parsed.error));
  return parsed.data;
}

/** The first page starts with the column names, as Athena's does. */
function pageOf({ columns, rows }: ResultTable, from: number, size: number) {
  const all = columns.length > 0 ? [columns.map(({ Name }) => Name), ...rows] : [];
  const page = all.slice(from, from + size);
  return {
    ResultSet: {
      Rows: page.map((row) => ({ Data: row.map((value) => (value === undefined ? {} : { VarCharValue: value })) })),
      ResultSetMetadata: { ColumnInfo: columns.map((column) => ({ ...column, CatalogName: 'hive' })) },
    },
    ...(from + size < all.length && { NextToken: String(from + size) }),
  };
}

function describe(execution: Execution, database: string) {
  return {
    QueryExecution: {
      QueryExecutionId: execution.id,
      Query: execution.sql,
      ExecutionParameters: execution.parameters,
      StatementType: 'DML',
      WorkGroup: execution.workGroup,
      QueryExecutionContext: { Database: database },
      Status: {
        State: execution.state,
        ...(execution.reason && { StateChangeReason: execution.reason }),
        SubmissionDateTime: execution.submitted / 1000,
        ...(execution.completed && { CompletionDateTime: execution.completed / 1000 }),
      },
      Statistics: {
        DataScannedInBytes: execution.bytes,
        TotalExecutionTimeInMillis: (execution.completed ?? execution.submitted) - execution.submitted,
        EngineExecutionTimeInMillis: (execution.completed ?? execution.submitted) - execution.submitted,
        ResultReuseInformation: { ReusedPreviousResult: false },
      },
    },
  };
}

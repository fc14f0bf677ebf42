import { describeSchemaError } from '#core/field-error.ts';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AwsJsonError } from './errors.ts';

const columnSchema = z.object({ Name: z.string(), Type: z.string().default('string') }).loose();

/** A Glue table as CloudFormation's `AWS::Glue::Table` declares it. */
export const tableInputSchema = z
  .object({
    Name: z.string(),
    TableType: z.string().optional(),
    Parameters: z.record(z.string(), z.string()).default({}),
    PartitionKeys: z.array(columnSchema).default([]),
    ViewOriginalText: z.string().optional(),
    StorageDescriptor: z
      .object({ Columns: z.array(columnSchema).default([]), Location: z.string().optional() })
      .loose()
      .default({ Columns: [] }),
  })
  .loose();
export type TableInput = z.infer<typeof tableInputSchema>;

const partitionInputSchema = z
  .object({
    Values: z.array(z.string()),
    StorageDescriptor: z.object({ Location: z.string() }).loose(),
    Parameters: z.record(z.string(), z.string()).optional(),
  })
  .loose();
export type PartitionInput = z.infer<typeof partitionInputSchema>;

export interface LocalGlue {
  handle: (operation: string, input: unknown) => Promise<unknown>;
  table: (name: string) => TableInput | undefined;
  partitions: (name: string) => PartitionInput[];
}

/** Returns whether a table's partitions are computed from the query instead of being registered. */
export function isProjected({ Parameters }: TableInput): boolean {
  return Parameters['projection.enabled'] === 'true' && Parameters['storage.location.template'] !== undefined;
}

/**
 * Implements Glue with the template's tables. Partitions are in one JSON file, and their changes since the start in a journal:
 * a month of hours is 3 MB, too much to write for each of them.
 */
export function createGlue(options: { directory: string; database: string; tables: readonly unknown[] }): LocalGlue {
  const tables = new Map(
    options.tables.map((table) => tableInputSchema.parse(table)).map((table) => [table.Name, table]),
  );
  const { state, append } = openJournal(options.directory);

  function keyOf(values: readonly string[]): string {
    return values.join('/');
  }
  function tableOf(database: string, name: string): TableInput {
    const table = database === options.database ? tables.get(name) : undefined;
    if (!table) throw notFound(`Entity Not Found: table ${database}.${name}`);
    return table;
  }
  function partitionsOf(input: z.infer<typeof named>): Record<string, PartitionInput> {
    tableOf(input.DatabaseName, input.TableName);
    state[input.TableName] ??= {};
    return state[input.TableName] ?? {};
  }
  function asOutput(input: z.infer<typeof named>, partition: PartitionInput) {
    return {
      ...partition,
      DatabaseName: input.DatabaseName,
      TableName: input.TableName,
    };
  }
  function put(input: z.infer<typeof named>, partition: PartitionInput): void {
    const key = keyOf(partition.Values);
    partitionsOf(input)[key] = partition;
    append({ table: input.TableName, key, partition });
  }
  function create(input: z.infer<typeof named>, partition: PartitionInput): boolean {
    const partitions = partitionsOf(input);
    if (partitions[keyOf(partition.Values)]) return false;
    put(input, partition);
    return true;
  }
  function remove(input: z.infer<typeof named>, values: readonly string[]): boolean {
    const partitions = partitionsOf(input);
    const key = keyOf(values);
    if (!(key in partitions)) return false;
    delete partitions[key];
    append({ table: input.TableName, key, partition: null });
    return true;
  }

  const operations: Record<string, (input: unknown) => unknown> = {
    GetTable: (input) => {
      const { DatabaseName, Name } = inputs.GetTable.parse(input);
      return { Table: { ...tableOf(DatabaseName, Name), DatabaseName } };
    },
    GetTables: (input) => {
      const { DatabaseName } = inputs.GetTables.parse(input);
      return { TableList: [...tables.values()].map((table) => ({ ...table, DatabaseName })) };
    },
    GetPartition: (input) => {
      const request = inputs.GetPartition.parse(input);
      const partition = partitionsOf(request)[keyOf(request.PartitionValues)];
      if (!partition) throw notFound(`Cannot find partition ${keyOf(request.PartitionValues)}`);
      return { Partition: asOutput(request, partition) };
    },
    GetPartitions: (input) => {
      const request = inputs.GetPartitions.parse(input);
      if (request.Expression)
        throw new AwsJsonError('InvalidInputException', 'Partition expressions are not supported by the local stack');
      return { Partitions: Object.values(partitionsOf(request)).map((partition) => asOutput(request, partition)) };
    },
    CreatePartition: (input) => {
      const request = inputs.CreatePartition.parse(input);
      if (!create(request, request.PartitionInput))
        throw new AwsJsonError('AlreadyExistsException', 'Partition already exists.');
      return {};
    },
    BatchCreatePartition: (input) => {
      const request = inputs.BatchCreatePartition.parse(input);
      const refused = request.PartitionInputList.filter((partition) => !create(request, partition));
      return {
        Errors: refused.map(({ Values }) => ({
          PartitionValues: Values,
          ErrorDetail: { ErrorCode: 'AlreadyExistsException', ErrorMessage: 'Partition already exists.' },
        })),
      };
    },
    UpdatePartition: (input) => {
      const request = inputs.UpdatePartition.parse(input);
      if (!remove(request, request.PartitionValueList))
        throw notFound(`Partition ${keyOf(request.PartitionValueList)} does not exist`);
      put(request, request.PartitionInput);
      return {};
    },
    DeletePartition: (input) => {
      const request = inputs.DeletePartition.parse(input);
      if (!remove(request, request.PartitionValues))
        throw notFound(`Partition ${keyOf(request.PartitionValues)} does not exist`);
      return {};
    },
    BatchDeletePartition: (input) => {
      const request = inputs.BatchDeletePartition.parse(input);
      for (const { Values } of request.PartitionsToDelete) remove(request, Values);
      return { Errors: [] };
    },
  };

  return {
    table: (name) => tables.get(name),
    partitions: (name) => Object.values(state[name] ?? {}),
    handle: async (operation, input) => {
      const run = operations[operation];
      if (!run)
        throw new AwsJsonError('UnknownOperationException', `AWSGlue.${operation} is not supported by the local stack`);
      try {
        return run(input);
      } catch (cause) {
        if (cause instanceof z.ZodError) throw new AwsJsonError('InvalidInputException', describeSchemaError(cause));
        throw cause;
      }
    },
  };
}

const stateSchema = z.record(z.string(), z.record(z.string(), partitionInputSchema));
type State = z.infer<typeof stateSchema>;

const changeSchema = z.object({
  table: z.string(),
  key: z.string(),
  /** Null if it was removed. */
  partition: partitionInputSchema.nullable(),
});
type Change = z.infer<typeof changeSchema>;

/** Reads the partitions by table and key, and returns what notes a change. */
function openJournal(directory: string): { state: State; append: (change: Change) => void } {
  const file = path.join(directory, 'partitions.json');
  const journal = path.join(directory, 'partitions.jsonl');
  mkdirSync(directory, { recursive: true });
  const state = existsSync(file) ? stateSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
  if (existsSync(journal)) {
    for (const change of readFileSync(journal, 'utf8').split('\n').flatMap(parseChange)) apply(state, change);
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
    rmSync(journal);
  }
  return { state, append: (change) => appendFileSync(journal, `${JSON.stringify(change)}\n`) };
}

/** Returns nothing for a line that was cut off, of which no caller has heard. */
function parseChange(line: string): Change[] {
  try {
    return [changeSchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

function apply(state: State, { table, key, partition }: Change): void {
  const partitions = (state[table] ??= {});
  if (partition) partitions[key] = partition;
  else delete partitions[key];
}

const named = z.object({ DatabaseName: z.string(), TableName: z.string() }).loose();

const inputs = {
  GetTable: z.object({ DatabaseName: z.string(), Name: z.string() }).loose(),
  GetTables: z.object({ DatabaseName: z.string() }).loose(),
  GetPartition: named.extend({ PartitionValues: z.array(z.string()) }),
  GetPartitions: named.extend({ Expression: z.string().optional() }),
  CreatePartition: named.extend({ PartitionInput: partitionInputSchema }),
  BatchCreatePartition: named.extend({ PartitionInputList: z.array(partitionInputSchema) }),
  UpdatePartition: named.extend({ PartitionValueList: z.array(z.string()), PartitionInput: partitionInputSchema }),
  DeletePartition: named.extend({ PartitionValues: z.array(z.string()) }),
  BatchDeletePartition: named.extend({ PartitionsToDelete: z.array(z.object({ Values: z.array(z.string()) })) }),
};

function notFound(what: string) {
  return new AwsJsonError('EntityNotFoundException', what);
}

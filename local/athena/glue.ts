import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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

/** Implements Glue with the template's tables, and stores partitions in one JSON file, replaced atomically. */
export function createGlue(options: { directory: string; database: string; tables: readonly unknown[] }): LocalGlue {
  const file = path.join(options.directory, 'partitions.json');
  const tables = new Map(
    options.tables.map((table) => tableInputSchema.parse(table)).map((table) => [table.Name, table]),
  );
  const state = existsSync(file) ? stateSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};

  function save(): void {
    mkdirSync(options.directory, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  }
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
  function create(input: z.infer<typeof named>, partition: PartitionInput): boolean {
    const partitions = partitionsOf(input);
    if (partitions[keyOf(partition.Values)]) return false;
    partitions[keyOf(partition.Values)] = partition;
    return true;
  }
  function remove(input: z.infer<typeof named>, values: readonly string[]): boolean {
    const partitions = partitionsOf(input);
    const existed = keyOf(values) in partitions;
    delete partitions[keyOf(values)];
    return existed;
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
      save();
      return {};
    },
    BatchCreatePartition: (input) => {
      const request = inputs.BatchCreatePartition.parse(input);
      const refused = request.PartitionInputList.filter((partition) => !create(request, partition));
      save();
      return {
        Errors: refused.map(({ Values }) => ({
          PartitionValues: Values,
          ErrorDetail: { ErrorCode: 'AlreadyExistsException', ErrorMessage: 'Partition already exists.' },
        })),
      };
    },
    UpdatePartition: (input) => {
      const request = inputs.UpdatePartition.parse(input);
      const partitions = partitionsOf(request);
      const key = keyOf(request.PartitionValueList);
      if (!partitions[key]) throw notFound(`Partition ${key} does not exist`);
      delete partitions[key];
      partitions[keyOf(request.PartitionInput.Values)] = request.PartitionInput;
      save();
      return {};
    },
    DeletePartition: (input) => {
      const request = inputs.DeletePartition.parse(input);
      if (!remove(request, request.PartitionValues))
        throw notFound(`Partition ${keyOf(request.PartitionValues)} does not exist`);
      save();
      return {};
    },
    BatchDeletePartition: (input) => {
      const request = inputs.BatchDeletePartition.parse(input);
      for (const { Values } of request.PartitionsToDelete) remove(request, Values);
      save();
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
        if (cause instanceof z.ZodError) throw new AwsJsonError('InvalidInputException', z.prettifyError(cause));
        throw cause;
      }
    },
  };
}

const stateSchema = z.record(z.string(), z.record(z.string(), partitionInputSchema));

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

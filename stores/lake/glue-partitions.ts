import {
  BatchCreatePartitionCommand,
  CreatePartitionCommand,
  DeletePartitionCommand,
  EntityNotFoundException,
  GetPartitionCommand,
  GetTableCommand,
  type GlueClient,
  type StorageDescriptor,
  UpdatePartitionCommand,
} from '@aws-sdk/client-glue';
import { StoreUnavailable } from '../errors.ts';

/** Points partitions of the settled tables to folders. */
export interface Partitions {
  /** Points a partition to a folder in one update, so that readers see either the old run or the new one. */
  point: (table: string, values: readonly string[], location: string) => Promise<void>;
  /** Returns the partition's folder, or undefined if it does not exist. */
  location: (table: string, values: readonly string[]) => Promise<string | undefined>;
  /** Points up to 100 partitions that do not exist yet; leaves alone those that do. */
  create: (table: string, partitions: readonly { values: readonly string[]; location: string }[]) => Promise<void>;
  remove: (table: string, values: readonly string[]) => Promise<void>;
}

export function createPartitions({ client, database }: { client: GlueClient; database: string }): Partitions {
  const descriptors = new Map<string, StorageDescriptor>();

  /** Reads the table's columns and format, because each partition needs a copy. */
  async function readDescriptor(table: string): Promise<StorageDescriptor> {
    const known = descriptors.get(table);
    if (known) return known;
    const { Table } = await client.send(new GetTableCommand({ DatabaseName: database, Name: table }));
    const descriptor = Table?.StorageDescriptor ?? {};
    descriptors.set(table, descriptor);
    return descriptor;
  }

  async function find(table: string, values: readonly string[]): Promise<string | undefined> {
    try {
      const { Partition } = await client.send(
        new GetPartitionCommand({ DatabaseName: database, TableName: table, PartitionValues: [...values] }),
      );
      return Partition?.StorageDescriptor?.Location;
    } catch (error) {
      if (error instanceof EntityNotFoundException) return undefined;
      throw error;
    }
  }

  async function guard<T>(table: string, values: readonly string[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new StoreUnavailable(`Glue did not update ${table} ${values.join('/')}`, { cause });
    }
  }

  return {
    location: (table, values) => guard(table, values, () => find(table, values)),
    point: (table, values, location) =>
      guard(table, values, async () => {
        const present = await find(table, values);
        if (present === location) return;
        const PartitionInput = {
          Values: [...values],
          StorageDescriptor: { ...(await readDescriptor(table)), Location: location },
        };
        const target = { DatabaseName: database, TableName: table, PartitionInput };
        await (present === undefined
          ? client.send(new CreatePartitionCommand(target))
          : client.send(new UpdatePartitionCommand({ ...target, PartitionValueList: [...values] })));
      }),
    create: (table, partitions) =>
      guard(table, partitions[0]?.values ?? [], async () => {
        if (partitions.length === 0) return;
        const descriptor = await readDescriptor(table);
        const PartitionInputList = partitions.map(({ values, location }) => ({
          Values: [...values],
          StorageDescriptor: { ...descriptor, Location: location },
        }));
        await client.send(
          new BatchCreatePartitionCommand({ DatabaseName: database, TableName: table, PartitionInputList }),
        );
      }),
    remove: (table, values) =>
      guard(table, values, async () => {
        if ((await find(table, values)) === undefined) return;
        await client.send(
          new DeletePartitionCommand({ DatabaseName: database, TableName: table, PartitionValues: [...values] }),
        );
      }),
  };
}

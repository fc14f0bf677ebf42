import { GetPartitionsCommand } from '@aws-sdk/client-glue';
import { glueColumns } from '../../schemas/event.ts';
import { rawPrefix } from '../../schemas/lake-keys.ts';
import { eventsView, type LakeColumn, type SettledTable, settledTables } from '../../schemas/lake-tables.ts';
import { bucket, database } from '../../test/lake/start-lake.ts';
import type { World } from '../../test/lake/settle-world.ts';
import type { Trino } from './server.ts';

/** Declares the lake's tables in Trino, with the partitions that the local Glue has or would project. */
export async function createTables({ lake }: World, trino: Trino): Promise<void> {
  await trino.rows(`CREATE SCHEMA ${database}`);
  const { partitionKeys } = settledTables.events;
  const raw = { name: 'raw_events', description: '', prefix: rawPrefix, columns: glueColumns(), partitionKeys };
  for (const table of [raw, settledTables.runs]) {
    await trino.rows(declare(table));
    await trino.rows(`CALL hive.system.sync_partition_metadata('${database}', '${table.name}', 'FULL')`);
  }
  const { events, traffic, audience, links } = settledTables;
  for (const table of [events, traffic, audience, links]) {
    await trino.rows(declare(table));
    const { Partitions = [] } = await lake.glue.send(
      new GetPartitionsCommand({ DatabaseName: database, TableName: table.name }),
    );
    for (const { Values = [], StorageDescriptor } of Partitions)
      await trino.rows(
        `CALL hive.system.register_partition('${database}', '${table.name}', ${list(table.partitionKeys.map(({ name }) => name))}, ${list(Values)}, '${StorageDescriptor?.Location ?? ''}')`,
      );
  }
  await trino.rows(`CREATE VIEW ${eventsView.name} AS ${eventsView.sql}`);
}

const trinoTypes: Readonly<Record<string, string>> = { string: 'varchar', int: 'integer', float: 'real' };

function declare({ name, prefix, columns, partitionKeys }: SettledTable): string {
  const declared = [...columns, ...partitionKeys].map(
    (column: LakeColumn) => `"${column.name}" ${trinoTypes[column.type] ?? column.type}`,
  );
  const keys = list(partitionKeys.map((key) => key.name));
  return `CREATE TABLE ${name} (${declared.join(', ')}) WITH (format = 'PARQUET', external_location = 's3://${bucket}/${prefix}', partitioned_by = ${keys})`;
}

function list(values: readonly string[]): string {
  return `ARRAY[${values.map((value) => `'${value}'`).join(', ')}]`;
}

import { Stack } from 'aws-cdk-lib';
import type { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { eventsView, settledTables } from '#schemas/lake-tables.ts';
import { catalogPartitions } from '#schemas/tables.ts';
import { type Lake, resultsPrefix } from './lake.ts';
import type { AnySourceFunction } from '../constructs/source-function.ts';
import type { Tables } from '../tables.ts';

export interface LakeQueriesProps {
  readonly tables: Tables;
  readonly lake: Lake;
  readonly workGroup: CfnWorkGroup;
  /** Glue tables that the queries may name. */
  readonly glueTables: readonly string[];
  /** Prefix of the work group's results. @default - the results of every work group */
  readonly results?: string;
}

/** Every table and view of the lake's database. */
export const lakeTableNames = ['raw_events', eventsView.name, ...Object.values(settledTables).map(({ name }) => name)];

export const runQueries = ['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'].map(
  (action) => `athena:${action}`,
);

export const readPartitions = ['GetDatabase', 'GetTable', 'GetTables', 'GetPartition', 'GetPartitions'].map(
  (action) => `glue:${action}`,
);

export const writePartitions = ['CreatePartition', 'UpdatePartition', 'DeletePartition'].map(
  (action) => `glue:${action}`,
);

/** Grants Athena queries in one work group, and the record of what they cost; not the tables' objects. */
export function grantLakeQueries(reader: AnySourceFunction, props: LakeQueriesProps): void {
  const { tables, lake, workGroup, glueTables, results = resultsPrefix } = props;
  reader.allow(runQueries, [workGroupArn(workGroup)]);
  reader.allow(readPartitions, glueArns(lake, glueTables));
  reader.allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.bucket.bucketArn]);
  reader.allowObjects(['s3:GetObject', 's3:PutObject'], lake.bucket, results);
  reader.allowItems(['UpdateItem'], tables.catalog, [catalogPartitions.queryCosts]);
}

export function workGroupArn(group: CfnWorkGroup): string {
  return Stack.of(group).formatArn({ service: 'athena', resource: 'workgroup', resourceName: group.ref });
}

/** Returns the ARNs of the Glue catalog, the lake's database and these tables. */
export function glueArns(lake: Lake, tables: readonly string[]): string[] {
  const stack = Stack.of(lake);
  return [
    stack.formatArn({ service: 'glue', resource: 'catalog' }),
    stack.formatArn({ service: 'glue', resource: 'database', resourceName: lake.database.ref }),
    ...tables.map((name) =>
      stack.formatArn({ service: 'glue', resource: 'table', resourceName: `${lake.database.ref}/${name}` }),
    ),
  ];
}

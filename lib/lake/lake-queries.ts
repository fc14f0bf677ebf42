import { ArnFormat, Stack } from 'aws-cdk-lib';
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

/** What Athena does with the objects of results besides reading and writing them (its user guide, managed policies). */
export const uploadParts = ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];

/** What Athena asks of a bucket that it reads or writes. */
export const readBucket = ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'];

/** Grants Athena queries in one work group, and the record of what they cost; not the tables' objects. */
export function grantLakeQueries(reader: AnySourceFunction, props: LakeQueriesProps): void {
  const { tables, lake, workGroup, glueTables, results = resultsPrefix } = props;
  reader.allow(runQueries, [workGroupArn(workGroup)]);
  reader.allow(readPartitions, glueArns(lake, glueTables));
  reader.allow(['glue:GetDatabase'], defaultDatabaseArns(lake));
  reader.allow(readBucket, [lake.bucket.bucketArn]);
  reader.allowObjects(['s3:GetObject', 's3:PutObject', ...uploadParts], lake.bucket, results);
  reader.allowItems(['UpdateItem'], tables.catalog, [catalogPartitions.queryCosts]);
}

export function workGroupArn(group: CfnWorkGroup): string {
  return Stack.of(group).formatArn({ service: 'athena', resource: 'workgroup', resourceName: group.ref });
}

/** Athena reads the database `default` before any other (its user guide: access to databases and tables in Glue). */
export function defaultDatabaseArns(lake: Lake): string[] {
  return ['catalog', 'database/default'].map((resource) =>
    Stack.of(lake).formatArn({ service: 'glue', resource, arnFormat: ArnFormat.NO_RESOURCE_NAME }),
  );
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

import type { FindDenial } from '../iam/access.ts';
import { listCall, objectArn } from '../iam/bucket-calls.ts';
import type { Call } from '../iam/policy.ts';
import { glueCalls } from '../iam/service-calls.ts';
import { QueryFailed } from './errors.ts';
import { isProjected, type TableInput } from './glue.ts';

/**
 * What Athena does with the permissions of its caller. Each operation throws {@link QueryFailed} if the caller has none:
 * https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html
 */
export interface QueryAccess {
  openDatabase: () => void;
  readTable: (table: TableInput) => void;
  listObjects: (bucket: string, prefix: string) => void;
  readObject: (bucket: string, key: string) => void;
  writeObject: (bucket: string, key: string) => void;
}

export function createQueryAccess(database: string, findDenial: FindDenial): QueryAccess {
  function demand(calls: readonly Call[], reason: (denial: string) => string): void {
    const denial = findDenial(calls);
    if (denial !== undefined) throw new QueryFailed(reason(denial));
  }

  function demandGlue(calls: readonly Call[]): void {
    demand(calls, (denial) => `Insufficient permissions to execute the query. ${denial}`);
  }

  function demandObjects(calls: readonly Call[], bucket: string, path: string): void {
    demand(calls, (denial) => `PERMISSION_DENIED: Permission denied on S3 path: s3://${bucket}/${path} (${denial})`);
  }

  return {
    // Athena opens `default` first (its user guide: access to databases and tables in Glue).
    openDatabase: () => ['default', database].forEach((name) => demandGlue(glueCalls('GetDatabase', name))),
    readTable: (table) => {
      demandGlue(glueCalls('GetTable', database, table.Name));
      if (table.PartitionKeys.length > 0 && !isProjected(table))
        demandGlue(glueCalls('GetPartitions', database, table.Name));
    },
    listObjects: (bucket, prefix) => {
      const location = { action: 's3:GetBucketLocation', resource: `arn:aws:s3:::${bucket}` };
      demandObjects([location, listCall(bucket, prefix)], bucket, prefix);
    },
    readObject: (bucket, key) =>
      demandObjects([{ action: 's3:GetObject', resource: objectArn(bucket, key) }], bucket, key),
    writeObject: (bucket, key) =>
      demand(
        [{ action: 's3:PutObject', resource: objectArn(bucket, key) }],
        (denial) => `Access denied when writing output to url: s3://${bucket}/${key} (${denial})`,
      ),
  };
}

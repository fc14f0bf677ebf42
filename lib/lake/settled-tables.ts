import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { settledPrefix } from '#schemas/lake-keys.ts';
import { eventsView, prestoView, type SettledTable, settledTables } from '#schemas/lake-tables.ts';
import { acknowledgeBelow } from '../constructs/acknowledge.ts';
import { type Lake, parquet, resultsPrefix } from './lake.ts';
import { glueArns, lakeTableNames, readPartitions, runQueries, workGroupArn } from './lake-queries.ts';

/** Glue tables of the settled data, the `events` view over raw and settled events, and a role for analysts. */
export class SettledTables extends Construct {
  readonly analyst: Role;

  constructor(scope: Construct, id: string, lake: Lake) {
    super(scope, id);
    for (const [name, table] of Object.entries(settledTables)) this.createTable(lake, name, table);
    this.createView(lake);
    this.analyst = this.createAnalyst(lake);
  }

  private createTable(lake: Lake, name: string, table: SettledTable): void {
    const location = `s3://${lake.bucket.bucketName}/${table.prefix}`;
    const created = new CfnTable(this, `Table-${name}`, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: lake.database.ref,
      tableInput: {
        name: table.name,
        description: table.description,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [...table.partitionKeys],
        storageDescriptor: { ...parquet, columns: [...table.columns], location },
        parameters: { classification: 'parquet', ...(table.projected && projection(table, location)) },
      },
    });
    created.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  private createView(lake: Lake): void {
    const view = new CfnTable(this, 'View-events', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: lake.database.ref,
      tableInput: {
        name: eventsView.name,
        description: eventsView.description,
        tableType: 'VIRTUAL_VIEW',
        parameters: { presto_view: 'true', comment: 'Presto View' },
        partitionKeys: [],
        storageDescriptor: { columns: [...eventsView.columns], location: '', serdeInfo: {} },
        // The definition is base64 text, so it cannot hold a reference: it needs the database's name at synth.
        viewOriginalText: prestoView(Stack.of(this).stackName.toLowerCase().replaceAll('-', '_'), eventsView),
        viewExpandedText: '/* Presto View */',
      },
    });
    view.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  /** Reads the settled tables, not the raw files, through the interactive work group, which limits what a query scans. */
  private createAnalyst(lake: Lake): Role {
    const role = new Role(this, 'Analyst', {
      description: 'Reads the settled tables of Hopcount with Athena',
      assumedBy: new AccountRootPrincipal(),
    });
    function allow(actions: string[], resources: string[]) {
      return role.addToPolicy(new PolicyStatement({ actions, resources }));
    }
    allow(runQueries, [workGroupArn(lake.interactive)]);
    allow(readPartitions, glueArns(lake, lakeTableNames));
    allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.bucket.bucketArn]);
    const results = `${resultsPrefix}interactive/`;
    allow(['s3:GetObject'], [lake.bucket.arnForObjects(`${settledPrefix}*`)]);
    allow(['s3:GetObject', 's3:PutObject'], [lake.bucket.arnForObjects(`${results}*`)]);
    for (const prefix of [settledPrefix, results])
      acknowledgeBelow(role, lake.bucket.node.defaultChild as CfnBucket, `/${prefix}*`, 'objects below one prefix');
    return role;
  }
}

function projection({ projected }: SettledTable, location: string): Record<string, string> {
  return {
    'projection.enabled': 'true',
    'projection.dt.type': 'injected',
    'projection.hr.type': 'injected',
    'projection.run.type': 'injected',
    'storage.location.template': `${location}${projected ?? ''}`,
  };
}

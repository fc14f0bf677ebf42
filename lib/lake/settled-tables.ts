import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { rawPrefix, settledPrefix } from '#schemas/lake-keys.ts';
import { eventsView, prestoView, type SettledTable, settledTables } from '#schemas/lake-tables.ts';
import { acknowledge, acknowledgeBelow } from '../constructs/acknowledge.ts';
import { type Lake, parquet, resultsPrefix } from './lake.ts';
import {
  defaultDatabaseArns,
  glueArns,
  lakeTableNames,
  readBucket,
  readPartitions,
  runQueries,
  uploadParts,
  workGroupArn,
} from './lake-queries.ts';

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
    created.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
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
    view.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }

  /**
   * Reads every table, in Athena's console too, through the interactive work group, which limits what a query scans. Failed
   * events and exports are out of its reach.
   */
  private createAnalyst(lake: Lake): Role {
    const role = new Role(this, 'Analyst', {
      description: 'Reads the events and tables of Hopcount with Athena',
      assumedBy: new AccountRootPrincipal(),
    });
    function allow(actions: string[], resources: string[]) {
      return role.addToPolicy(new PolicyStatement({ actions, resources }));
    }
    allow([...runQueries, ...consoleWorkGroup], [workGroupArn(lake.interactive)]);
    allow(consoleCatalog, [this.dataCatalogArn()]);
    // These have no resource that could be named.
    allow(consoleLists, ['*']);
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', "Athena's console lists work groups and data sources");
    allow([...readPartitions, 'glue:GetDatabases'], glueArns(lake, lakeTableNames));
    allow(['glue:GetDatabase', 'glue:GetDatabases'], defaultDatabaseArns(lake));
    allow(readBucket, [lake.bucket.bucketArn]);
    const results = `${resultsPrefix}interactive/`;
    for (const prefix of [settledPrefix, rawPrefix]) allow(['s3:GetObject'], [lake.bucket.arnForObjects(`${prefix}*`)]);
    allow(['s3:GetObject', 's3:PutObject', ...uploadParts], [lake.bucket.arnForObjects(`${results}*`)]);
    for (const prefix of [settledPrefix, rawPrefix, results])
      acknowledgeBelow(role, lake.bucket.node.defaultChild as CfnBucket, `/${prefix}*`, 'objects below one prefix');
    return role;
  }

  private dataCatalogArn(): string {
    return Stack.of(this).formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' });
  }
}

// What the query editor of Athena's console needs besides queries (Service Authorization Reference, Amazon Athena).
const consoleWorkGroup = [
  'GetWorkGroup',
  'ListQueryExecutions',
  'BatchGetQueryExecution',
  'GetQueryResultsStream',
  'GetQueryRuntimeStatistics',
  'ListNamedQueries',
  'BatchGetNamedQuery',
  'GetNamedQuery',
  'CreateNamedQuery',
  'DeleteNamedQuery',
].map((action) => `athena:${action}`);
const consoleCatalog = ['GetDataCatalog', 'GetDatabase', 'ListDatabases', 'GetTableMetadata', 'ListTableMetadata'].map(
  (action) => `athena:${action}`,
);
const consoleLists = ['athena:ListWorkGroups', 'athena:ListDataCatalogs', 'athena:ListEngineVersions'];

function projection({ projected }: SettledTable, location: string): Record<string, string> {
  return {
    'projection.enabled': 'true',
    'projection.dt.type': 'injected',
    'projection.hr.type': 'injected',
    'projection.run.type': 'injected',
    'storage.location.template': `${location}${projected ?? ''}`,
  };
}

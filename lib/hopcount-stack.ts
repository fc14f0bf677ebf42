import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { StackOutputs } from '#schemas/stack-outputs.ts';
import { Alerts } from './alerts.ts';
import { Api } from './api.ts';
import type { Configuration } from './configuration.ts';
import { Dashboard } from './dashboard/dashboard.ts';
import { Edge } from './edge/edge.ts';
import { EdgeFunctions } from './edge/edge-functions.ts';
import { firstAdminCommand } from './first-admin.ts';
import { Identity } from './identity.ts';
import { enrichTimeout, Ingest } from './ingest.ts';
import { Jobs } from './jobs.ts';
import { Lake } from './lake.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { CloudWatchDashboard } from './monitoring/cloudwatch-dashboard.ts';
import { Rollups, rollupTimeout } from './rollups.ts';
import { Settle } from './settle.ts';
import { Tables } from './tables.ts';
import { WorkQueue } from './constructs/work-queue.ts';

export interface HopcountStackProps extends StackProps {
  readonly configuration: Configuration;
}

/** All of Hopcount, in one account and region. */
export class HopcountStack extends Stack {
  constructor(scope: Construct, id: string, { configuration, ...props }: HopcountStackProps) {
    super(scope, id, { description: 'Hopcount: link and page analytics', ...props });
    const tables = new Tables(this, 'Tables', configuration);
    const clicks = new WorkQueue(this, 'Clicks', { consumerTimeout: enrichTimeout, receives: 5 });
    const files = new WorkQueue(this, 'Files', { consumerTimeout: rollupTimeout, receives: 10 });
    const lake = new Lake(this, 'Lake', {
      files,
      from: configuration.lakeFrom,
      hotDays: configuration.hotDays,
      queryMegabytes: configuration.queryMegabytes,
    });
    const { enrich } = new Ingest(this, 'Ingest', { clicks, tables, lake, configuration });
    const { rollup } = new Rollups(this, 'Rollups', { files, tables, lake, configuration });
    const entrance = new EdgeFunctions(this, 'Entrance', { tables, clicks, configuration });
    const { redirect, collect, httpApi, originSecret } = entrance;
    const dashboard = new Dashboard(this, 'Dashboard');
    const { site } = dashboard;
    const edge = new Edge(this, 'Edge', { redirect: entrance.redirectUrl, httpApi, originSecret, site, configuration });
    const identity = new Identity(this, 'Identity', { url: edge.url, configuration });
    dashboard.publish({ issuer: identity.issuer, clientId: identity.audience });
    const { receipts, salts, canary } = new Jobs(this, 'Jobs', { tables, entrance, url: edge.url, configuration });
    const lakeJobs = new Settle(this, 'Settle', { tables, lake, clicks, files, configuration });
    const { settle, retention, erase, export: exporter } = lakeJobs;
    const alerts = new Alerts(this, 'Alerts', { tables, lake, httpApi, url: edge.url, configuration });
    const { api } = new Api(this, 'Api', {
      httpApi,
      tables,
      lake,
      exporter,
      erase,
      identity,
      configuration,
      sender: alerts.sender,
      url: edge.url,
    });
    const lakeFunctions = [settle, retention, erase, exporter];
    const watched = {
      functions: [
        redirect,
        collect,
        enrich,
        rollup,
        receipts,
        salts,
        canary,
        api,
        ...lakeFunctions,
        ...alerts.functions,
      ],
      queues: { clicks, files },
    };
    new CloudWatchDashboard(this, 'Overview', { ...watched, redirect });
    new Monitoring(this, 'Monitoring', {
      ...watched,
      senders: { redirect: redirect.logs, collect: collect.logs },
      interactive: lake.interactive,
      configuration,
    });

    this.publish({
      Url: edge.url,
      CatalogTable: tables.catalog.tableName,
      RollupsTable: tables.rollups.tableName,
      CacheTable: tables.cache.tableName,
      LakeBucket: lake.bucket.bucketName,
      ClickQueueUrl: clicks.queue.queueUrl,
      ClickDeadLetterQueueUrl: clicks.deadLetters.queueUrl,
      FilesQueueUrl: files.queue.queueUrl,
      FilesDeadLetterQueueUrl: files.deadLetters.queueUrl,
      RedirectLogGroup: redirect.logs.logGroupName,
      CollectLogGroup: collect.logs.logGroupName,
      EnrichFunction: enrich.lambda.functionName,
      RollupFunction: rollup.lambda.functionName,
      ReceiptsFunction: receipts.lambda.functionName,
      SettleFunction: settle.lambda.functionName,
      RetentionFunction: retention.lambda.functionName,
      EraseFunction: erase.lambda.functionName,
      ExportFunction: exporter.lambda.functionName,
      AlertsFunction: alerts.alerts.lambda.functionName,
      GlueDatabase: lake.database.ref,
      InteractiveWorkGroup: lake.interactive.ref,
      JobsWorkGroup: lake.jobs.ref,
      IdentityIssuer: identity.issuer,
      IdentityAudience: identity.audience,
    });
    this.explain(edge, identity, tables.catalog, configuration.domainName);
  }

  /** For the reader of the deploy's last lines. */
  private explain(edge: Edge, identity: Identity, catalog: Table, domainName?: string): void {
    const target = edge.distribution.distributionDomainName;
    if (domainName) new CfnOutput(this, 'DnsRecords', { value: `${domainName}. CNAME ${target}.` });
    new CfnOutput(this, 'FirstAdminCommand', { value: firstAdminCommand(identity.userPool, catalog, this.region) });
  }

  private publish(outputs: StackOutputs): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

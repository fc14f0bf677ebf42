import { CfnOutput, Fn, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { formatLinkDomains } from '#schemas/settings/link-domains.ts';
import type { StackOutputs } from '#schemas/stack-outputs.ts';
import { Alerts } from './alerts.ts';
import { Api } from './api.ts';
import type { Configuration } from './configuration.ts';
import { StaticSite } from './dashboard/static-site.ts';
import { Cdn } from './edge/cdn.ts';
import { EdgeFunctions } from './edge/edge-functions.ts';
import { firstAdminCommand } from './first-admin.ts';
import { Identity } from './identity.ts';
import { Enrich, enrichTimeout } from './enrich.ts';
import { EdgeJobs } from './edge/edge-jobs.ts';
import { Lake } from './lake/lake.ts';
import { Pulls } from './pulls.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { costTag } from './names.ts';
import { createJobFailures } from './monitoring/job-failures.ts';
import { CloudWatchDashboard } from './monitoring/cloudwatch-dashboard.ts';
import { Rollup, rollupTimeout } from './rollup.ts';
import { StagedRollout } from './edge/staged-rollout.ts';
import { LakeJobs } from './lake/lake-jobs.ts';
import { SettledTables } from './lake/settled-tables.ts';
import { Tables } from './tables.ts';
import { WorkQueue } from './constructs/work-queue.ts';

export interface HopcountStackProps extends StackProps {
  readonly configuration: Configuration;
}

/**
 * All of Hopcount, in one account and region. Construct ids are older than the names of some classes: they are part of the
 * logical ids, and a table or queue under a new id would be a new, empty one.
 */
export class HopcountStack extends Stack {
  constructor(scope: Construct, id: string, { configuration, ...props }: HopcountStackProps) {
    super(scope, id, { description: 'Hopcount: link and page analytics', ...props });
    Tags.of(this).add(costTag, this.stackName);
    const tables = new Tables(this, 'Tables', configuration);
    const clicks = new WorkQueue(this, 'Clicks', { consumerTimeout: enrichTimeout, receives: 5 });
    const files = new WorkQueue(this, 'Files', { consumerTimeout: rollupTimeout, receives: 10 });
    const lake = new Lake(this, 'Lake', {
      files,
      from: configuration.lakeFrom,
      hotDays: configuration.hotDays,
      queryMegabytes: configuration.queryMegabytes,
      adopt: configuration.adopt,
    });
    new SettledTables(this, 'Settle', lake);
    const edgeFunctions = new EdgeFunctions(this, 'Entrance', { tables, clicks, configuration });
    const { redirect, collect, httpApi, originSecret, redirectUrl, redirectAlias } = edgeFunctions;
    const { rollup } = new Rollup(this, 'Rollups', { files, tables, lake, configuration });
    const staticSite = new StaticSite(this, 'Dashboard');
    const { site } = staticSite;
    const cdn = new Cdn(this, 'Edge', {
      redirect: redirectUrl,
      redirectAlias,
      httpApi,
      originSecret,
      site,
      uploads: lake.bucket,
      configuration,
    });
    const { url } = cdn;
    const { enrich } = new Enrich(this, 'Ingest', { clicks, tables, lake, url, configuration });
    const identity = new Identity(this, 'Identity', { url, configuration });
    staticSite.publishDashboard({
      issuer: identity.issuer,
      clientId: identity.audience,
      // One value of the template: the local stack replaces addresses with their scheme.
      url: Fn.join('', [url]),
    });
    const jobFailures = createJobFailures(this);
    const edgeJobs = new EdgeJobs(this, 'Jobs', { tables, edgeFunctions, url, jobFailures, configuration });
    const { receipts, salts, canary } = edgeJobs;
    const lakeJobs = new LakeJobs(this, 'LakeJobs', { tables, lake, clicks, files, jobFailures, url, configuration });
    const { settle, retention, erase, export: exporter, import: importer } = lakeJobs;
    const { alerts, mailFeedback, mailSecret, mailing } = new Alerts(this, 'Alerts', {
      tables,
      lake,
      httpApi,
      originSecret,
      url,
      jobFailures,
      configuration,
    });
    const { pull } = new Pulls(this, 'Pulls', {
      tables,
      lake,
      importer,
      secret: mailSecret,
      url,
      jobFailures,
      configuration,
    });
    const { api } = new Api(this, 'Api', {
      httpApi,
      originSecret,
      tables,
      lake,
      site,
      exporter,
      importer,
      pull,
      erase,
      alerts,
      mailSecret,
      identity,
      configuration,
      mailing,
      url,
    });

    const jobs = [receipts, salts, canary, settle, retention, erase, exporter, importer, pull, alerts, mailFeedback];
    for (const job of jobs) job.keepFailures(jobFailures);
    const functions = [redirect, collect, enrich, rollup, api, ...jobs];
    const queues = { clicks, files };
    new CloudWatchDashboard(this, 'Overview', { redirect, receipts, canary, functions, queues });
    const { topics, alarms } = new Monitoring(this, 'Monitoring', {
      redirect,
      collect,
      api,
      httpApi,
      queues,
      jobFailures,
      mails: mailing !== undefined,
      interactive: lake.interactive,
      configuration,
    });
    if (configuration.stagedRollout) new StagedRollout(this, 'Rollout', redirectAlias, alarms);

    this.publish({
      Url: url,
      IgnoreCase: String(configuration.ignoreCase),
      LinkDomains: formatLinkDomains(configuration.linkDomains),
      CatalogTable: tables.catalog.tableName,
      RollupsTable: tables.rollups.tableName,
      CacheTable: tables.cache.tableName,
      LakeBucket: lake.bucket.bucketName,
      ClickQueueUrl: clicks.queue.queueUrl,
      ClickDeadLetterQueueUrl: clicks.deadLetters.queueUrl,
      FilesQueueUrl: files.queue.queueUrl,
      FilesDeadLetterQueueUrl: files.deadLetters.queueUrl,
      JobFailuresQueueUrl: jobFailures.queueUrl,
      RedirectLogGroup: redirect.logs.logGroupName,
      CollectLogGroup: collect.logs.logGroupName,
      EnrichFunction: enrich.lambda.functionName,
      RollupFunction: rollup.lambda.functionName,
      ReceiptsFunction: receipts.lambda.functionName,
      SettleFunction: settle.lambda.functionName,
      RetentionFunction: retention.lambda.functionName,
      EraseFunction: erase.lambda.functionName,
      ExportFunction: exporter.lambda.functionName,
      ImportFunction: importer.lambda.functionName,
      PullFunction: pull.lambda.functionName,
      AlertsFunction: alerts.lambda.functionName,
      GlueDatabase: lake.database.ref,
      InteractiveWorkGroup: lake.interactive.ref,
      JobsWorkGroup: lake.jobs.ref,
      IdentityIssuer: identity.issuer,
      IdentityAudience: identity.audience,
    });
    new CfnOutput(this, 'HighAlarmsTopic', {
      description: 'SNS topic of alarms that need someone now',
      value: topics.high.topicArn,
    });
    new CfnOutput(this, 'LowAlarmsTopic', {
      description: 'SNS topic of alarms that can wait for a working day',
      value: topics.low.topicArn,
    });
    this.explainRecords(cdn, configuration);
    this.explainNextSteps(identity, tables.catalog);
  }

  private publish(outputs: StackOutputs): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  /** Of the domains without a hosted zone, whose records you create. */
  private explainRecords({ distribution }: Cdn, { domainName, hostedZoneId, linkDomains }: Configuration): void {
    const domains = [...(domainName ? [{ name: domainName, hostedZoneId }] : []), ...linkDomains];
    const records = domains
      .filter((domain) => domain.hostedZoneId === undefined)
      .map(({ name }) => `${name}. CNAME ${distribution.distributionDomainName}.`);
    if (records.length > 0)
      new CfnOutput(this, 'DnsRecords', {
        description: 'DNS records to create for your domains',
        value: records.join(' '),
      });
  }

  private explainNextSteps({ userPool }: Identity, catalog: Table): void {
    new CfnOutput(this, 'FirstAdminCommand', {
      description: 'Shell commands that create the first admin',
      value: firstAdminCommand(userPool, catalog, this.region),
    });
  }
}

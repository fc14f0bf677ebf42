import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  type CfnBucket,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { keptDays } from '#schemas/catalog-rules.ts';
import { glueColumns } from '#schemas/event.ts';
import { exportsPrefix, failedPrefix, importedHour, importsPrefix, rawPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { glueDatabaseName, workGroupName } from '../names.ts';

export interface LakeProps {
  /** Receives a notification for each raw file. */
  readonly files: WorkQueue;
  /** Days after which settled events move to cold storage. */
  readonly hotDays: number;
  /** First date of the projected partitions: `2026-01-01`. */
  readonly from: string;
  /** Megabytes after which an interactive query is stopped. */
  readonly queryMegabytes: number;
  /** The bucket is being imported, before the queue's policy exists, and notifies no one yet. */
  readonly adopt: boolean;
}

/** Prefix of query results, by work group. */
export const resultsPrefix = 'athena/';
export const parquet = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

/** The bucket of raw and settled events, its Glue database with `raw_events`, and two Athena work groups. */
export class Lake extends Construct {
  readonly bucket: Bucket;
  readonly database: CfnDatabase;
  readonly interactive: CfnWorkGroup;
  readonly jobs: CfnWorkGroup;

  constructor(scope: Construct, id: string, props: LakeProps) {
    super(scope, id);
    this.bucket = this.createBucket(props.hotDays);
    if (!props.adopt) this.notifyOfRawFiles(props.files);
    this.database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      // The stack's name keeps two stacks of one account apart.
      databaseInput: { name: glueDatabaseName(Stack.of(this).stackName) },
    });
    // Its name is fixed: one that a failed first deployment left behind would fail the second.
    this.database.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.createRawEvents(props.from);
    this.interactive = this.createWorkGroup('Interactive', props.queryMegabytes);
    this.jobs = this.createWorkGroup('Jobs');
  }

  // Not versioned: older versions would keep what was erased.
  private createBucket(hotDays: number): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      // Browsers upload files of imports. The signed address is what allows it, so the origin need not: to name the
      // distribution's would make the bucket depend on what depends on the bucket.
      cors: [{ allowedMethods: [HttpMethods.PUT], allowedOrigins: ['*'], allowedHeaders: ['content-type'] }],
      // Raw and settled files have no rule: the retention job deletes them, after verifying that they are not needed.
      lifecycleRules: [
        { id: 'failed', prefix: failedPrefix, expiration: Duration.days(14) },
        { id: 'results', prefix: resultsPrefix, expiration: Duration.days(7) },
        { id: 'exports', prefix: exportsPrefix, expiration: Duration.days(keptDays.exports) },
        { id: 'imports', prefix: importsPrefix, expiration: Duration.days(keptDays.uploads) },
        // Glacier Instant Retrieval: the same table still reads the files, for 3 cents a gigabyte.
        {
          id: 'cold',
          prefix: settledTables.events.prefix,
          transitions: [
            { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(hotDays) },
          ],
        },
        { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    acknowledge(
      bucket,
      'AwsSolutions-S1',
      'only this stack reads and writes it; access logs would list every raw file',
    );
    return bucket;
  }

  /**
   * S3 notifies the queue of each raw file. Set in the bucket's own properties, because CDK's `addEventNotification`
   * creates a function that may change the notifications of any bucket.
   */
  private notifyOfRawFiles(files: WorkQueue): void {
    files.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [files.queue.queueArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          // The policy must exist before the bucket, so it matches the name that CloudFormation will generate.
          ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:s3:::${this.bucketNamePattern()}` },
        },
      }),
    );
    const bucket = this.bucket.node.defaultChild as CfnBucket;
    const rules = [
      { name: 'prefix', value: rawPrefix },
      { name: 'suffix', value: '.parquet' },
    ];
    bucket.notificationConfiguration = {
      queueConfigurations: [{ event: 's3:ObjectCreated:*', queue: files.queue.queueArn, filter: { s3Key: { rules } } }],
    };
    // S3 sends a test message when the notification is created, and fails if the policy does not allow it.
    bucket.node.addDependency(files.queue.node.findChild('Policy'));
  }

  /** CloudFormation builds names from the stack's name and the logical id, and may cut both. */
  private bucketNamePattern(): string {
    return `${Stack.of(this).stackName.toLowerCase().slice(0, 20)}*lakebucket*`;
  }

  /** Creates `raw_events`, whose partitions are computed from the query instead of being registered. */
  private createRawEvents(from: string): void {
    const location = `s3://${this.bucket.bucketName}/${rawPrefix}`;
    const table = new CfnTable(this, 'RawEvents', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: this.database.ref,
      tableInput: {
        name: 'raw_events',
        description: 'Every event as enrich wrote it. Redelivered events appear more than once.',
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [
          { name: 'dt', type: 'string', comment: 'UTC date of the event' },
          { name: 'hr', type: 'string', comment: 'UTC hour of the event, two digits; 24 for imported ones' },
        ],
        storageDescriptor: { ...parquet, columns: glueColumns(), location },
        parameters: {
          classification: 'parquet',
          'projection.enabled': 'true',
          'projection.dt.type': 'date',
          'projection.dt.format': 'yyyy-MM-dd',
          // Enrich accepts events up to 5 minutes in the future, so tomorrow's partition can exist.
          'projection.dt.range': `${from},NOW+1DAYS`,
          'projection.hr.type': 'integer',
          // The last one holds imported events.
          'projection.hr.range': `0,${importedHour}`,
          'projection.hr.digits': '2',
          'storage.location.template': `${location}dt=\${dt}/hr=\${hr}/`,
        },
      },
    });
    table.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }

  private createWorkGroup(name: string, limitMegabytes?: number): CfnWorkGroup {
    return new CfnWorkGroup(this, name, {
      name: workGroupName(Stack.of(this).stackName, name),
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        bytesScannedCutoffPerQuery: limitMegabytes && limitMegabytes * 1_000_000,
        resultConfiguration: {
          outputLocation: `s3://${this.bucket.bucketName}/${resultsPrefix}${name.toLowerCase()}/`,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
          expectedBucketOwner: Aws.ACCOUNT_ID,
        },
      },
    });
  }
}

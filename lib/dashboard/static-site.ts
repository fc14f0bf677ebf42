import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { acknowledge, acknowledgeBelow } from '../constructs/acknowledge.ts';
import { buildLocally, projectRoot, trackerBundle } from '../bundle.ts';
import { stageDashboardAssets, stageDashboardEntry } from './dashboard-build.ts';

export interface SignIn {
  readonly issuer: string;
  /** The dashboard's client id at the issuer. */
  readonly clientId: string;
  /** The stack's own address, where users sign in. */
  readonly url: string;
}

/** Never deletes files: several uploads share the bucket, and an open tab may still load files of the previous version. */
const uploadOptions = { memoryLimit: 256, prune: false } as const;

/** The bucket of static files that CloudFront serves: the tracker and the dashboard. */
export class StaticSite extends Construct {
  readonly site: Bucket;
  /** CDK's own log group for the uploader lives two years. */
  private readonly uploadLogs: LogGroup;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.site = new Bucket(this, 'Site', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(this.site, 'AwsSolutions-S1', 'contains public files, read only by CloudFront');
    this.uploadLogs = new LogGroup(this, 'UploadLogs', {
      retention: RetentionDays.TWO_WEEKS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const files = new BucketDeployment(this, 'Files', {
      destinationBucket: this.site,
      sources: [Source.asset(join(projectRoot, 'tracker'), trackerBundle())],
      // One hour: a fix reaches every visitor within it, and a viral page rarely loads the tracker from S3.
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.hours(1))],
      ...uploadOptions,
      logGroup: this.uploadLogs,
    });
    this.acknowledgeUploader(files);
  }

  /** Uploads the dashboard, configured for this issuer. */
  publishDashboard(signIn: SignIn): void {
    // One build, two assets: CDK identifies a bundle by its folder alone.
    function folder(name: string): string {
      return join(projectRoot, 'dashboard', name);
    }
    const assets = new BucketDeployment(this, 'Assets', {
      destinationBucket: this.site,
      destinationKeyPrefix: 'app/assets',
      sources: [Source.asset(folder('src'), buildLocally(stageDashboardAssets))],
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
      ...uploadOptions,
      logGroup: this.uploadLogs,
    });
    const entry = new BucketDeployment(this, 'Entry', {
      destinationBucket: this.site,
      destinationKeyPrefix: 'app',
      sources: [
        Source.asset(folder('public'), buildLocally(stageDashboardEntry)),
        Source.jsonData('config.json', { issuer: signIn.issuer, clientId: signIn.clientId, url: signIn.url }),
      ],
      cacheControl: [CacheControl.noCache()],
      ...uploadOptions,
      logGroup: this.uploadLogs,
    });
    // The new index must not be served before the files that it names.
    entry.node.addDependency(assets);
  }

  /** CDK's own function copies the files, with a role that CDK defines. */
  private acknowledgeUploader(files: BucketDeployment): void {
    const uploader = files.handlerRole.node.scope;
    if (!uploader) return;
    const actions = ['s3:GetBucket*', 's3:GetObject*', 's3:List*', 's3:Abort*', 's3:DeleteObject*'];
    const { partition, region, account } = Stack.of(this);
    function named(value: string, pseudo: string) {
      return Token.isUnresolved(value) ? `<AWS::${pseudo}>` : value;
    }
    const assets = `cdk-hnb659fds-assets-${named(account, 'AccountId')}-${named(region, 'Region')}`;
    const arn = `arn:${named(partition, 'Partition')}`;
    const rules = [
      ...actions.map((action) => `AwsSolutions-IAM5[Action::${action}]`),
      `AwsSolutions-IAM5[Resource::${arn}:s3:::${assets}/*]`,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      'AwsSolutions-L1',
      'Serverless-LambdaLatestVersion',
      'Serverless-LambdaDLQ',
      'Serverless-LambdaTracing',
    ];
    for (const rule of rules) acknowledge(uploader, rule, 'CDK uses this function to upload the files');
    const site = this.site.node.defaultChild as CfnBucket;
    acknowledgeBelow(uploader, site, '/*', 'it uploads the whole site');
  }
}

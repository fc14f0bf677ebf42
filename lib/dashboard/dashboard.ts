import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { acknowledge, acknowledgeBelow } from '../constructs/acknowledge.ts';
import { builtHere, projectRoot, trackerBundle } from '../bundle.ts';
import { stageDashboardAssets, stageDashboardEntry } from './dashboard-build.ts';

export interface SignIn {
  readonly issuer: string;
  /** Id of the issuer's client that the dashboard is. */
  readonly clientId: string;
}

/** Several uploads share the bucket, and an open tab may still ask for a file of the version before: none is removed. */
const uploading = { memoryLimit: 256, prune: false } as const;

/** Files that CloudFront serves as they are: the tracker, and the dashboard. */
export class Dashboard extends Construct {
  readonly site: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.site = new Bucket(this, 'Site', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(this.site, 'AwsSolutions-S1', 'holds public files that CloudFront alone reads');
    const files = new BucketDeployment(this, 'Files', {
      destinationBucket: this.site,
      sources: [Source.asset(join(projectRoot, 'tracker'), trackerBundle())],
      // An hour: a fixed tracker is everywhere within one, and a viral page asks S3 for it rarely.
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.hours(1))],
      ...uploading,
    });
    this.acknowledgeUploader(files);
  }

  /** Puts the dashboard there, once it is known who signs people in. */
  publish(signIn: SignIn): void {
    // One build, two assets: CDK tells bundles apart by their folder alone.
    function folder(name: string): string {
      return join(projectRoot, 'dashboard', name);
    }
    const assets = new BucketDeployment(this, 'Assets', {
      destinationBucket: this.site,
      destinationKeyPrefix: 'app/assets',
      sources: [Source.asset(folder('src'), builtHere(stageDashboardAssets))],
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
      ...uploading,
    });
    const entry = new BucketDeployment(this, 'Entry', {
      destinationBucket: this.site,
      destinationKeyPrefix: 'app',
      sources: [
        Source.asset(folder('public'), builtHere(stageDashboardEntry)),
        Source.jsonData('config.json', { issuer: signIn.issuer, clientId: signIn.clientId }),
      ],
      cacheControl: [CacheControl.noCache()],
      ...uploading,
    });
    // Who loads the new index finds what it names.
    entry.node.addDependency(assets);
  }

  /** CDK's own function that copies the files: one for the stack, with the rights that CDK gives it. */
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
    acknowledgeBelow(uploader, site, '/*', 'the whole site is what it uploads');
  }
}

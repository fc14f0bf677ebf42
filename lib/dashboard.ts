import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { acknowledge } from './acknowledge.ts';
import { projectRoot, trackerBundle } from './bundle.ts';

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
    new BucketDeployment(this, 'Files', {
      destinationBucket: this.site,
      sources: [Source.asset(join(projectRoot, 'tracker'), trackerBundle())],
      // An hour: a fixed tracker is everywhere within one, and a viral page asks S3 for it rarely.
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.hours(1))],
      memoryLimit: 256,
    });
  }
}

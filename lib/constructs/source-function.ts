import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  type ILayerVersion,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource, type SqsEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { leadingKeyPattern, listingIndex } from '#schemas/tables.ts';
import { acknowledge, acknowledgeBelow } from './acknowledge.ts';
import { handlerBundle, projectRoot } from '../bundle.ts';
import type { WorkQueue } from './work-queue.ts';

/** `Variables` is `EnvironmentVariables<typeof environment>` of the function's env.ts, so a missing one does not compile. */
export interface SourceFunctionProps<Variables extends { [K in keyof Variables]: string }> {
  /** Folder under `functions/` whose `handler.ts` exports `handler`. */
  readonly source: string;
  readonly environment: Variables;
  readonly timeout: Duration;
  /** Megabytes. A core's worth of CPU comes with 1,769. */
  readonly memory: number;
  /** Maximum number of concurrent executions. @default - no limit but the account's */
  readonly reservedConcurrency?: number;
  readonly layers?: ILayerVersion[];
  /** @default RetentionDays.TWO_WEEKS */
  readonly logRetention?: RetentionDays;
  /** Keeps the log group when the stack is deleted, if its lines are needed later. @default false */
  readonly retainLogs?: boolean;
}

/** A Lambda function of the stack: one bundle, one role with exactly what it is granted, one log group that expires. */
export class SourceFunction<Variables extends { [K in keyof Variables]: string }> extends Construct {
  readonly lambda: LambdaFunction;
  readonly logs: LogGroup;
  private readonly role: Role;
  readonly source: string;

  constructor(scope: Construct, id: string, props: SourceFunctionProps<Variables>) {
    super(scope, id);
    this.source = props.source;
    this.logs = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.TWO_WEEKS,
      removalPolicy: props.retainLogs ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    // Not CDK's default role, which may write to every log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logs.grantWrite(role);
    this.role = role;
    this.lambda = new LambdaFunction(this, 'Function', {
      description: `functions/${props.source}/handler.ts`,
      code: Code.fromAsset(
        join(projectRoot, 'functions', props.source),
        handlerBundle(props.source, Stack.of(this).stackName),
      ),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role,
      logGroup: this.logs,
      loggingFormat: LoggingFormat.JSON,
      // Without START, END and REPORT lines, which cost about $0.25 per million requests.
      systemLogLevelV2: SystemLogLevel.WARN,
      environment: { ...props.environment },
      timeout: props.timeout,
      memorySize: props.memory,
      reservedConcurrentExecutions: props.reservedConcurrency,
      layers: props.layers,
    });
    acknowledge(
      this,
      'Serverless-LambdaDLQ',
      'a queue keeps what failed, the caller gets the error, or the next run repeats the work',
    );
    acknowledge(this, 'Serverless-LambdaTracing', 'the X-Ray SDK is in maintenance mode; logs and metrics suffice');
  }

  /** Consumes a queue in batches; only the messages that failed are delivered again. */
  consume(
    { queue }: WorkQueue,
    options: Pick<SqsEventSourceProps, 'batchSize' | 'maxBatchingWindow' | 'maxConcurrency'>,
  ) {
    this.lambda.addEventSource(new SqsEventSource(queue, { ...options, reportBatchItemFailures: true }));
    acknowledge(this, 'Serverless-LambdaEventSourceMappingDestination', 'the queue has a dead-letter queue');
  }

  /** Keeps a record of each asynchronous invocation that failed all attempts, or was too old to start. */
  keepFailures(queue: Queue): void {
    this.lambda.configureAsyncInvoke({ onFailure: { bind: () => ({ destination: queue.queueArn }) } });
    this.allow(['sqs:SendMessage'], [queue.queueArn]);
  }

  /** Grants actions on these resources. */
  allow(actions: string[], resources: string[]): void {
    this.lambda.addToRolePolicy(new PolicyStatement({ actions, resources }));
  }

  /** Lets the function continue in an invocation of its own. A policy of its own: the function's would depend on itself. */
  allowToStartItself(): void {
    const policy = new Policy(this, 'StartsItself', {
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.lambda.functionArn] })],
    });
    policy.attachToRole(this.role);
  }

  /** Grants DynamoDB actions on a table; with partitions (`link#`), only on items whose partition key begins with one. */
  allowItems(actions: string[], table: Table, partitions?: readonly string[]): void {
    this.allowKeys(actions, table.tableArn, partitions);
  }

  /** Grants queries of the catalog's listing index, only of these partitions: those of `listingPartitions`. */
  allowListing(catalog: Table, partitions: readonly string[]): void {
    this.allowKeys(['Query'], `${catalog.tableArn}/index/${listingIndex}`, partitions);
  }

  private allowKeys(actions: string[], resource: string, partitions?: readonly string[]): void {
    const conditions = partitions && {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions.map(leadingKeyPattern) },
    };
    const dynamodbActions = actions.map((action) => `dynamodb:${action}`);
    this.lambda.addToRolePolicy(new PolicyStatement({ actions: dynamodbActions, resources: [resource], conditions }));
  }

  /** Grants actions on the objects of a bucket below a prefix such as `raw/`. */
  allowObjects(actions: string[], bucket: Bucket, prefix: string): void {
    this.allow(actions, [bucket.arnForObjects(`${prefix}*`)]);
    const cfnBucket = bucket.node.defaultChild as CfnBucket;
    acknowledgeBelow(this.role, cfnBucket, `/${prefix}*`, 'objects below one prefix, whose names are not known yet');
  }
}

/** A function whose environment does not matter here. */
export type AnySourceFunction = SourceFunction<Record<string, string>>;

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface WorkQueueProps {
  /** Timeout of the function that consumes it. */
  readonly consumerTimeout: Duration;
  /** Receives after which a message goes to the dead-letter queue. */
  readonly receives: number;
}

/** A queue that one function consumes, and its dead-letter queue. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const kept = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', kept);
    acknowledge(this.deadLetters, 'Serverless-SQSRedrivePolicy', 'is a dead-letter queue');
    this.queue = new Queue(this, 'Queue', {
      ...kept,
      // 6 × the function's timeout, or a slow batch is redelivered while it runs.
      visibilityTimeout: Duration.seconds(6 * props.consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.receives },
    });
  }
}

import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';

/**
 * Creates the queue that keeps what a job could not do: from EventBridge Scheduler, runs that it could not start, and from
 * Lambda, asynchronous invocations that failed three times. After two days, the next runs have done the work or failed too.
 */
export function createJobFailures(scope: Construct): Queue {
  const queue = new Queue(scope, 'JobFailures', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(2),
  });
  acknowledge(queue, 'Serverless-SQSRedrivePolicy', 'this is a dead-letter queue');
  acknowledge(queue, 'AwsSolutions-SQS3', 'this is a dead-letter queue');
  return queue;
}

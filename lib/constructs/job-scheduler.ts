import { Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeBelow } from './acknowledge.ts';
import type { AnySourceFunction } from './source-function.ts';

export interface JobSchedule {
  /** Name of the schedule, unique within its scheduler. @default - the function's folder */
  readonly name?: string;
  /** Fields of a cron expression, in UTC: `12 * * * ? *`. */
  readonly cron: string;
  /** Payload besides `time`. @default - none */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Age at which a run that could not start is dropped. @default - one hour */
  readonly maxEventAge?: Duration;
}

/** Schedules for the functions that run by the clock, and the role that invokes them. */
export class JobScheduler extends Construct {
  private readonly role: Role;
  private readonly failures: Queue;

  /** @param failures receives a message for each run that could not be started */
  constructor(scope: Construct, id: string, failures: Queue) {
    super(scope, id);
    this.failures = failures;
    const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions }) });
  }

  /** Invokes the function with `{ time }`, the scheduled time, so that any run can be repeated. */
  schedule(job: AnySourceFunction, { name = job.source, cron, payload, maxEventAge }: JobSchedule): void {
    const cfnFunction = job.lambda.node.defaultChild as CfnFunction;
    acknowledgeBelow(this.role, cfnFunction, ':*', 'CDK grants the invocation of every version of one function');
    new Schedule(this, name, {
      description: `functions/${job.source}/handler.ts`,
      schedule: ScheduleExpression.expression(`cron(${cron})`),
      target: new LambdaInvoke(job.lambda, {
        role: this.role,
        deadLetterQueue: this.failures,
        input: ScheduleTargetInput.fromObject({ ...payload, time: '<aws.scheduler.scheduled-time>' }),
        retryAttempts: 2,
        maxEventAge: maxEventAge ?? Duration.hours(1),
      }),
    });
  }
}

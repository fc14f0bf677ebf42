import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metricNamespace } from './monitoring.ts';
import type { AnySourceFunction } from '../constructs/source-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

export interface CloudWatchDashboardProps {
  readonly redirect: AnySourceFunction;
  readonly functions: readonly AnySourceFunction[];
  /** Queues by the label of their lines. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
}

/** A CloudWatch dashboard that shows whether events are lost, late or slow. An account's first three are free. */
export class CloudWatchDashboard extends Construct {
  constructor(scope: Construct, id: string, { redirect, functions, queues }: CloudWatchDashboardProps) {
    super(scope, id);
    const { lambda } = redirect;
    const custom = (metricName: string, statistic: string) =>
      new Metric({ namespace: metricNamespace(this), metricName, statistic, period: Duration.minutes(15) });
    const ages = Object.entries(queues).map(([label, { queue }]) =>
      queue.metricApproximateAgeOfOldestMessage({ label, statistic: Stats.MAXIMUM }),
    );
    const dead = Object.entries(queues).map(([label, { deadLetters }]) =>
      deadLetters.metricApproximateNumberOfMessagesVisible({ label, statistic: Stats.MAXIMUM }),
    );
    const errors = functions.map((watched) => watched.lambda.metricErrors({ label: watched.source }));
    const durations = [Stats.p(50), Stats.p(99)].map((statistic) =>
      lambda.metricDuration({ statistic, label: statistic }),
    );
    new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          graph('Received and lost', [custom('RequestLines', Stats.SUM), custom('Lost', Stats.MAXIMUM)]),
          graph('Oldest message, seconds', ages),
          graph('Dead letters', dead),
        ],
        [
          graph('Canary', [custom('CanarySuccess', Stats.AVERAGE)]),
          graph('Redirect, milliseconds', durations),
          graph('Errors', errors),
        ],
      ],
    });
  }
}

function graph(title: string, left: IMetric[]) {
  return new GraphWidget({ title, left, width: 8, height: 6 });
}

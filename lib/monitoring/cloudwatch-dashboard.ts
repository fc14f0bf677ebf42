import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AnySourceFunction } from '../constructs/source-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

export interface CloudWatchDashboardProps {
  readonly redirect: AnySourceFunction;
  readonly receipts: AnySourceFunction;
  readonly canary: AnySourceFunction;
  readonly functions: readonly AnySourceFunction[];
  /** Queues by the label of their lines. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
}

/**
 * A CloudWatch dashboard that shows whether events are lost, late or slow. An account's first three are free. Our own numbers
 * come from log lines, so that they need no custom metrics.
 */
export class CloudWatchDashboard extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { redirect, receipts, canary, functions, queues }: CloudWatchDashboardProps,
  ) {
    super(scope, id);
    const { lambda } = redirect;
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
          logGraph('Received and lost', receipts, receivedAndLost),
          graph('Oldest message, seconds', ages),
          graph('Dead letters', dead),
        ],
        [logGraph('Canary', canary, canaryClicks), graph('Redirect, milliseconds', durations), graph('Errors', errors)],
      ],
    });
  }
}

function graph(title: string, left: IMetric[]) {
  return new GraphWidget({ title, left, width: 8, height: 6 });
}

/** Draws the columns of a Logs Insights query over time. */
function logGraph(title: string, { logs }: AnySourceFunction, queryLines: string[]) {
  return new LogQueryWidget({
    title,
    logGroupNames: [logs.logGroupName],
    view: LogQueryVisualizationType.LINE,
    queryLines,
    width: 8,
    height: 6,
  });
}

const receivedAndLost = [
  'filter message = "received counted"',
  'stats sum(windows.0.lines) as received, max(lost) as lost by bin(15m)',
];
const canaryClicks = [
  'filter message like /^canary/',
  'stats sum(strcontains(message, "failed")) as failed, max(milliseconds) as slowest by bin(5m)',
];

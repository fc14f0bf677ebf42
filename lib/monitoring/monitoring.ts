import { Duration, Stack } from 'aws-cdk-lib';
import type { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { unsentMessage } from '#schemas/log-lines.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Configuration } from '../configuration.ts';
import type { AnySourceFunction } from '../constructs/source-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

export interface MonitoringProps {
  readonly functions: readonly AnySourceFunction[];
  /** Queues by the name that their alarms carry. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
  /** Log groups by the name of the function, which write `click.unsent`. */
  readonly senders: Readonly<Record<string, ILogGroup>>;
  readonly interactive: CfnWorkGroup;
  readonly configuration: Pick<Configuration, 'alarmEmail' | 'lostThreshold' | 'queueAgeSeconds' | 'monthlyBudget'>;
}

interface AlarmRule {
  readonly meaning: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default GREATER_THAN_OR_EQUAL_TO_THRESHOLD */
  readonly comparison?: ComparisonOperator;
  /** Periods looked at, and how many of them must breach. @default 1 of 1 */
  readonly periods?: { of: number; breaching: number };
  /** @default NOT_BREACHING: what did not happen was not reported */
  readonly missing?: TreatMissingData;
}

/** What wakes somebody up. Each alarm has a heading in docs/runbook.md, named in its description. */
export class Monitoring extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.topic = this.createTopic(props.configuration.alarmEmail);
    this.watchLost(props.configuration.lostThreshold);
    for (const [name, logs] of Object.entries(props.senders)) this.watchUnsent(name, logs);
    for (const [name, queue] of Object.entries(props.queues))
      this.watchQueue(name, queue, props.configuration.queueAgeSeconds);
    for (const watched of props.functions) this.watchFunction(watched);
    this.watchCanary();
    this.watchLake(props.interactive);
    this.watchBudget(props.configuration.monthlyBudget);
  }

  private createTopic(email?: string): Topic {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    if (!email) return topic;
    const subscription = topic.addSubscription(new EmailSubscription(email));
    acknowledge(
      subscription,
      'Serverless-SNSRedrivePolicy',
      'a mail that bounces says so to nobody; the console keeps the alarm',
    );
    return topic;
  }

  private alarm(name: string, rule: AlarmRule): void {
    const alarm = new Alarm(this, name, {
      alarmName: `${Stack.of(this).stackName}-${name}`,
      alarmDescription: `${rule.meaning} What to do: docs/runbook.md#${name}`,
      metric: rule.metric,
      threshold: rule.threshold,
      comparisonOperator: rule.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: rule.periods?.of ?? 1,
      datapointsToAlarm: rule.periods?.breaching ?? 1,
      treatMissingData: rule.missing ?? TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }

  private watchLost(threshold: number): void {
    this.alarm('lost', {
      meaning: 'The edge received events that ended in no outcome.',
      metric: new Metric({
        namespace: metricNamespace(this),
        metricName: 'Lost',
        statistic: Stats.MAXIMUM,
        period: minutes(15),
      }),
      threshold,
    });
    // Where nobody counts, nothing is lost: the metric must keep coming.
    this.alarm('receipts-silent', {
      meaning: 'Nobody has counted what the edge received for an hour, so lost says nothing.',
      metric: new Metric({
        namespace: metricNamespace(this),
        metricName: 'Lost',
        statistic: Stats.SAMPLE_COUNT,
        period: Duration.hours(1),
      }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    });
  }

  private watchUnsent(source: string, logGroup: ILogGroup): void {
    const filter = new MetricFilter(this, `${source}-unsent-lines`, {
      logGroup,
      filterPattern: FilterPattern.stringValue('$.message', '=', unsentMessage),
      metricNamespace: metricNamespace(this),
      metricName: `${source}.${unsentMessage}`,
    });
    this.alarm(`${source}-unsent`, {
      meaning: `The click queue did not take events of ${source}; each is a log line.`,
      metric: filter.metric({ statistic: Stats.SUM, period: minutes(5) }),
      threshold: 1,
    });
  }

  private watchQueue(name: string, { queue, deadLetters }: WorkQueue, ageSeconds: number): void {
    this.alarm(`${name}-dead-letters`, {
      meaning: `Messages of the ${name} queue failed every attempt.`,
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: minutes(1) }),
      threshold: 1,
    });
    this.alarm(`${name}-age`, {
      meaning: `The oldest message of the ${name} queue has waited for ${ageSeconds} seconds.`,
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period: minutes(1) }),
      threshold: ageSeconds,
      periods: { of: 3, breaching: 3 },
    });
  }

  private watchFunction({ source, lambda }: AnySourceFunction): void {
    this.alarm(`${source}-errors`, {
      meaning: `functions/${source} ended in errors.`,
      metric: lambda.metricErrors({ period: minutes(5) }),
      threshold: 1,
      periods: { of: 3, breaching: 2 },
    });
    this.alarm(`${source}-throttles`, {
      meaning: `functions/${source} was refused concurrency.`,
      metric: lambda.metricThrottles({ period: minutes(5) }),
      threshold: 1,
      periods: { of: 3, breaching: 2 },
    });
  }

  /**
   * The objective: of the canary's clicks, one a minute, 99.9 % succeed. A month's budget is 43 failures. Three
   * failures in five minutes are an outage; three in six hours (99.2 %) spend the budget eight times too fast.
   */
  private watchCanary(): void {
    const success = { namespace: metricNamespace(this), metricName: 'CanarySuccess', statistic: Stats.AVERAGE };
    this.alarm('canary-failing', {
      meaning: 'The canary click fails, or does not run.',
      metric: new Metric({ ...success, period: minutes(1) }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: { of: 5, breaching: 3 },
      missing: TreatMissingData.BREACHING,
    });
    this.alarm('canary-objective', {
      meaning: 'The redirect spends the error budget of its 99.9 % objective eight times too fast.',
      metric: new Metric({ ...success, period: Duration.hours(6) }),
      threshold: 0.994,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    });
  }

  private watchLake(interactive: CfnWorkGroup): void {
    const written = (metricName: string) =>
      new Metric({ namespace: metricNamespace(this), metricName, statistic: Stats.MAXIMUM, period: Duration.hours(1) });
    this.alarm('hours-refused', {
      meaning: 'An hour did not settle: what was read does not equal what its files promise, or Athena failed.',
      metric: written('HoursRefused'),
      threshold: 1,
    });
    this.alarm('files-unreadable', {
      meaning: 'An hour settled without a raw file that cannot be read.',
      metric: written('FilesUnreadable'),
      threshold: 1,
    });
    this.alarm('hours-unsettled', {
      meaning: 'Hours older than 48 hours are not settled.',
      metric: written('HoursUnsettledTooLong'),
      threshold: 1,
    });
    this.alarm('hours-kept', {
      meaning: 'Retention keeps data of hours whose counters and files do not agree.',
      metric: written('HoursKept'),
      threshold: 1,
    });
    this.alarm('queries-over-budget', {
      meaning: 'A query of a job scanned more than its budget, or the queries of the day cost more than theirs.',
      metric: written('QueryOverBudget'),
      threshold: 1,
    });
    this.alarm('analysts-over-budget', {
      meaning: 'Queries by hand have scanned 100 GB today, $0.50.',
      metric: new Metric({
        namespace: 'AWS/Athena',
        metricName: 'ProcessedBytes',
        dimensionsMap: { WorkGroup: interactive.ref },
        statistic: Stats.SUM,
        period: Duration.days(1),
      }),
      threshold: 100_000_000_000,
    });
  }

  private watchBudget(dollars?: number): void {
    if (!dollars) return;
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('budgets.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    const subscribers = [{ subscriptionType: 'SNS', address: this.topic.topicArn }];
    function notify(notificationType: string, threshold: number) {
      return {
        notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
        subscribers,
      };
    }
    new CfnBudget(this, 'Budget', {
      budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount: dollars, unit: 'USD' } },
      notificationsWithSubscribers: [notify('ACTUAL', 80), notify('FORECASTED', 100)],
    });
  }
}

/** Namespace of the metrics that the functions write as log lines: the stack's name, as the bundler puts it in. */
export function metricNamespace(construct: Construct): string {
  return Stack.of(construct).stackName;
}

function minutes(count: number) {
  return Duration.minutes(count);
}

import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
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
  /** Queues by the prefix of their alarms' names. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
  /** Log groups that may contain `click.unsent` lines, by function. */
  readonly senders: Readonly<Record<string, ILogGroup>>;
  readonly interactive: CfnWorkGroup;
  readonly configuration: Pick<
    Configuration,
    'alarmEmail' | 'lostThreshold' | 'queueAgeSeconds' | 'monthlyBudget' | 'runbookUrl'
  >;
}

/** Tag on every resource of a stack, by which its costs are told from others. Its value is the stack's name. */
export const costTag = 'hopcount-stack';

interface AlarmRule {
  readonly meaning: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default GREATER_THAN_OR_EQUAL_TO_THRESHOLD */
  readonly comparison?: ComparisonOperator;
  /** Evaluated periods, and how many of them must breach. @default 1 of 1 */
  readonly periods?: { of: number; breaching: number };
  /** @default NOT_BREACHING: most metrics are only written when something happens */
  readonly missing?: TreatMissingData;
}

/** The alarms, and the topic that they notify. Each alarm's description ends in the URL of its heading in the runbook. */
export class Monitoring extends Construct {
  readonly topic: Topic;
  private readonly runbookUrl: string;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.runbookUrl = props.configuration.runbookUrl;
    this.topic = this.createTopic(props.configuration.alarmEmail);
    this.watchLost(props.configuration.lostThreshold);
    for (const [name, logs] of Object.entries(props.senders)) this.watchUnsent(name, logs);
    this.watchLookups();
    for (const [name, queue] of Object.entries(props.queues))
      this.watchQueue(name, queue, props.configuration.queueAgeSeconds);
    for (const watched of props.functions) this.watchFunction(watched);
    this.watchCanary();
    this.watchLake(props.interactive);
    this.watchBudget(props.configuration.monthlyBudget);
  }

  private createTopic(email?: string): Topic {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    // The policy that `enforceSSL` attaches replaces SNS's default, which lets the account's own alarms publish.
    const { account } = Stack.of(this);
    const alarms = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': alarms } },
      }),
    );
    if (!email) return topic;
    const subscription = topic.addSubscription(new EmailSubscription(email));
    acknowledge(
      subscription,
      'Serverless-SNSRedrivePolicy',
      'if a mail bounces, the alarm is still shown in the console',
    );
    return topic;
  }

  private alarm(name: string, rule: AlarmRule): void {
    const alarm = new Alarm(this, name, {
      alarmName: `${Stack.of(this).stackName}-${name}`,
      alarmDescription: `${rule.meaning} ${this.runbookUrl}#${name}`,
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
      meaning: 'Requests at the edge ended without an outcome.',
      metric: new Metric({
        namespace: metricNamespace(this),
        metricName: 'Lost',
        statistic: Stats.MAXIMUM,
        period: minutes(15),
      }),
      threshold,
    });
    // Without receipts, `lost` would stay 0, so the metric itself must keep coming.
    this.alarm('receipts-silent', {
      meaning: 'The receipts job has not run for an hour; `lost` is not being measured.',
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
      meaning: `The click queue did not accept events of ${source}. Each is kept as a log line.`,
      metric: filter.metric({ statistic: Stats.SUM, period: minutes(5) }),
      threshold: 1,
    });
  }

  private watchLookups(): void {
    this.alarm('lookups-failed', {
      meaning: 'Visitors get 503 for links that the edge cannot read from the catalog.',
      metric: new Metric({
        namespace: metricNamespace(this),
        metricName: 'LookupFailed',
        statistic: Stats.SUM,
        period: minutes(5),
      }),
      threshold: 1,
      periods: { of: 3, breaching: 2 },
    });
  }

  private watchQueue(name: string, { queue, deadLetters }: WorkQueue, ageSeconds: number): void {
    this.alarm(`${name}-dead-letters`, {
      meaning: `Messages of the ${name} queue failed all attempts.`,
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: minutes(1) }),
      threshold: 1,
    });
    this.alarm(`${name}-age`, {
      meaning: `The oldest message of the ${name} queue has been waiting for more than ${ageSeconds} seconds.`,
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period: minutes(1) }),
      threshold: ageSeconds,
      periods: { of: 3, breaching: 3 },
    });
  }

  private watchFunction({ source, lambda }: AnySourceFunction): void {
    this.alarm(`${source}-errors`, {
      meaning: `functions/${source} fails.`,
      metric: lambda.metricErrors({ period: minutes(5) }),
      threshold: 1,
      periods: { of: 3, breaching: 2 },
    });
    this.alarm(`${source}-throttles`, {
      meaning: `functions/${source} is being throttled.`,
      metric: lambda.metricThrottles({ period: minutes(5) }),
      threshold: 1,
      periods: { of: 3, breaching: 2 },
    });
  }

  /**
   * The objective: 99.9% of the canary's clicks succeed. At one click a minute, a month's error budget is 43 failures.
   * Three failures in five minutes are an outage; three in six hours (99.2%) use up the budget eight times too fast.
   */
  private watchCanary(): void {
    const success = { namespace: metricNamespace(this), metricName: 'CanarySuccess', statistic: Stats.AVERAGE };
    this.alarm('canary-failing', {
      meaning: 'The canary fails to click its link, or does not run.',
      metric: new Metric({ ...success, period: minutes(1) }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: { of: 5, breaching: 3 },
      missing: TreatMissingData.BREACHING,
    });
    this.alarm('canary-objective', {
      meaning: 'Redirects use up the error budget of their 99.9% objective eight times too fast.',
      metric: new Metric({ ...success, period: Duration.hours(6) }),
      threshold: 0.994,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    });
  }

  private watchLake(interactive: CfnWorkGroup): void {
    const custom = (metricName: string) =>
      new Metric({ namespace: metricNamespace(this), metricName, statistic: Stats.MAXIMUM, period: Duration.hours(1) });
    this.alarm('hours-refused', {
      meaning: 'An hour was not settled: its rows do not match its files, or Athena failed.',
      metric: custom('HoursRefused'),
      threshold: 1,
    });
    this.alarm('files-unreadable', {
      meaning: 'An hour was settled without a raw file that could not be read.',
      metric: custom('FilesUnreadable'),
      threshold: 1,
    });
    this.alarm('hours-unsettled', {
      meaning: 'Nothing has settled for 48 hours.',
      metric: custom('HoursUnsettledTooLong'),
      threshold: 1,
    });
    this.alarm('hours-kept', {
      meaning: 'Retention keeps hours whose counters and files do not match.',
      metric: custom('HoursKept'),
      threshold: 1,
    });
    this.alarm('queries-over-budget', {
      meaning: 'A query of a job scanned more than its budget, or the queries of one day cost more than theirs.',
      metric: custom('QueryOverBudget'),
      threshold: 1,
    });
    this.alarm('analysts-over-budget', {
      meaning: 'Analysts scanned 100 GB today, which costs $0.50.',
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
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: dollars, unit: 'USD' },
        // Only this stack. AWS counts nothing until the tag is activated for cost allocation.
        costFilters: { TagKeyValue: [`user:${costTag}$${Stack.of(this).stackName}`] },
      },
      notificationsWithSubscribers: [notify('ACTUAL', 80), notify('FORECASTED', 100)],
    });
  }
}

/** Returns the namespace of the metrics that functions write: the stack's name, which the bundler defines for them. */
export function metricNamespace(construct: Construct): string {
  return Stack.of(construct).stackName;
}

function minutes(count: number) {
  return Duration.minutes(count);
}

import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { canaryMinutes } from '#schemas/catalog-rules.ts';
import { type MetricName, unsentMessage } from '#schemas/log-lines.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Configuration } from '../configuration.ts';
import type { AnySourceFunction } from '../constructs/source-function.ts';
import { costTag } from '../names.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

export interface MonitoringProps {
  readonly redirect: AnySourceFunction;
  readonly collect: AnySourceFunction;
  readonly api: AnySourceFunction;
  /** Serves collect, the API and the links in mails. */
  readonly httpApi: HttpApi;
  /** Queues by the prefix of their alarms' names. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
  /** Holds a message for each run of a job that failed for good. */
  readonly jobFailures: Queue;
  /** True if the stack sends mails. */
  readonly mails: boolean;
  readonly interactive: CfnWorkGroup;
  readonly configuration: Pick<
    Configuration,
    'alarmEmail' | 'lostThreshold' | 'queueAgeSeconds' | 'monthlyBudget' | 'runbookUrl'
  >;
}

/** High: visitors or numbers are affected now, so wake someone. Low: look at it on the next working day. */
type Severity = 'high' | 'low';

interface AlarmRule {
  readonly severity: Severity;
  readonly meaning: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default GREATER_THAN_OR_EQUAL_TO_THRESHOLD */
  readonly comparison?: ComparisonOperator;
  /** Evaluated periods, and how many of them must breach. @default 1 of 1 */
  readonly periods?: { of: number; breaching: number };
}

/**
 * The alarms, and one topic for each severity: a subscription then needs no filter, which would have to read the messages
 * of CloudWatch, because they have no attributes. Each alarm's description ends in the URL of its heading in the runbook.
 */
export class Monitoring extends Construct {
  readonly topics: Readonly<Record<Severity, Topic>>;
  /** By name. */
  readonly alarms = new Map<string, Alarm>();
  private readonly runbookUrl: string;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { configuration } = props;
    this.runbookUrl = configuration.runbookUrl;
    this.topics = {
      high: this.createTopic('Alarms', configuration.alarmEmail),
      low: this.createTopic('LowAlarms', configuration.alarmEmail),
    };
    this.watchRedirect(props);
    this.watchEvents(props);
    for (const [name, queue] of Object.entries(props.queues))
      this.watchQueue(name, queue, configuration.queueAgeSeconds);
    this.watchJobs(props);
    this.watchLake(props.interactive);
    this.watchMails(props.mails);
    this.watchChannels();
    this.watchBudget(configuration.monthlyBudget);
  }

  private createTopic(name: string, email?: string): Topic {
    const topic = new Topic(this, name, { enforceSSL: true });
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
      // Metrics are only written when something happens. And a new stack has none: it must not begin with alarms.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.topics[rule.severity]);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    this.alarms.set(name, alarm);
  }

  /**
   * The objective: 99.9% of the canary's clicks succeed. At a click every five minutes, a month's error budget is
   * 8 failures. Two of three are an outage; three in a day (99.0%) use up the budget ten times too fast. A canary that does
   * not run raises `jobs-failed`.
   */
  private watchRedirect({ redirect }: MonitoringProps): void {
    this.alarm('canary-failing', {
      severity: 'high',
      meaning: 'The canary fails to click its link.',
      metric: this.metric('CanaryFailed', minutes(canaryMinutes)),
      threshold: 1,
      periods: twoOfThree,
    });
    this.alarm('canary-objective', {
      severity: 'low',
      meaning: 'Redirects use up the error budget of their 99.9% objective ten times too fast.',
      metric: this.metric('CanaryFailed', Duration.days(1)),
      threshold: 3,
    });
    this.alarm('redirect-failing', {
      severity: 'high',
      meaning: 'Visitors get errors instead of redirects.',
      ...failing([redirect]),
    });
    this.alarm('lookups-failed', {
      severity: 'high',
      meaning: 'Visitors get 503 for links that the edge cannot read from the catalog.',
      metric: this.metric('LookupFailed', minutes(5)),
      threshold: 1,
      periods: twoOfThree,
    });
  }

  private watchEvents({ redirect, collect, configuration }: MonitoringProps): void {
    this.alarm('lost', {
      severity: 'high',
      meaning: 'Requests at the edge ended without an outcome.',
      metric: this.metric('Lost', minutes(15), Stats.MAXIMUM),
      threshold: configuration.lostThreshold,
    });
    this.alarm('events-unsent', {
      severity: 'high',
      meaning: 'The click queue did not accept events of redirect or collect. Each is kept as a log line.',
      metric: this.countUnsent({ redirect: redirect.logs, collect: collect.logs }),
      threshold: 1,
    });
    this.alarm('collect-failing', {
      severity: 'high',
      meaning: 'Page views and custom events are refused.',
      ...failing([collect]),
    });
  }

  /** Counts the `click.unsent` lines of these log groups in one metric. */
  private countUnsent(logs: Readonly<Record<string, ILogGroup>>): Metric {
    for (const [source, logGroup] of Object.entries(logs))
      new MetricFilter(this, `${source}-unsent-lines`, {
        metricNamespace: metricNamespace(this),
        metricName: unsentMessage,
        logGroup,
        filterPattern: FilterPattern.stringValue('$.message', '=', unsentMessage),
      });
    return this.metric(unsentMessage, minutes(5));
  }

  /** Returns a metric that functions of the stack write. It has values only while they are not zero. */
  private metric(
    metricName: MetricName | typeof unsentMessage,
    period: Duration,
    statistic: string = Stats.SUM,
  ): Metric {
    return new Metric({ namespace: metricNamespace(this), metricName, statistic, period });
  }

  private watchQueue(name: string, { queue, deadLetters }: WorkQueue, ageSeconds: number): void {
    this.alarm(`${name}-dead-letters`, {
      severity: 'high',
      meaning: `Messages of the ${name} queue failed all attempts.`,
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: minutes(1) }),
      threshold: 1,
    });
    this.alarm(`${name}-age`, {
      severity: 'high',
      meaning: `The oldest message of the ${name} queue has been waiting for more than ${ageSeconds} seconds.`,
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period: minutes(1) }),
      threshold: ageSeconds,
      periods: { of: 3, breaching: 3 },
    });
  }

  private watchJobs({ api, httpApi, jobFailures }: MonitoringProps): void {
    this.alarm('jobs-failed', {
      severity: 'low',
      meaning: 'A job failed all attempts, or could not be started.',
      metric: jobFailures.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: minutes(5) }),
      threshold: 1,
    });
    this.alarm('api-failing', {
      severity: 'low',
      meaning: 'The dashboard, or a link in a mail, shows errors.',
      metric: sum([httpApi.metricServerError(), api.lambda.metricThrottles()]),
      threshold: 1,
      periods: twoOfThree,
    });
  }

  private watchLake(interactive: CfnWorkGroup): void {
    this.alarm('lake-problems', {
      severity: 'low',
      meaning: 'Hours were not settled or not deleted as they should be.',
      metric: this.metric('LakeProblems', Duration.hours(1)),
      threshold: 1,
    });
    this.alarm('queries-over-budget', {
      severity: 'low',
      meaning: 'A query of a job scanned more than its budget, or the queries of one day cost more than theirs.',
      metric: this.metric('QueryOverBudget', Duration.hours(1)),
      threshold: 1,
    });
    this.alarm('analysts-over-budget', {
      severity: 'low',
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

  /** A tenant's webhook may be gone for good, so this wakes nobody. */
  private watchChannels(): void {
    this.alarm('messages-dead', {
      severity: 'low',
      meaning: 'Alerts could not be delivered to a channel for two days.',
      metric: this.metric('MessagesDead', Duration.hours(1)),
      threshold: 1,
    });
  }

  /** SES's own limits, which the stack shares with everything else in the account. */
  private watchMails(mails: boolean): void {
    if (!mails) return;
    const reputation = { namespace: 'AWS/SES', statistic: Stats.MAXIMUM };
    this.alarm('mail-reputation', {
      severity: 'low',
      meaning: 'More than 5% of the account’s mails bounce, or 0.1% are reported as spam: SES may stop sending.',
      metric: new MathExpression({
        expression: 'MAX([FILL(bounces, 0) / 0.05, FILL(complaints, 0) / 0.001])',
        usingMetrics: {
          bounces: new Metric({ ...reputation, metricName: 'Reputation.BounceRate' }),
          complaints: new Metric({ ...reputation, metricName: 'Reputation.ComplaintRate' }),
        },
        period: Duration.hours(1),
      }),
      threshold: 1,
    });
  }

  private watchBudget(dollars?: number): void {
    if (!dollars) return;
    this.topics.low.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('budgets.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topics.low.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    const subscribers = [{ subscriptionType: 'SNS', address: this.topics.low.topicArn }];
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

const twoOfThree = { of: 3, breaching: 2 };

/** Alarms on invocations that threw, timed out or were refused for lack of concurrency. */
function failing(functions: readonly AnySourceFunction[]): Pick<AlarmRule, 'metric' | 'threshold' | 'periods'> {
  const metrics = functions.flatMap(({ lambda }) => [lambda.metricErrors(), lambda.metricThrottles()]);
  return { metric: sum(metrics), threshold: 1, periods: twoOfThree };
}

/** Sums metrics over five minutes. One that was not written counts as 0. */
function sum(metrics: readonly IMetric[]): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, at) => [`m${at}`, metric]));
  const expression = Object.keys(usingMetrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, period: minutes(5) });
}

function minutes(count: number) {
  return Duration.minutes(count);
}

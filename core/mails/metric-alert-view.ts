import { describeMetricAlert, describeUnusual } from '#core/metrics/alert-words.ts';
import { formatMetric } from '#core/metrics/format-metric.ts';
import type { MailContent } from '#schemas/alerts.ts';
import type { MetricAlert } from '#schemas/insights/metric-alert.ts';
import type { IncidentView } from './alert-view.ts';
import { bars } from './bars.ts';
import { dateWords, tidy } from './words.ts';

export type MetricContent = Extract<MailContent, { kind: 'metric-alert' | 'metric-recovery' }>;

/** What a mail or message says of a custom metric that is beyond its threshold or unusual, or no longer is. */
export function metricAlertView(content: MetricContent): IncidentView {
  const { metric, rule, start, value, recent } = content;
  const name = tidy(metric.name);
  const words = content.kind === 'metric-alert' ? alertWords(content, name) : recoveryWords(content, name);
  return {
    subject: `${tidy(content.title, 50) || content.page}: ${words.headline}`,
    preview: words.lead,
    title: tidy(content.title) || content.page,
    ...words,
    brokenLinks: null,
    broken: [],
    moreBroken: 0,
    chartTitle: `${name} per ${rule.period}`,
    chart: bars(
      recent.map((point) => ({
        label: labelOf(point.date, rule.period),
        value: point.value,
        marked: point.date === start,
      })),
      (shown) => formatMetric(shown, metric),
    ),
    backtest: null,
    tone: content.kind === 'metric-recovery' ? 'calm' : isFalling(rule, value, content.expected) ? 'down' : 'up',
  };
}

type Words = Pick<IncidentView, 'headline' | 'lead' | 'facts'>;

function alertWords(content: Extract<MetricContent, { kind: 'metric-alert' }>, name: string): Words {
  const { metric, rule, start, value, expected } = content;
  const isRelative = rule.when === 'unusual' && expected !== null && expected > 0;
  const words = isRelative ? describeUnusual(value, expected) : describeMetricAlert(rule, metric);
  const end = rule.when === 'unusual' ? 'usual for three days' : 'within its threshold';
  return {
    headline: `${name} is ${words}`,
    lead: `It was ${formatMetric(value, metric)} ${periodWords(start, rule.period)}.${expectedWords(content)}`,
    facts: [`You get one message when it is ${end} again, and no other alert of this metric until then.`],
  };
}

function recoveryWords(content: Extract<MetricContent, { kind: 'metric-recovery' }>, name: string): Words {
  const { metric, rule, since, start, value } = content;
  const was = rule.when === 'unusual' ? 'unusual' : describeMetricAlert(rule, metric);
  return {
    headline: `${name} is back ${rule.when === 'unusual' ? 'to normal' : 'within its threshold'}`,
    lead: `It was ${formatMetric(value, metric)} ${periodWords(start, rule.period)}.${expectedWords(content)}`,
    facts: [`The alert opened ${periodWords(since, rule.period)}: ${was}.`],
  };
}

function expectedWords({ expected, metric }: MetricContent): string {
  return expected === null ? '' : ` Expected: about ${formatMetric(expected, metric)}.`;
}

function isFalling(rule: MetricAlert, value: number, expected: number | null): boolean {
  return rule.when === 'unusual' ? value < (expected ?? 0) : rule.when === 'below';
}

function periodWords(start: string, period: MetricAlert['period']): string {
  switch (period) {
    case 'day':
      return `on ${dateWords.long(start)}`;
    case 'week':
      return `in the week from ${dateWords.long(start)}`;
    case 'month':
      return `in ${dateWords.monthYear(start)}`;
    default:
      return period satisfies never;
  }
}

function labelOf(start: string, period: MetricAlert['period']): string {
  switch (period) {
    case 'day':
      return dateWords.short(start);
    case 'week':
      return dateWords.dayMonth(start);
    case 'month':
      return dateWords.monthYear(start);
    default:
      return period satisfies never;
  }
}

import type { MetricName } from '#schemas/log-lines.ts';

/**
 * The stack's name, inserted by the bundler (lib/bundle.ts) so that redirect need not look it up. Undefined when the
 * sources run unbundled.
 */
declare const STACK_NAME: string;

/** Namespace of the stack's metrics. Differs between two stacks in one account and region. */
export const metricNamespace: string = typeof STACK_NAME === 'string' ? STACK_NAME : 'Hopcount';

/**
 * Formats counts as a log line in CloudWatch's embedded metric format, without a newline; no line if all counts are zero,
 * because an alarm treats a missing value as 0. Written by hand because redirect's bundle does not include Powertools.
 * @param at milliseconds since the epoch
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLines(at: number, counts: Partial<Record<MetricName, number>>): string[] {
  const sent = Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
  const metrics = Object.keys(sent).map((name) => ({ Name: name, Unit: 'Count' }));
  if (metrics.length === 0) return [];
  const directive = { Namespace: metricNamespace, Dimensions: [[]], Metrics: metrics };
  return [JSON.stringify({ _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, ...sent })];
}

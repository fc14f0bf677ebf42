/**
 * The stack's name, inserted by the bundler (lib/bundle.ts) so that redirect need not look it up. Undefined when the
 * sources run unbundled.
 */
declare const STACK_NAME: string;

/** Namespace of the stack's metrics. Differs between two stacks in one account and region. */
export const metricNamespace: string = typeof STACK_NAME === 'string' ? STACK_NAME : 'Hopcount';

export interface Measurement {
  name: string;
  value: number;
  unit: 'Count' | 'Milliseconds' | 'Bytes';
}

/**
 * Formats a log line in CloudWatch's embedded metric format, without a newline. Written by hand because redirect's
 * bundle does not include Powertools.
 * @param at milliseconds since the epoch
 * @param dimensions low-cardinality values only: each combination is a billed metric
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(
  at: number,
  measurements: readonly Measurement[],
  dimensions: Readonly<Record<string, string>> = {},
): string {
  return JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: metricNamespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: measurements.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(measurements.map(({ name, value }) => [name, value])),
  });
}

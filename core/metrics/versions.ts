import { isDeepStrictEqual } from 'node:util';
import { type Metric, metricLimits, type MetricVersion, type NewMetric } from '#schemas/insights/metrics.ts';

/** Returns a metric with its first version. @param since ISO instant */
export function newMetric(id: string, definition: NewMetric, since: string): Metric {
  return { id, version: 1, since, earlier: [], ...definition };
}

/**
 * Returns a metric with a changed definition. It gets a new version if what its days are computed by has changed; another name,
 * goal, alert or number of decimals is the same version.
 * @param since ISO instant of the change
 */
export function changeMetric(metric: Metric, change: NewMetric, since: string): Metric {
  const { id, version, earlier } = metric;
  const before = definitionOf(metric);
  if (isDeepStrictEqual(before, definitionOf(change))) return { id, version, since: metric.since, earlier, ...change };
  return {
    id,
    version: version + 1,
    since,
    earlier: [{ version, since: metric.since, ...before }, ...earlier].slice(0, metricLimits.earlierVersions),
    ...change,
  };
}

type Definition = Omit<MetricVersion, 'version' | 'since'>;

function definitionOf({ unit, currency, measures, formula }: Definition): Definition {
  return { unit, currency, measures, formula };
}

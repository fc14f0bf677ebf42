import { parseFormula } from '#core/metrics/formula.ts';
import { isCounted } from '#core/metrics/measures.ts';
import { readCurrency } from '#core/money.ts';
import { metricAlertSchema } from '#schemas/insights/metric-alert.ts';
import type { Metric, MetricView, NewMetric } from '#schemas/insights/metrics.ts';
import { invalidRequest } from '../problem.ts';

/**
 * Checks what the schema of a definition cannot.
 * @throws {Problem} 400 for a formula, with the position, and for a currency that is none
 */
export function checkMetric({ formula, measures, currency }: NewMetric): void {
  const parsed = parseFormula(formula, Object.keys(measures));
  if (!parsed.ok) {
    const { at, message } = parsed.problem;
    const allowed = `a formula with ${message} at character ${at + 1}`;
    throw invalidRequest([{ field: 'formula', value: formula, allowed }]);
  }
  if (currency !== null && readCurrency(currency) !== currency)
    throw invalidRequest([{ field: 'currency', value: currency, allowed: 'an ISO 4217 code such as EUR' }]);
}

/** Returns what users of the page see of a metric. */
export function toMetricView(metric: Metric): MetricView {
  const { id, name, unit, currency, decimals, measures, formula, goal, alert, version, since } = metric;
  return {
    id,
    name,
    unit,
    currency,
    decimals,
    measures: Object.fromEntries(
      // DynamoDB keeps no order.
      Object.entries(measures)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, { of, property, filters }]) => [
          key,
          { of, property, filters: filters.map(({ field, operator, values }) => ({ field, operator, values })) },
        ]),
    ),
    formula,
    goal: goal && { target: goal.target, period: goal.period, at: goal.at },
    alert: alert && metricAlertSchema.parse(alert),
    version,
    since,
    source: isCounted(metric) ? 'counters' : 'lake',
  };
}

/** Returns what a share shows of a metric: not how it is computed, and no alert. */
export function toSharedMetricView(metric: Metric): MetricView {
  return { ...toMetricView(metric), measures: {}, formula: '', alert: null };
}

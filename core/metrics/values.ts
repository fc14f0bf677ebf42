import { startOfPeriod } from '#core/periods.ts';
import { isAdditive, parseFormula } from './formula.ts';
import type { Metric, MetricRow, MetricState, MetricVersion } from '#schemas/insights/metrics.ts';
import { addMeasures, computeMetric, type MeasureSums, type MetricResult } from './measures.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

/** A local date of a metric. */
export interface MetricDay {
  date: string;
  state: MetricState;
  /** Version of the definition that its measures have; 0 if they are unknown. */
  version: number;
  measures: MeasureSums | undefined;
}

/**
 * Returns a row for each day, week or month. The value of a row is the formula of the sums of its days, never a mean. If its
 * days have several versions, it is that of those with the newest.
 * @param days in order
 */
export function buildMetricRows(metric: Metric, days: readonly MetricDay[], by: PeriodUnit): MetricRow[] {
  return [...Map.groupBy(days, ({ date }) => startOfPeriod(date, by))].map(([start, part]) => {
    const version = Math.max(...part.map((day) => day.version));
    return {
      start,
      ...computeDays(findVersion(metric, version), part),
      state: stateOf(part),
      version,
    };
  });
}

/** Returns the value of all days with the present version, and how many they are. */
export function totalOfDays(
  metric: Metric,
  days: readonly MetricDay[],
): MetricResult & { days: number; known: number } {
  const known = days.filter(({ version, measures }) => version === metric.version && measures !== undefined);
  return { ...computeDays(metric, days), days: days.length, known: known.length };
}

/** Computes the days that have a version. */
function computeDays(version: MetricVersion | undefined, days: readonly MetricDay[]): MetricResult {
  const sums = days.flatMap((day) => (day.version === version?.version && day.measures ? [day.measures] : []));
  if (version === undefined || sums.length === 0) return { value: null, error: null, ignored: 0 };
  return computeMetric(version, addMeasures(sums));
}

function findVersion(metric: Metric, version: number): MetricVersion | undefined {
  return [metric, ...metric.earlier].find((each) => each.version === version);
}

/** The state of a period: pending or running if one of its days is, missing only if all are. */
function stateOf(days: readonly MetricDay[]): MetricState {
  const states = new Set(days.map(({ state }) => state));
  if (states.has('pending')) return 'pending';
  if (states.has('running')) return 'running';
  return states.has('settled') ? 'settled' : 'missing';
}

/** Returns whether a metric of several days is the sum of its days. */
export function isSummable({ unit, formula, measures }: Metric): boolean {
  if (unit === 'percent' || unit === 'ratio') return false;
  const parsed = parseFormula(formula, Object.keys(measures));
  return parsed.ok && isAdditive(parsed.formula) && Object.values(measures).every(({ of }) => of !== 'average');
}

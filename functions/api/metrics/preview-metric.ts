import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { addMeasures, computeMetric, isCounted, type MeasureSums } from '#core/metrics/measures.ts';
import { priceMetric } from '#core/cost/metrics.ts';
import { type MetricPreview, metricLimits, type NewMetric } from '#schemas/insights/metrics.ts';
import { metricKey } from '#stores/lake/metric-queries.ts';
import { readProgress } from '../reports/progress.ts';
import type { ReportSubject } from '../reports/subject.ts';
import { toLakeMetric } from './lake-metric.ts';
import { createMetricReader, type MetricDeps } from './read-days.ts';
import { newMetric } from '#core/metrics/versions.ts';

interface Read {
  days: { date: string; measures: MeasureSums }[];
  cost: MetricPreview['cost'];
}

/**
 * Computes a definition for the last days, without storing it, and says what it costs.
 * @throws {StoreUnavailable}
 */
export async function previewMetric(
  deps: MetricDeps,
  page: ReportSubject,
  definition: NewMetric,
): Promise<MetricPreview> {
  const to = localTimeOf(page.zone, deps.now()).date;
  const dates = { from: addDays(to, 1 - metricLimits.previewDays), to };
  const counted = isCounted(definition);
  const { days, cost } = await (counted
    ? readCounted(deps, page, definition, dates)
    : readLake(deps, page, definition, dates));
  return {
    source: counted ? 'counters' : 'lake',
    ...dates,
    rows: days.map(({ date, measures }) => ({ start: date, ...computeMetric(definition, measures) })),
    total: computeMetric(definition, days.length === 0 ? undefined : addMeasures(days.map(({ measures }) => measures))),
    cost,
  };
}

type Dates = Pick<MetricPreview, 'from' | 'to'>;

async function readCounted(
  deps: MetricDeps,
  page: ReportSubject,
  definition: NewMetric,
  { from, to }: Dates,
): Promise<Read> {
  const metric = newMetric('preview', definition, new Date(deps.now()).toISOString());
  const progress = await readProgress(deps.stats, deps.now());
  const days = await createMetricReader({ deps, page, metric, progress }).days({ first: from, last: to });
  return {
    days: days.flatMap(({ date, measures }) => (measures ? [{ date, measures }] : [])),
    cost: { preview: 0, history: 0, month: 0 },
  };
}

async function readLake(deps: MetricDeps, page: ReportSubject, definition: NewMetric, dates: Dates): Promise<Read> {
  const metric = await toLakeMetric(deps, { ...definition, id: 'preview', version: 1 }, page.name);
  const { days, bytes, dollars } = await deps.lake.metrics([metric], dates, { reuse: false });
  return {
    days: days.flatMap(({ date, metrics }) => {
      const measures = metrics[metricKey(metric)];
      return measures === undefined ? [] : [{ date, measures }];
    }),
    cost: {
      preview: dollars,
      ...priceMetric(bytes, { preview: metricLimits.previewDays, history: metricLimits.days }),
    },
  };
}

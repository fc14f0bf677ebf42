import { isCounted, readCounted } from '#core/metrics/measures.ts';
import type { MetricDay } from '#core/metrics/values.ts';
import { type DateSpan, listDates } from '#core/stats/period.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import { metricKey } from '../lake/metric-queries.ts';
import type { StatsStore } from './stats.ts';

export type SettledStore = Pick<StatsStore, 'days' | 'metricsDays' | 'filledMetrics'>;

/** Reads a metric on local dates that have all settled, in order. @throws {StoreUnavailable} */
export async function readSettledMetric(
  store: SettledStore,
  entity: string,
  metric: Metric,
  span: DateSpan,
): Promise<MetricDay[]> {
  if (!isCounted(metric)) return readSettledMeasures(store, entity, metric, span);
  const days = await store.days(entity, span.first, span.last);
  const byDate = new Map(days.map(({ date, numbers }) => [date, numbers]));
  return listDates(span).map((date) => ({
    date,
    state: 'settled',
    version: metric.version,
    measures: readCounted(metric, byDate.get(date) ?? {}),
  }));
}

/**
 * Reads a metric of the lake as settle has computed it. A day that it has not computed since the definition changed is pending.
 * @throws {StoreUnavailable}
 */
export async function readSettledMeasures(
  store: Pick<SettledStore, 'metricsDays' | 'filledMetrics'>,
  entity: string,
  metric: Metric,
  span: DateSpan,
): Promise<MetricDay[]> {
  if (span.first > span.last) return [];
  const [items, filled] = await Promise.all([
    store.metricsDays(entity, span.first, span.last),
    store.filledMetrics(entity),
  ]);
  const isKnown = filled?.metrics.includes(metricKey(metric)) ?? false;
  const byDate = new Map(items.map(({ date, metrics }) => [date, metrics]));
  return listDates(span).map((date): MetricDay => {
    const found = [metric, ...metric.earlier].flatMap((version) => {
      const measures = byDate.get(date)?.[metricKey({ id: metric.id, version: version.version })];
      return measures === undefined ? [] : [{ version: version.version, measures }];
    });
    const [{ version, measures } = { version: 0, measures: undefined }] = found;
    if (version === metric.version) return { date, state: 'settled', version, measures };
    const isPending = !isKnown || (filled?.next !== undefined && date >= filled.next);
    return { date, state: isPending ? 'pending' : version === 0 ? 'missing' : 'settled', version, measures };
  });
}

import { localTimeOf } from '#core/enrich/local-time.ts';
import { addNumbers, type Numbers, pickNumbers } from '#core/ledger/outcomes.ts';
import { addDays, earlierDate, lastEndedDate, laterDate, type TimeRange } from '#core/ledger/time-range.ts';
import { isCounted, type MeasureSums, readCounted, zeroMeasures } from '#core/metrics/measures.ts';
import type { MetricDay } from '#core/metrics/values.ts';
import { type DateSpan, listDates, settledDates } from '#core/stats/period.ts';
import type { Metric, MetricValues } from '#schemas/insights/metrics.ts';
import { once } from '#core/once.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import { readSettledMeasures } from '#stores/counters/settled-metrics.ts';
import { metricKey } from '#stores/lake/metric-queries.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { toLakeMetric } from './lake-metric.ts';
import { parseRange } from '../reports/parse-range.ts';
import type { Progress } from '../reports/progress.ts';
import { readCounters } from '../reports/read-counters.ts';
import type { ReportDeps } from '../reports/reports.ts';
import type { ReportSubject } from '../reports/subject.ts';

export interface MetricReader {
  /** Reads the days of a span that have begun, in order. */
  days: (span: DateSpan) => Promise<MetricDay[]>;
  /** What could not be read. */
  errors: MetricValues['errors'];
  /** Moment up to which a running day counts, in milliseconds since the epoch. */
  moment: number;
}

/** What reading a metric takes. */
export type MetricDeps = ReportDeps & { catalog: Pick<CatalogAdmin, 'listLinksAfter'> };

interface ReaderOptions {
  deps: MetricDeps;
  page: ReportSubject;
  metric: Metric;
  progress: Progress;
}

/** Reads a metric by local date: from the counters, or what settle has computed and, for days that are not settled, the lake. */
export function createMetricReader(options: ReaderOptions): MetricReader {
  const { deps, metric, progress } = options;
  const now = deps.now();
  const counted = isCounted(metric);
  const errors: MetricValues['errors'] = [];
  const running = once(() => readRunning(options, errors));
  return {
    errors,
    moment: counted || progress.settled === undefined ? now : Math.min(now, progress.settled - 1),
    days: async (span) => {
      const range = parseRange({ from: span.first, to: span.last, interval: 'day' }, options.page.zone, now);
      const begun = { first: span.first, last: earlierDate(span.last, localTimeOf(options.page.zone, now).date) };
      if (begun.first > begun.last) return [];
      return counted ? readCountedDays(options, range, begun) : readLakeDays(options, { range, begun, running });
    },
  };
}

async function readCountedDays({ deps, page, metric, progress }: ReaderOptions, range: TimeRange, begun: DateSpan) {
  const { hours, days, settled } = await readCounters(deps.stats, page.entity, range, progress.settled, false);
  const byDate = new Map<string, Numbers[]>(days.map(({ date, numbers }) => [date, [numbers]]));
  for (const item of hours) {
    const date = item.hour.slice(0, 10);
    byDate.set(date, [...(byDate.get(date) ?? []), pickNumbers(item)]);
  }
  return listDates(begun).map(
    (date): MetricDay => ({
      date,
      state: date <= settled.last ? 'settled' : 'running',
      version: metric.version,
      measures: readCounted(metric, addNumbers(byDate.get(date) ?? [])),
    }),
  );
}

type Running = () => Promise<ReadonlyMap<string, MeasureSums>>;

interface LakeSpan {
  range: TimeRange;
  begun: DateSpan;
  running: Running;
}

/** Reads settled days as settle computed them, and later ones from the lake. */
async function readLakeDays(options: ReaderOptions, { range, begun, running }: LakeSpan): Promise<MetricDay[]> {
  const { deps, page, metric, progress } = options;
  const { first, last } = settledDates(range, progress.settled);
  const open = { first: last < first ? begun.first : addDays(last, 1), last: begun.last };
  const [settled, measured] = await Promise.all([
    readSettledMeasures(deps.stats, page.entity, metric, { first, last }),
    open.first > open.last ? new Map<string, MeasureSums>() : running(),
  ]);
  const later = listDates(open).map(
    (date): MetricDay => ({
      date,
      state: 'running',
      version: measured.has(date) ? metric.version : 0,
      measures: measured.get(date),
    }),
  );
  return [...settled.filter(({ date }) => date <= begun.last), ...later];
}

/** Days that are not settled and are still read: more of them are the trace of a settle that stands still. */
const mostRunning = 7;

/**
 * Reads the days that are not settled, up to the last settled hour: all of them with one query, whichever are shown. Without the
 * lake, the other days are still right.
 */
async function readRunning(
  { deps, page, metric, progress }: ReaderOptions,
  errors: MetricValues['errors'],
): Promise<Map<string, MeasureSums>> {
  if (progress.settled === undefined) return new Map();
  const last = localTimeOf(page.zone, deps.now()).date;
  const from = laterDate(addDays(lastEndedDate(page.zone, progress.settled), 1), addDays(last, 1 - mostRunning));
  try {
    const { days } = await deps.lake.metrics(
      [await toLakeMetric(deps, metric, page.name)],
      { from, to: last },
      { reuse: true },
    );
    const known = new Map(days.map(({ date, metrics }) => [date, metrics[metricKey(metric)]]));
    return new Map(listDates({ first: from, last }).map((date) => [date, known.get(date) ?? zeroMeasures(metric)]));
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    errors.push({ part: 'running', message: 'Temporarily unavailable: days that are not settled yet.' });
    return new Map();
  }
}

import { addDays, earlierDate, laterDate } from '#core/ledger/time-range.ts';
import { zeroMeasures } from '#core/metrics/measures.ts';
import { hourAt } from '#core/settle/hours.ts';
import { countDates, type DateSpan, groupConsecutive, listDates } from '#core/stats/period.ts';
import { metricLimits } from '#schemas/insights/metrics.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { QueryFailed } from '#stores/lake/errors.ts';
import { type LakeDay, type LakeMetric, metricKey, readMetricDays } from '#stores/lake/metric-queries.ts';
import type { FilledMetrics } from '#stores/counters/settled-days.ts';
import { createStep, type Visit } from '../visit.ts';

/** Local dates that one query computes. */
const datesAtOnce = 31;

/**
 * Computes the measures of all pages' metrics on local dates that were settled, with one query for as many of them as fit. If it
 * fails, the next settle tries again.
 */
export const settleMetrics = createStep<DateSpan>({
  units: async ({ deps }) => groupConsecutive((await deps.state.workLists()).metrics).flatMap(splitSpan),
  run: async (visit, span) => {
    const { deps } = visit;
    const metrics = await deps.metrics();
    const days = metrics.length === 0 ? [] : await attempt(visit, metrics, span);
    if (days === undefined) return;
    const pages = Map.groupBy(metrics, ({ page }) => page);
    await deps.rollups.writeMetrics(completeDays(days, pages, listDates(span)), visit.nextRun());
    await deps.state.removeWork('metrics', listDates(span));
  },
});

interface Filling extends DateSpan {
  page: string;
  defined: LakeMetric[];
}

/**
 * Computes the history of pages whose metrics have changed, a month at a time, from the first day with events. Older days keep what
 * they have.
 */
export const fillMetrics = createStep<Filling>({
  units: async (visit) => {
    const { deps } = visit;
    const pages = Map.groupBy(await deps.metrics(), ({ page }) => page);
    if (pages.size === 0) return [];
    const kept = await keptDates(visit);
    const fillings: Filling[] = [];
    for (const [page, defined] of pages)
      fillings.push(...nextFilling(await deps.rollups.readFilled(page), { page, defined, ...kept }));
    return fillings;
  },
  run: async (visit, filling) => {
    const { page, defined, first, last } = filling;
    const { rollups } = visit.deps;
    const span = { first, last: earlierDate(addDays(first, datesAtOnce - 1), last) };
    const days = await attempt(visit, defined, span);
    if (days === undefined) return [];
    const known = await rollups.readFilled(page);
    const begin = isOf(known, defined) && known.begun ? first : days[0]?.date;
    const dates = begin === undefined ? [] : listDates({ first: begin, last: span.last });
    await rollups.writeMetrics(completeDays(days, new Map([[page, defined]]), dates), visit.nextRun());
    const next = addDays(span.last, 1);
    const isDone = next > last;
    const metrics = namesOf(defined);
    await rollups.putFilled(page, { metrics, begun: begin !== undefined, ...(!isDone && { next }) });
    return isDone ? [] : [{ ...filling, first: next }];
  },
});

/** Returns what is left to do for a page: all of it if its metrics have changed since. */
function nextFilling(filled: FilledMetrics | undefined, filling: Filling): Filling[] {
  if (!isOf(filled, filling.defined)) return countDates(filling) > 0 ? [filling] : [];
  return filled.next === undefined || filled.next > filling.last ? [] : [{ ...filling, first: filled.next }];
}

function isOf(filled: FilledMetrics | undefined, metrics: readonly LakeMetric[]): filled is FilledMetrics {
  return filled?.metrics.join() === namesOf(metrics).join();
}

function namesOf(metrics: readonly LakeMetric[]): string[] {
  return metrics.map(metricKey).toSorted();
}

/** Returns the dates whose events are kept, at most those of the longest range. */
async function keptDates({ deps, closedThrough }: Visit): Promise<DateSpan> {
  const last = hourAt(closedThrough).dt;
  const [folder] = await deps.files.folders(settledTables.events.prefix);
  const first = folder?.slice('dt='.length) ?? addDays(last, 1);
  const least = addDays(last, 1 - metricLimits.days);
  return { first: laterDate(first, least), last };
}

/** Returns undefined if the query failed, which raises an alarm and stops nothing else. */
async function attempt(
  { deps }: Visit,
  metrics: readonly LakeMetric[],
  { first: from, last: to }: DateSpan,
): Promise<LakeDay[] | undefined> {
  try {
    return (await readMetricDays(deps.athena, metrics, { from, to })).days;
  } catch (error) {
    if (!(error instanceof QueryFailed)) throw error;
    deps.report({ kind: 'metrics-failed', alert: true, from, to, reason: error.message });
    return undefined;
  }
}

/** Returns the measures of every page on every date: those without events are 0. */
function completeDays(
  days: readonly LakeDay[],
  pages: ReadonlyMap<string, readonly LakeMetric[]>,
  dates: readonly string[],
): LakeDay[] {
  const known = new Map(days.map((day) => [`${day.date} ${day.page}`, day]));
  return dates.flatMap((date) =>
    [...pages].map(([page, defined]) => known.get(`${date} ${page}`) ?? emptyDay(page, date, defined)),
  );
}

function emptyDay(page: string, date: string, metrics: readonly LakeMetric[]): LakeDay {
  return {
    page,
    date,
    metrics: Object.fromEntries(metrics.map((metric) => [metricKey(metric), zeroMeasures(metric)])),
  };
}

function splitSpan({ first, last }: DateSpan): DateSpan[] {
  const spans: DateSpan[] = [];
  for (let from = first; from <= last; from = addDays(from, datesAtOnce))
    spans.push({ first: from, last: earlierDate(addDays(from, datesAtOnce - 1), last) });
  return spans;
}

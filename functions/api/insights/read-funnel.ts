import { buildFunnelSteps } from '#core/funnel/report.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { dayLength } from '#core/time.ts';
import {
  type Funnel,
  type FunnelCounts,
  funnelLimits,
  type FunnelReport,
  type FunnelReportQuery,
  type FunnelStepCount,
} from '#schemas/api/insights/funnels.ts';
import { toFilters } from '#schemas/api/insights/retention.ts';
import type { Page } from '#schemas/catalog.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import type { FunnelRow } from '#stores/lake/stats-queries.ts';
import type { ApiDeps } from '../deps.ts';
import { invalidRequest } from '../problem.ts';
import { type Progress, readProgress } from '../reports/progress.ts';
import { emptyCoverage, firstEventDate, readKeptCounts, toCoverage, toSource, unavailable } from './kept-counts.ts';

interface FunnelRequest {
  page: Page;
  funnel: Funnel;
  query: FunnelReportQuery;
  /** Computes again, whatever is cached. */
  refresh: boolean;
}

/**
 * Returns how far visits or people came in a funnel, from the page's settled events: from the cache until the next hour settles.
 * @throws {Problem} 400 for an invalid range
 * @throws {StoreUnavailable}
 */
export async function readFunnel(
  deps: Pick<ApiDeps, 'lake' | 'stats' | 'funnelCounts' | 'now'>,
  { page, funnel, query, refresh }: FunnelRequest,
): Promise<FunnelReport> {
  const now = deps.now();
  const span = parseSpan(query, page.timeZone, now);
  const progress = await readProgress(deps.stats, now);
  const shell = buildShell(funnel, query, span, progress);
  const ofPeople = funnel.unit === 'person';
  if (ofPeople && page.identitySecret === undefined) return { ...shell, unavailable: unavailable['identities-off'] };
  if (progress.settledKnown && progress.settled === undefined)
    return { ...shell, unavailable: unavailable['not-settled'] };
  const { unit, windowDays, steps } = funnel;
  const kept = await readKeptCounts(deps.funnelCounts, {
    key: [page.path, span, query.by, unit, windowDays, steps],
    progress,
    refresh,
    query: () => queryCounts(deps, { page, funnel, span, by: query.by, progress }),
  });
  const { counts, error } = kept;
  const options = { length: steps.length, smallest: ofPeople ? funnelLimits.people : 1 };
  const noIds = ofPeople && counts.withUnit === 0;
  return {
    ...shell,
    ...(!noIds && { steps: buildFunnelSteps(counts.total, options) }),
    values: counts.values
      // A few people of a value are not even named.
      .filter((each) => (each.steps[0]?.reached ?? 0) >= options.smallest)
      .map((each) => ({ value: each.value, steps: buildFunnelSteps(each.steps, options) })),
    coverage: toCoverage(counts.counted, counts.withUnit, ofPeople),
    unavailable: noIds ? unavailable[page.identities === 'none' ? 'identities-off' : 'no-ids-yet'] : null,
    settledThrough: new Date(counts.settledThrough).toISOString(),
    sources: { funnel: toSource(kept) },
    errors: [...progress.errors, ...(error === undefined ? [] : [{ part: 'funnel', message: error }])],
  };
}

/** Local dates of the first step. */
interface Span {
  from: string;
  to: string;
}

const defaultDays = 30;

/** @throws {Problem} 400 */
function parseSpan({ from, to }: FunnelReportQuery, zone: string, now: number): Span {
  const today = localTimeOf(zone, now).date;
  const last = to === undefined || to > today ? today : to;
  const first = from ?? addDays(last, 1 - defaultDays);
  if (first > last)
    throw invalidRequest([{ field: 'to', value: to ?? null, allowed: '`from` or later, and no later than today' }]);
  if (first <= addDays(last, -funnelLimits.days))
    throw invalidRequest([{ field: 'from', value: first, allowed: `at most ${funnelLimits.days} days up to \`to\`` }]);
  return { from: first, to: last };
}

function buildShell(
  funnel: Funnel,
  { by }: FunnelReportQuery,
  { from, to }: Span,
  { settled, freshness, errors }: Progress,
): FunnelReport {
  return {
    funnel,
    from,
    to,
    by: by ?? null,
    steps: [],
    values: [],
    coverage: emptyCoverage,
    unavailable: null,
    settledThrough: settled === undefined ? null : new Date(settled).toISOString(),
    sources: {},
    freshness,
    errors: [...errors],
  };
}

async function queryCounts(
  { lake }: Pick<ApiDeps, 'lake'>,
  request: { page: Page; funnel: Funnel; span: Span; by: FunnelReportQuery['by']; progress: Progress },
): Promise<FunnelCounts> {
  const { page, funnel, span, by, progress } = request;
  if (progress.settled === undefined) throw new StoreUnavailable('how far the lake has settled is not known');
  const { unit, steps } = funnel;
  const days = unit === 'person' ? funnel.windowDays : 1;
  const until = unit === 'person' ? addDays(span.to, days + 1) : span.to;
  const rows = await lake.funnel({
    // What links the ids of a person may be older, or younger, than the steps.
    first_dt: unit === 'person' ? firstEventDate(page) : addDays(span.from, -1),
    last_dt: unit === 'person' ? localTimeOf('UTC', progress.settled).date : addDays(until, 1),
    ...span,
    until,
    page: page.path,
    unit,
    dimension: by ?? '',
    length: steps.length,
    longest: funnelLimits.values,
    // A visit ends with its local date, which has at most 25 hours.
    seconds: ((unit === 'person' ? days : days + 1) * dayLength) / 1000,
    settled: progress.settled,
    ...toStepParameters(steps),
  });
  return toCounts(rows, progress.settled);
}

/** No event has this type: it stands for a step that the funnel does not have. */
const noStep = { type: 'none', path: '', filters: [] } as const;

function toStepParameters(steps: Funnel['steps']) {
  function of(at: number) {
    const step = steps[at];
    return step ? { type: step.type ?? '', path: step.path ?? '', filters: toFilters(step) } : noStep;
  }
  const [a, b, c, d, e, f, g, h] = [of(0), of(1), of(2), of(3), of(4), of(5), of(6), of(7)];
  return {
    type_a: a.type,
    path_a: a.path,
    filters_a: [...a.filters],
    type_b: b.type,
    path_b: b.path,
    filters_b: [...b.filters],
    type_c: c.type,
    path_c: c.path,
    filters_c: [...c.filters],
    type_d: d.type,
    path_d: d.path,
    filters_d: [...d.filters],
    type_e: e.type,
    path_e: e.path,
    filters_e: [...e.filters],
    type_f: f.type,
    path_f: f.path,
    filters_f: [...f.filters],
    type_g: g.type,
    path_g: g.path,
    filters_g: [...g.filters],
    type_h: h.type,
    path_h: h.path,
    filters_h: [...h.filters],
  };
}

function toCounts(rows: readonly FunnelRow[], settledThrough: number): FunnelCounts {
  const lists = Map.groupBy(rows, ({ list }) => list);
  const values = [...Map.groupBy(lists.get('value') ?? [], ({ value }) => value)].map(([value, steps]) => ({
    value,
    steps: steps.map(toStepCount),
  }));
  return {
    settledThrough,
    total: (lists.get('total') ?? []).map(toStepCount),
    values: values.toSorted((a, b) => (b.steps[0]?.reached ?? 0) - (a.steps[0]?.reached ?? 0)),
    counted: lists.get('counted')?.[0]?.reached ?? 0,
    withUnit: lists.get('united')?.[0]?.reached ?? 0,
  };
}

function toStepCount({ step, reached, open, median }: FunnelRow): FunnelStepCount {
  return { step, reached, open, medianSeconds: median };
}

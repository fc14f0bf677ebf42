import { addDays } from '#core/ledger/time-range.ts';
import type { Filter } from '#schemas/api/filters.ts';
import type { Outcome } from '#schemas/event.ts';
import type { Athena } from './athena.ts';
import { type LakeMetric, type MetricRange, type MetricRead, readMetricDays } from './metric-queries.ts';
import { StoreUnavailable } from '../errors.ts';
import {
  type EventCountRow,
  eventCounts,
  type FilteredCount,
  filteredCounts,
  type FilteredVisitors,
  filteredVisitors,
  type LedgerExample,
  ledgerExamples,
  retentionCounts,
  type RetentionRow,
  type RuleEffectRow,
  ruleEffect,
  funnelCounts,
  type FunnelRow,
} from './stats-queries.ts';

export interface LakeRequest {
  kind: 'page' | 'link';
  name: string;
  /** The page, or that of the link. */
  page: string;
  /** First and last local date. */
  from: string;
  to: string;
  /** Milliseconds since the epoch, `end` exclusive. */
  start: number;
  end: number;
  filters: readonly Filter[];
}

/** Queries settled events for the API. Every function may throw {@link StoreUnavailable}. */
export interface LakeStats {
  counts: (request: LakeRequest) => Promise<FilteredCount[]>;
  people: (request: LakeRequest) => Promise<FilteredVisitors[]>;
  /** Custom events by name and kind, as the lists `event` and `revenue` of a settled date. */
  events: (request: LakeRequest) => Promise<EventCountRow[]>;
  /** Measures of a page's metrics by local date, and what reading them has cost. @param reuse takes a result of the last minutes */
  metrics: (metrics: readonly LakeMetric[], range: MetricRange, options: { reuse: boolean }) => Promise<MetricRead>;
  examples: (request: {
    page: string;
    link: string | undefined;
    outcome: Outcome;
    from: string;
    to: string;
  }) => Promise<LedgerExample[]>;
  /** Over all history of the page since `first_dt`, for the cohorts of `from` to `to`. */
  retention: (request: Parameters<typeof retentionCounts.bind>[0]) => Promise<RetentionRow[]>;
  /** A funnel of a page. */
  funnel: (request: Parameters<typeof funnelCounts.bind>[0]) => Promise<FunnelRow[]>;
  /** Over UTC dates. */
  ruleEffect: (request: {
    page: string;
    field: string;
    value: string;
    becomes: Outcome;
    from: string;
    to: string;
  }) => Promise<RuleEffectRow[]>;
}

/** The API's function times out after 29 s and needs time to respond without the lake. */
const deadline = 20_000;
/** The settled events change when an hour settles. */
const reuseMinutes = 5;
/** Maximum values of a breakdown. */
const longest = 100;

export function createLakeStats(athena: Pick<Athena, 'rows'>): LakeStats {
  const options = { deadline, reuseMinutes };
  return {
    counts: (request) => {
      const values = { ...bindRequest(request), longest };
      return attempt(`counts of ${request.name}`, athena.rows(filteredCounts, values, options));
    },
    people: (request) =>
      attempt(`people of ${request.name}`, athena.rows(filteredVisitors, bindRequest(request), options)),
    events: (request) => {
      const values = { ...bindRequest(request), longest };
      return attempt(`events of ${request.name}`, athena.rows(eventCounts, values, options));
    },
    metrics: async (metrics, range, { reuse }) => {
      try {
        return await readMetricDays(athena, metrics, range, reuse ? options : { deadline });
      } catch (cause) {
        throw new StoreUnavailable(`metrics of ${metrics[0]?.page ?? ''}: the lake did not respond`, { cause });
      }
    },
    examples: ({ page, link, outcome, from, to }) =>
      attempt(
        `examples of ${outcome} on ${page}`,
        athena.rows(ledgerExamples, { ...findPartitions(from, to), page, link: link ?? '', outcome }, options),
      ),
    // Not reused: an erasure may have changed it.
    retention: (request) =>
      attempt(`retention of ${request.page}`, athena.rows(retentionCounts, request, { deadline })),
    funnel: (request) => attempt(`funnel of ${request.page}`, athena.rows(funnelCounts, request, { deadline })),
    // Not reused: the caller may just have changed a rule.
    ruleEffect: ({ page, field, value, becomes, from, to }) =>
      attempt(
        `effect of a rule on ${page}`,
        athena.rows(ruleEffect, { from_dt: from, to_dt: to, page, field, wanted: value, becomes }, { deadline }),
      ),
  };
}

function bindRequest({ from, to, filters, ...request }: LakeRequest) {
  return { ...request, ...findPartitions(from, to), filters: [...filters] };
}

/** Adds the UTC dates that may contain the local dates. */
function findPartitions(from: string, to: string) {
  return { first_dt: addDays(from, -1), last_dt: addDays(to, 1), from, to };
}

async function attempt<T>(what: string, work: Promise<{ rows: T[] }>): Promise<T[]> {
  try {
    return (await work).rows;
  } catch (cause) {
    throw new StoreUnavailable(`${what}: the lake did not respond`, { cause });
  }
}

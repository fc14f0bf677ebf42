import { leadingUnit } from '#core/alerts/page-history.ts';
import type { ViewsAndClicks } from '#core/detect/classic-rules.ts';
import { expectSettledAfter } from '#core/ledger/report.ts';
import { addDays, startOfDate, type TimeRange } from '#core/ledger/time-range.ts';
import { type DayCounters, sumCounter } from '#core/stats/counters.ts';
import { buildEventCounts } from '#core/stats/event-counts.ts';
import { listFilteredValues, sumFilteredTotals } from '#core/stats/filtered.ts';
import { computeVisitorStats } from '#core/stats/visitors.ts';
import {
  comparedDates,
  countDates,
  listDates,
  previousPeriod,
  settledDates,
  touchedDates,
} from '#core/stats/period.ts';
import { hourLength } from '#core/time.ts';
import { toCityValue, type TopLists, mergeTopLists } from '#core/stats/top-lists.ts';
import type { DashboardResponse, DashboardPart } from '#schemas/api/dashboard.ts';
import type { Filter } from '#schemas/api/filters.ts';
import type { Link } from '#schemas/catalog.ts';
import { dimensionOfSection, listSections, recordOf, utmKeys } from '#schemas/dimensions.ts';
import type { Computed, CachedResponse } from '#stores/cache/response-cache.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import type { EventCountRow } from '#stores/lake/stats-queries.ts';
import { mostLinksRead } from '../links/list-links.ts';
import { once } from '#core/once.ts';
import { readPart } from './parts.ts';
import { type Progress, readProgress } from './progress.ts';
import { readCounters, type RangeCounters } from './read-counters.ts';
import { buildFilteredStats, readFiltered, readFilteredVisitors, toLakeRequest } from './read-filtered.ts';
import { readTopLinks, buildTopLinks } from './read-top-links.ts';
import { buildStats } from './read-stats.ts';
import { choosePeriod, type Period, type ReportDeps } from './reports.ts';
import type { ReportSubject } from './subject.ts';

export interface DashboardRequest {
  subject: ReportSubject;
  range: TimeRange;
  period: Period;
  filters: readonly Filter[];
  parts: readonly DashboardPart[];
  /** Maximum number of links. */
  topLinks: number;
  /** The first links of the page; none for a link's dashboard. */
  links: () => Promise<Link[]>;
  /** Returns the links of the page that have these codes. */
  linksNamed: (codes: readonly string[]) => Promise<Link[]>;
}

/** Reads the parts of a dashboard in parallel. A part that fails is taken from the earlier response, or is null with an error. */
export async function readDashboard(
  deps: ReportDeps,
  request: DashboardRequest,
  earlier: () => Promise<CachedResponse<DashboardResponse> | undefined>,
): Promise<Computed<DashboardResponse>> {
  const now = deps.now();
  const { filters, parts } = request;
  const filtered = filters.length > 0;
  const progress = await readProgress(deps.stats, now);
  const approximate = new Set<DashboardPart>();
  const range = choosePeriod({ ...request, filtered }, progress, now);
  const readers = filtered
    ? createLakeReaders(deps, request, range, progress, now)
    : createCounterReaders({ ...deps, approximate }, request, range, progress, now);
  const sources: DashboardResponse['sources'] = {};
  const errors: DashboardResponse['errors'] = [...progress.errors];
  const old = once(earlier);

  async function part<Part extends DashboardPart>(
    name: Part,
    read: () => Promise<NonNullable<DashboardResponse[Part]>>,
  ): Promise<DashboardResponse[Part] | null> {
    if (!parts.includes(name)) return null;
    const result = await readPart(read, old, (response) => response[name]);
    if (result.error) errors.push({ part: name, message: result.error });
    if (result.value === null) return null;
    sources[name] = {
      source: filtered ? 'lake' : 'rollups',
      asOf: new Date(result.at ?? now).toISOString(),
      stale: result.at !== undefined,
      ...(approximate.has(name) && { approximate: true }),
    };
    return result.value;
  }

  const [current, previous, visitors, utm, links, events, lists] = await Promise.all([
    part('current', readers.current),
    part('previous', readers.previous),
    part('visitors', readers.visitors),
    part('utm', readers.utm),
    part('links', readers.links),
    part('events', readers.events),
    readRecord(listSections, (section) => part(section, readers[section])),
  ]);
  const { first, last } = touchedDates(range);
  const value: DashboardResponse = {
    range: { from: first, to: last, zone: range.shownZone },
    current,
    previous,
    visitors,
    ...lists,
    utm,
    links,
    events,
    unsettled: filtered ? findUnsettledHour(range, progress, now) : findUnsettledDate(range, progress, now),
    sources,
    freshness: progress.freshness,
    errors,
  };
  return { value, complete: errors.length === 0 };
}

/** Returns the first hour of a range that has begun and not settled. */
function findUnsettledHour(range: TimeRange, progress: Progress, now: number): DashboardResponse['unsettled'] {
  const from = Math.max(range.start, progress.settled ?? 0);
  if (!progress.settledKnown || from >= range.end || from > now) return null;
  const settlesAt = expectSettledAfter(from + hourLength, now);
  return { from: new Date(from).toISOString(), settlesAt: new Date(settlesAt).toISOString() };
}

/** Returns the first date of a range that has begun and not settled. */
function findUnsettledDate(range: TimeRange, progress: Progress, now: number): DashboardResponse['unsettled'] {
  if (!progress.settledKnown) return null;
  const touched = touchedDates({ ...range, end: Math.max(range.start + 1, Math.min(range.end, now + 1)) });
  const settled = settledDates(range, progress.settled);
  const from = countDates(settled) === 0 ? touched.first : addDays(settled.last, 1);
  if (from > touched.last || range.start > now) return null;
  const end = startOfDate(addDays(from, 1), range.pageZone);
  return { from, settlesAt: new Date(expectSettledAfter(end, now)).toISOString() };
}

/** Reads one value per name, all at once. */
async function readRecord<Name extends string, Value>(
  names: readonly Name[],
  read: (name: Name) => Promise<Value>,
): Promise<Record<Name, Value>> {
  const entries = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  return Object.fromEntries(entries) as Record<Name, Value>;
}

type Rows = NonNullable<DashboardResponse['cities']>;

/** Reads each part. */
type Readers = { [Part in DashboardPart]: () => Promise<NonNullable<DashboardResponse[Part]>> };

/** Returns readers over the settled events, for requests with a filter. */
function createLakeReaders(
  { lake }: ReportDeps,
  request: DashboardRequest,
  range: TimeRange,
  progress: Progress,
  now: number,
): Readers {
  const { subject, filters } = request;
  const query = toLakeRequest(subject, range, filters);
  const counts = once(() => readFiltered(lake, query, range));
  const visitors = once(() => readFilteredVisitors(lake, query));
  async function list(name: string): Promise<Rows> {
    return listFilteredValues(await counts(), name);
  }
  return {
    current: async () => {
      // Without uniques the counts are still valid; the part `visitors` reports the error.
      const known = await visitors().catch(() => undefined);
      return buildFilteredStats(await counts(), known, range, now, progress);
    },
    previous: async () => {
      const before = choosePeriod({ range, period: 'previous', filtered: true }, progress, now);
      const filtered = await readFiltered(lake, toLakeRequest(subject, before, filters), before);
      return buildFilteredStats(filtered, undefined, before, now, progress);
    },
    visitors: async () => {
      const [rows, filtered] = await Promise.all([visitors(), counts()]);
      const { first, last } = settledDates(range, progress.settled);
      const known = new Set(rows.map(({ date }) => date));
      // If the watermark is unknown, dates in the lake count as settled.
      function isSettled(date: string): boolean {
        return progress.settledKnown ? date >= first && date <= last : known.has(date);
      }
      return computeVisitorStats(
        listDates(touchedDates(range)),
        rows,
        isSettled,
        leadingUnit([sumFilteredTotals(filtered)]),
      );
    },
    ...recordOf(listSections, (section) => () => list(dimensionOfSection(section))),
    utm: () => readRecord(utmKeys, (key) => list(`utm_${key}`)),
    links: async () => {
      const [links, filtered] = await Promise.all([request.links(), counts()]);
      return buildTopLinks(listFilteredValues(filtered, 'link'), links, filtered, request.topLinks);
    },
    events: async () => {
      const [rows, days] = await Promise.all([lake.events(query), visitors()]);
      // Of the visitors with an event, all have an event.
      const isComparable = filters.every(({ dimension }) => dimension !== 'event');
      return buildEventCounts([toTopLists(rows)], isComparable ? sumVisitors(days) : null);
    },
  };
}

function toTopLists(rows: readonly EventCountRow[]): Pick<TopLists, 'lists'> {
  const lists: Record<string, [value: string, count: number, amount: number][]> = {};
  for (const { list, value, events, amount } of rows) (lists[list] ??= []).push([value, events, amount]);
  return { lists };
}

function sumVisitors(days: readonly DayCounters[]): number {
  return days.reduce((sum, { numbers }) => sum + (numbers['visitors'] ?? 0), 0);
}

/** `approximate` collects the parts that may miss a value. */
type CounterDeps = ReportDeps & { approximate: Set<DashboardPart> };

/** Returns readers over the counters. What several parts need is read once. */
function createCounterReaders(
  { stats, approximate }: CounterDeps,
  request: DashboardRequest,
  range: TimeRange,
  progress: Progress,
  now: number,
): Readers {
  const { entity } = request.subject;
  function read(of: TimeRange): Promise<RangeCounters> {
    return readCounters(stats, entity, of, progress.settled, false);
  }
  const current = once(() => read(range));
  const settled = settledDates(range, progress.settled);
  const listed = comparedDates(request.range, range, progress.settled);
  function requireWatermark(): void {
    if (!progress.settledKnown) throw new StoreUnavailable('the settle watermark could not be read');
  }
  const topLists = once(async () => {
    requireWatermark();
    return countDates(settled) === 0 ? [] : stats.topLists(entity, settled.first, settled.last);
  });
  const listedDays = once(async () => (await topLists()).filter(({ date }) => date <= listed.last));
  async function list(name: string): Promise<Rows> {
    return mergeTopLists(await listedDays(), name);
  }
  return {
    current: async () => buildStats(await current(), range, now, progress),
    previous: async () => {
      const before = previousPeriod(range, now);
      return buildStats(await read(before), before, now, progress);
    },
    visitors: async () => {
      requireWatermark();
      const counters = await current();
      function isSettled(date: string): boolean {
        return date >= listed.first && date <= listed.last;
      }
      return computeVisitorStats(
        listDates(touchedDates(range)),
        counters.settledDays,
        isSettled,
        leadingUnit([totalsOf(counters)]),
      );
    },
    ...recordOf(listSections, (section) => () => list(dimensionOfSection(section))),
    cities: async () => (await list('city')).map((row) => ({ ...row, value: toCityValue(row.value ?? '') })),
    utm: () => readRecord(utmKeys, (key) => list(`utm_${key}`)),
    links: async () => {
      const { links, more } = await withTopLinks(request, topLists);
      const found = await readTopLinks(stats, {
        links,
        range,
        settled,
        topLists,
        counters: current,
        limit: request.topLinks,
      });
      if (found.approximate || more) approximate.add('links');
      return found.rows;
    },
    events: async () => {
      const [days, { settledDays }] = await Promise.all([listedDays(), current()]);
      return buildEventCounts(days, sumVisitors(settledDays.filter(({ date }) => date <= listed.last)));
    },
  };
}

function totalsOf(counters: RangeCounters): ViewsAndClicks {
  return { views: sumCounter(counters, 'views'), clicks: sumCounter(counters, 'clicks') };
}

/** Returns the first links of the page. If it has more, adds those in its top lists, which may have the most clicks. */
async function withTopLinks(
  { links, linksNamed }: DashboardRequest,
  topLists: () => Promise<readonly TopLists[]>,
): Promise<{ links: Link[]; more: boolean }> {
  const first = await links();
  if (first.length < mostLinksRead) return { links: first, more: false };
  const known = new Set(first.map(({ code }) => code));
  const others = mergeTopLists(await topLists(), 'link').flatMap(({ value }) =>
    value === null || known.has(value) ? [] : [value],
  );
  return { links: [...first, ...(await linksNamed(others))], more: true };
}

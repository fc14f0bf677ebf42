import type { TimeRange } from '#core/ledger/time-range.ts';
import { sumCounter } from '#core/stats/counters.ts';
import { listFilteredValues } from '#core/stats/filtered.ts';
import { computeVisitorStats } from '#core/stats/visitors.ts';
import { countDates, listDates, previousPeriod, settledDates, touchedDates } from '#core/stats/period.ts';
import { toCityValue, type TopLists, mergeTopLists } from '#core/stats/top-lists.ts';
import type { DashboardResponse, DashboardPart } from '#schemas/api/dashboard.ts';
import type { Link } from '#schemas/catalog.ts';
import { dimensionOfSection, listSections, type ListSection, recordOf, utmKeys } from '#schemas/dimensions.ts';
import type { Computed, CachedResponse } from '#stores/cache/response-cache.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import type { Filters } from '#stores/lake/lake-stats.ts';
import { linksAtOnce } from '../links/list-links.ts';
import { once } from './once.ts';
import { readPart } from './parts.ts';
import { type Progress, readProgress } from './progress.ts';
import { readCounters, type RangeCounters } from './read-counters.ts';
import { filteredStats, toLakeQuestion, readFiltered, readFilteredPeople } from './read-filtered.ts';
import { readTopLinks, buildTopLinks } from './read-top-links.ts';
import { buildStats } from './read-stats.ts';
import type { ReportDependencies } from './reports.ts';
import type { ReportSubject } from './subject.ts';

/** A dashboard that is asked for, its range resolved. */
export interface DashboardQuestion {
  subject: ReportSubject;
  range: TimeRange;
  filters: Filters | undefined;
  parts: readonly DashboardPart[];
  /** The first links of the page; none for a link's dashboard. */
  links: () => Promise<Link[]>;
  /** Links by their codes; a code that is no link's is missing. */
  linksNamed: (codes: readonly string[]) => Promise<Link[]>;
}

/**
 * Reads a dashboard, its parts in parallel. A part that fails is taken from the earlier answer and marked, or is null;
 * `errors` names it.
 */
export async function readDashboard(
  deps: ReportDependencies,
  question: DashboardQuestion,
  earlier: () => Promise<CachedResponse<DashboardResponse> | undefined>,
): Promise<Computed<DashboardResponse>> {
  const now = deps.now();
  const { range, filters, parts } = question;
  const progress = await readProgress(deps.stats, now);
  const readers = filters
    ? fromLake(deps, question, filters, progress, now)
    : fromCounters(deps, question, progress, now);
  const sources: DashboardResponse['sources'] = {};
  const errors: DashboardResponse['errors'] = [...progress.errors];
  const old = once(earlier);

  async function part<Part extends DashboardPart>(
    name: Part,
    read: () => Promise<NonNullable<DashboardResponse[Part]>>,
  ): Promise<DashboardResponse[Part] | null> {
    if (!parts.includes(name)) return null;
    const result = await readPart(read, old, (answer) => answer[name]);
    if (result.error) errors.push({ part: name, message: result.error });
    if (result.value === null) return null;
    sources[name] = {
      source: filters ? 'lake' : 'rollups',
      asOf: new Date(result.at ?? now).toISOString(),
      stale: result.at !== undefined,
    };
    return result.value;
  }

  const [current, previous, people, utm, links, ...lists] = await Promise.all([
    part('current', readers.current),
    part('previous', readers.previous),
    part('people', readers.people),
    part('utm', readers.utm),
    part('links', readers.links),
    ...listSections.map(async (section) => [section, await part(section, readers[section])] as const),
  ]);
  const { first, last } = touchedDates(range);
  const value: DashboardResponse = {
    range: { from: first, to: last, zone: range.shownZone },
    current,
    previous,
    people,
    ...listsBySection(lists),
    utm,
    links,
    sources,
    freshness: progress.freshness,
    errors,
  };
  return { value, complete: errors.length === 0 };
}

function listsBySection(lists: readonly (readonly [ListSection, Rows | null])[]): Record<ListSection, Rows | null> {
  const rows = new Map(lists);
  return recordOf(listSections, (section) => rows.get(section) ?? null);
}

type Rows = NonNullable<DashboardResponse['cities']>;

/** How each part is read; a part that fails does so alone. */
type Readers = { [Part in DashboardPart]: () => Promise<NonNullable<DashboardResponse[Part]>> };

/** Parts from the settled events, where a filter asks for them. */
function fromLake(
  { lake }: ReportDependencies,
  question: DashboardQuestion,
  filters: Filters,
  progress: Progress,
  now: number,
): Readers {
  const { subject, range } = question;
  const asked = toLakeQuestion(subject, range, filters);
  const counts = once(() => readFiltered(lake, asked, range));
  const people = once(() => readFilteredPeople(lake, asked));
  async function list(name: string): Promise<Rows> {
    return listFilteredValues(await counts(), name);
  }
  return {
    current: async () => {
      // Uniques that fail leave the counts: the part `people` says so.
      const known = await people().catch(() => undefined);
      return filteredStats(await counts(), known, range, now, progress);
    },
    previous: async () => {
      const before = previousPeriod(range, now);
      const filtered = await readFiltered(lake, toLakeQuestion(subject, before, filters), before);
      return filteredStats(filtered, undefined, before, now, progress);
    },
    people: async () => {
      const rows = await people();
      const { first, last } = settledDates(range, progress.settled);
      const known = new Set(rows.map(({ date }) => date));
      // Nobody can say how far settle has come: what the lake holds is settled.
      function isSettled(date: string): boolean {
        return progress.settledKnown ? date >= first && date <= last : known.has(date);
      }
      return computeVisitorStats(listDates(touchedDates(range)), rows, isSettled);
    },
    ...recordOf(listSections, (section) => () => list(dimensionOfSection(section))),
    utm: () => readUtm(list),
    links: async () => {
      const [links, filtered] = await Promise.all([question.links(), counts()]);
      return buildTopLinks(listFilteredValues(filtered, 'link'), links, filtered);
    },
  };
}

async function readUtm(list: (name: string) => Promise<Rows>): Promise<NonNullable<DashboardResponse['utm']>> {
  const lists = await Promise.all(utmKeys.map(async (key) => [key, await list(`utm_${key}`)] as const));
  const rows = new Map(lists);
  return recordOf(utmKeys, (key) => rows.get(key) ?? []);
}

/** Parts from the counters. What several parts need is read once. */
function fromCounters(deps: ReportDependencies, question: DashboardQuestion, progress: Progress, now: number): Readers {
  const { stats } = deps;
  const { subject, range } = question;
  const { entity } = subject;
  function read(of: TimeRange): Promise<RangeCounters> {
    return readCounters(stats, entity, of, progress.settled, false);
  }
  const current = once(() => read(range));
  const settled = settledDates(range, progress.settled);
  function demandSettled(): void {
    if (!progress.settledKnown) throw new StoreUnavailable('nobody can say which dates are settled');
  }
  const tops = once(async () => {
    demandSettled();
    return countDates(settled) === 0 ? [] : stats.tops(entity, settled.first, settled.last);
  });
  async function list(name: string): Promise<Rows> {
    return mergeTopLists(await tops(), name);
  }
  return {
    current: async () => buildStats(await current(), range, now, progress),
    previous: async () => {
      const before = previousPeriod(range, now);
      return buildStats(await read(before), before, now, progress);
    },
    people: async () => {
      demandSettled();
      const { settledDays } = await current();
      function isSettled(date: string): boolean {
        return date >= settled.first && date <= settled.last;
      }
      return computeVisitorStats(listDates(touchedDates(range)), settledDays, isSettled);
    },
    ...recordOf(listSections, (section) => () => list(dimensionOfSection(section))),
    cities: async () => (await list('city')).map((row) => ({ ...row, value: toCityValue(row.value ?? '') })),
    utm: () => readUtm(list),
    links: async () => {
      async function views(): Promise<number> {
        return sumCounter(await current(), 'views');
      }
      return readTopLinks(stats, await withTopLinks(question, tops), range, settled, tops, views);
    },
  };
}

/** A page of more links than are read at once may have its most clicked ones among the others: its top lists name them. */
async function withTopLinks(
  { links, linksNamed }: DashboardQuestion,
  tops: () => Promise<readonly TopLists[]>,
): Promise<Link[]> {
  const first = await links();
  if (first.length < linksAtOnce) return first;
  const known = new Set(first.map(({ code }) => code));
  const others = mergeTopLists(await tops(), 'link').flatMap(({ value }) =>
    value === null || known.has(value) ? [] : [value],
  );
  return [...first, ...(await linksNamed(others))];
}

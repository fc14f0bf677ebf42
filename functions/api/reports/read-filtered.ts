import { outcomeMeanings } from '#core/ledger/meanings.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import type { TimeRange } from '#core/ledger/time-range.ts';
import type { DayNumbers } from '#core/stats/counted.ts';
import {
  type Filtered,
  filteredBalance,
  filteredBalances,
  filteredBreakdowns,
  filteredOf,
  filteredSeries,
  filteredTotals,
} from '#core/stats/filtered.ts';
import type { Ledger, Stats } from '#schemas/api.ts';
import { type FilterName, filterNames } from '#schemas/api/filters.ts';
import type { Filters, LakeQuestion, LakeStats } from '#stores/lake/lake-stats.ts';
import type { Progress } from './progress.ts';
import type { ReportSubject } from './subject.ts';

/** The filters of a query; undefined where it has none. */
export function filtersOf(query: Partial<Record<FilterName, string | undefined>>): Filters | undefined {
  const given = filterNames.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]] as const]));
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** A range under filters as the lake is asked for it: by the local dates that it touches. */
export function questionOf(subject: ReportSubject, range: TimeRange, filters: Filters): LakeQuestion {
  return {
    kind: subject.kind,
    name: subject.name,
    from: localTimeOf(range.pageZone, range.start).date,
    to: localTimeOf(range.pageZone, range.end - 1).date,
    filters,
  };
}

/** Counts under filters, from the settled events. @throws {StoreUnavailable} */
export async function readFilteredStats(
  lake: LakeStats,
  question: LakeQuestion,
  range: TimeRange,
  now: number,
  progress: Progress,
): Promise<Stats> {
  const [filtered, people] = await Promise.all([
    readFiltered(lake, question, range),
    readFilteredPeople(lake, question),
  ]);
  return filteredStats(filtered, people, range, now, progress);
}

export async function readFiltered(lake: LakeStats, question: LakeQuestion, range: TimeRange): Promise<Filtered> {
  return filteredOf(await lake.counts(question), range);
}

/** People of each date, by the attribute names of settled dates. */
export async function readFilteredPeople(lake: LakeStats, question: LakeQuestion): Promise<DayNumbers[]> {
  return (await lake.people(question)).map(({ local_date: date, ...numbers }) => ({ date, numbers }));
}

export function filteredStats(
  filtered: Filtered,
  people: readonly DayNumbers[] | undefined,
  range: TimeRange,
  now: number,
  progress: Progress,
): Stats {
  return {
    totals: {
      ...filteredTotals(filtered),
      uniques: people ? sumOf(people, 'visitors') : null,
      sessions: people ? sumOf(people, 'sessions') : null,
    },
    ...filteredBalance(filtered.hours),
    series: filteredSeries(filtered, range, now),
    breakdowns: filteredBreakdowns(filtered),
    source: 'lake',
    freshness: progress.freshness,
    errors: progress.errors,
  };
}

function sumOf(days: readonly DayNumbers[], name: string): number {
  return days.reduce((sum, { numbers }) => sum + (numbers[name] ?? 0), 0);
}

/** What became of the events under filters, from the settled events. @throws {StoreUnavailable} */
export async function readFilteredLedger(
  lake: LakeStats,
  question: LakeQuestion,
  range: TimeRange,
  progress: Progress,
): Promise<Ledger> {
  const filtered = await readFiltered(lake, question, range);
  return {
    ...filteredBalance(filtered.hours),
    series: filteredBalances(filtered, range),
    meanings: { ...outcomeMeanings },
    source: 'lake',
    freshness: progress.freshness,
    errors: progress.errors,
  };
}

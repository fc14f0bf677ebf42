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
import type { Filters, LakeQuestion, LakeStats } from '#stores/lake-stats.ts';
import type { Progress } from './progress.ts';
import type { ReportSubject } from './subject.ts';

/** The filters of a query; undefined where it has none. */
export const filtersOf = (query: Partial<Record<FilterName, string | undefined>>): Filters | undefined => {
  const given = filterNames.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]] as const]));
  return given.length === 0 ? undefined : Object.fromEntries(given);
};

/** A range under filters as the lake is asked for it: by the local dates that it touches. */
export const questionOf = (subject: ReportSubject, range: TimeRange, filters: Filters): LakeQuestion => ({
  kind: subject.kind,
  name: subject.name,
  from: localTimeOf(range.pageZone, range.start).date,
  to: localTimeOf(range.pageZone, range.end - 1).date,
  filters,
});

export const readFiltered = async (lake: LakeStats, question: LakeQuestion, range: TimeRange): Promise<Filtered> =>
  filteredOf(await lake.counts(question), range);

/** People of each date, by the attribute names of settled dates. */
export const readFilteredPeople = async (lake: LakeStats, question: LakeQuestion): Promise<DayNumbers[]> =>
  (await lake.people(question)).map(({ local_date: date, ...numbers }) => ({ date, numbers }));

const sumOf = (days: readonly DayNumbers[], name: string): number =>
  days.reduce((sum, { numbers }) => sum + (numbers[name] ?? 0), 0);

export const filteredStats = (
  filtered: Filtered,
  people: readonly DayNumbers[] | undefined,
  range: TimeRange,
  now: number,
  progress: Progress,
): Stats => ({
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
});

/** Counts under filters, from the settled events. @throws {StoreUnavailable} */
export const readFilteredStats = async (
  lake: LakeStats,
  question: LakeQuestion,
  range: TimeRange,
  now: number,
  progress: Progress,
): Promise<Stats> => {
  const [filtered, people] = await Promise.all([
    readFiltered(lake, question, range),
    readFilteredPeople(lake, question),
  ]);
  return filteredStats(filtered, people, range, now, progress);
};

/** What became of the events under filters, from the settled events. @throws {StoreUnavailable} */
export const readFilteredLedger = async (
  lake: LakeStats,
  question: LakeQuestion,
  range: TimeRange,
  progress: Progress,
): Promise<Ledger> => {
  const filtered = await readFiltered(lake, question, range);
  return {
    ...filteredBalance(filtered.hours),
    series: filteredBalances(filtered, range),
    meanings: { ...outcomeMeanings },
    source: 'lake',
    freshness: progress.freshness,
    errors: progress.errors,
  };
};

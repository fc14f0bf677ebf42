import { outcomeMeanings } from '#core/ledger/meanings.ts';
import {
  balanceOf,
  balancesOf,
  breakdownsOf,
  type HourNumbers,
  hoursWithin,
  seriesOf,
  totalsOf,
} from '#core/ledger/report.ts';
import { datesOf, type RangeRequest, resolveRange, type TimeRange } from '#core/ledger/time-range.ts';
import type { Ledger, Stats } from '#schemas/api.ts';
import type { RollupReader } from '#stores/rollups.ts';
import { invalidRequest } from './problem.ts';

export interface ReportDependencies {
  rollups: RollupReader;
  now: () => number;
}

/** An entity by its partition key, and the zone that its hours are in. */
export interface ReportSubject {
  pk: string;
  zone: string;
}

interface Reading {
  range: TimeRange;
  now: number;
  items: HourNumbers[];
  receivedThrough: number | undefined;
  freshness: Stats['freshness'];
  errors: Stats['errors'];
}

const rangeOf = (request: RangeRequest, zone: string, now: number): TimeRange => {
  const result = resolveRange(request, zone, now);
  if (!result.ok) throw invalidRequest(result.faults);
  return result.range;
};

const isoOf = (epochMs: number | undefined): string | null =>
  epochMs === undefined ? null : new Date(epochMs).toISOString();

/** How far the jobs have come; an answer without it is still an answer, and says so. */
const readFreshness = async (rollups: RollupReader) => {
  const [received, settled] = await Promise.allSettled([rollups.receivedThrough(), rollups.settledThrough()]);
  const failed = received.status === 'rejected' || settled.status === 'rejected';
  return {
    receivedThrough: received.status === 'fulfilled' ? received.value : undefined,
    settledThrough: settled.status === 'fulfilled' ? settled.value : undefined,
    errors: failed
      ? [{ part: 'freshness', message: 'How far the counts have come cannot be read at the moment.' }]
      : [],
  };
};

const read = async (
  { rollups, now: clock }: ReportDependencies,
  subject: ReportSubject,
  request: RangeRequest,
): Promise<Reading> => {
  const now = clock();
  const range = rangeOf(request, subject.zone, now);
  const { first, last } = datesOf(range);
  const [items, { receivedThrough, settledThrough, errors }] = await Promise.all([
    rollups.hours(subject.pk, first, last),
    readFreshness(rollups),
  ]);
  const freshness = {
    hot: new Date(now).toISOString(),
    settledThrough: isoOf(settledThrough),
    receivedThrough: isoOf(receivedThrough),
  };
  return { range, now, items: hoursWithin(items, range), receivedThrough, freshness, errors };
};

/** @throws {Problem} 400 for a range that cannot be served @throws {StoreUnavailable} */
export const readStats = async (
  dependencies: ReportDependencies,
  subject: ReportSubject,
  request: RangeRequest,
): Promise<Stats> => {
  const { items, range, now, receivedThrough, freshness, errors } = await read(dependencies, subject, request);
  const { first, last } = datesOf(range);
  const days = await dependencies.rollups.days(subject.pk, first, last);
  return {
    totals: totalsOf(items, days, range),
    ...balanceOf(items, receivedThrough),
    series: seriesOf(items, range, now),
    breakdowns: breakdownsOf(items),
    source: 'rollups',
    freshness,
    errors,
  };
};

/** @throws {Problem} 400 for a range that cannot be served @throws {StoreUnavailable} */
export const readLedger = async (
  dependencies: ReportDependencies,
  subject: ReportSubject,
  request: RangeRequest,
): Promise<Ledger> => {
  const { items, range, receivedThrough, freshness, errors } = await read(dependencies, subject, request);
  return {
    ...balanceOf(items, receivedThrough),
    series: balancesOf(items, range, receivedThrough),
    meanings: { ...outcomeMeanings },
    source: 'rollups',
    freshness,
    errors,
  };
};

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DayCounters } from '#core/stats/counters.ts';
import type { TopLists } from '#core/stats/top-lists.ts';
import { type EntityHour, type MonthDay } from '#schemas/counters.ts';
import type { ImportedTotals } from '#schemas/history/imported-counts.ts';
import type { ReceivedHour } from '#core/ledger/windows.ts';
import type { HourCounters } from '#core/ledger/report.ts';
import { readProgress, readSettleState, type SettleState } from './progress.ts';
import {
  type EntityDate,
  type HourMinutes,
  type HourTotals,
  readHourTotals,
  readLastDate,
  readMinutes,
  readSettledHours,
  readSettledHoursOf,
  readTotalsOfDates,
} from './hour-totals.ts';
import { readCountedHours, readReceived } from './hours.ts';
import { readImportedMonths, readImportedTotals, type StoredMonth } from './imported-counts.ts';
import {
  type FilledMetrics,
  type MetricsDay,
  readDayNumbers,
  readFilledMetrics,
  readMetricsDays,
  readMonths,
  readTopLists,
} from './settled-days.ts';

export type { HourMinutes, HourTotals } from './hour-totals.ts';

/** Reads counters for the API. Dates are local (`2026-11-22`); `first` and `last` are included. */
export interface StatsStore {
  /** Seconds after which the counters include an event, as configured. */
  freshnessSeconds: number;
  /** @param settledHour local hour without offset (`2026-11-22T07`) before which final counters are enough; empty for none */
  hours: (entity: string, first: string, last: string, settledHour: string) => Promise<HourCounters[]>;
  /** Received requests by local hour. */
  received: (entity: string, first: string, last: string) => Promise<Map<string, ReceivedHour>>;
  hourTotals: (hours: readonly EntityHour[]) => Promise<HourTotals[]>;
  totalsOfDates: (entity: string, first: string, last: string) => Promise<HourTotals[]>;
  /** Settled hours of pages on one date each, by entity. */
  settledHours: (days: readonly EntityDate[]) => Promise<Map<string, HourTotals[]>>;
  /** Settled hours of one page, as long as hours are kept. */
  settledHoursOf: (entity: string, first: string, last: string) => Promise<HourTotals[]>;
  minutes: (hours: readonly EntityHour[]) => Promise<HourMinutes[]>;
  /** Returns the last date with views or clicks. */
  lastDate: (entity: string) => Promise<string | undefined>;
  days: (entity: string, first: string, last: string) => Promise<DayCounters[]>;
  topLists: (entity: string, first: string, last: string) => Promise<TopLists[]>;
  /** Measures of the custom metrics of a page. */
  metricsDays: (entity: string, first: string, last: string) => Promise<MetricsDay[]>;
  filledMetrics: (entity: string) => Promise<FilledMetrics | undefined>;
  /** Counts of other tools, by month (`2026-11`). */
  importedMonths: (entity: string, first: string, last: string) => Promise<StoredMonth[]>;
  importedTotals: (entity: string) => Promise<ImportedTotals | undefined>;
  months: (entities: readonly string[], first: string, last: string) => Promise<Map<string, Map<string, MonthDay>>>;
  /** Milliseconds since the epoch; undefined before the job's first run. */
  receivedThrough: () => Promise<number | undefined>;
  settledThrough: () => Promise<number | undefined>;
  settleState: () => Promise<SettleState>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createStatsStore(options: {
  client: DynamoDBClient;
  table: string;
  freshnessSeconds: number;
  now: () => number;
}): StatsStore {
  return {
    freshnessSeconds: options.freshnessSeconds,
    hours: (entity, first, last, settledHour) => readCountedHours(options, entity, first, last, settledHour),
    received: (entity, first, last) => readReceived(options, entity, first, last),
    hourTotals: (hours) => readHourTotals(options, hours),
    totalsOfDates: (entity, first, last) => readTotalsOfDates(options, entity, first, last),
    settledHours: (days) => readSettledHours(options, days),
    settledHoursOf: (entity, first, last) => readSettledHoursOf(options, entity, first, last),
    minutes: (hours) => readMinutes(options, hours),
    lastDate: (entity) => readLastDate(options, entity),
    days: (entity, first, last) => readDayNumbers(options, entity, first, last),
    topLists: (entity, first, last) => readTopLists(options, entity, first, last),
    metricsDays: (entity, first, last) => readMetricsDays(options, entity, first, last),
    filledMetrics: (entity) => readFilledMetrics(options, entity),
    importedMonths: (entity, first, last) => readImportedMonths(options, entity, first, last),
    importedTotals: (entity) => readImportedTotals(options, entity),
    months: (entities, first, last) => readMonths(options, entities, first, last),
    receivedThrough: () => readProgress(options, 'received'),
    settledThrough: () => readProgress(options, 'settled'),
    settleState: () => readSettleState(options),
  };
}

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DayCounters } from '#core/stats/counters.ts';
import type { TopLists } from '#core/stats/top-lists.ts';
import type { MonthDay } from '#schemas/settled-items.ts';
import type { HourCounters } from '#core/ledger/report.ts';
import { readProgress } from './received-counts.ts';
import { type HourMinutes, type HourTotals, readHourTotals, readMinutes, readTotalsOfDates } from './hour-totals.ts';
import { readCountedHours, readReceived } from './hours.ts';
import { readDayNumbers, readMonths, readTopLists } from './settled-days.ts';

export type { HourMinutes, HourTotals } from './hour-totals.ts';

/** What the API reads from the counters. Dates are local (`2026-11-22`), first and last included. */
export interface StatsStore {
  /** @param settledHour local hour without offset (`2026-11-22T07`) up to which settled numbers will do; empty for none */
  hours: (pk: string, first: string, last: string, settledHour: string) => Promise<HourCounters[]>;
  /** Requests that the edge logged, by local hour. */
  received: (pk: string, first: string, last: string) => Promise<Map<string, number>>;
  hourTotals: (keys: readonly { pk: string; hour: string }[]) => Promise<HourTotals[]>;
  totalsOfDates: (pk: string, first: string, last: string) => Promise<HourTotals[]>;
  minutes: (pk: string, hours: readonly string[]) => Promise<HourMinutes[]>;
  days: (pk: string, first: string, last: string) => Promise<DayCounters[]>;
  tops: (pk: string, first: string, last: string) => Promise<TopLists[]>;
  months: (pks: readonly string[], first: string, last: string) => Promise<Map<string, Map<string, MonthDay>>>;
  /** Milliseconds since the epoch; undefined before the job's first run. */
  receivedThrough: () => Promise<number | undefined>;
  settledThrough: () => Promise<number | undefined>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createStatsStore(options: { client: DynamoDBClient; table: string; now: () => number }): StatsStore {
  return {
    hours: (pk, first, last, settledHour) => readCountedHours(options, pk, first, last, settledHour),
    received: (pk, first, last) => readReceived(options, pk, first, last),
    hourTotals: (keys) => readHourTotals(options, keys),
    totalsOfDates: (pk, first, last) => readTotalsOfDates(options, pk, first, last),
    minutes: (pk, hours) => readMinutes(options, pk, hours),
    days: (pk, first, last) => readDayNumbers(options, pk, first, last),
    tops: (pk, first, last) => readTopLists(options, pk, first, last),
    months: (pks, first, last) => readMonths(options, pks, first, last),
    receivedThrough: () => readProgress(options, 'received'),
    settledThrough: () => readProgress(options, 'settled'),
  };
}

import { hourLength } from '#core/time.ts';
import { pickNumbers, readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import { importedAttribute } from '#schemas/counters.ts';
import { countDue, filterHours, type LedgerEntry } from '#core/ledger/report.ts';
import { addDays, toBucket, startOfDate, startOfHour, type TimeRange } from '#core/ledger/time-range.ts';
import { addRefused, sumRefused, withRefused } from '#core/ledger/refused.ts';
import { type ReceivedHour, sumWindows } from '#core/ledger/windows.ts';
import type { Counters, DayCounters } from './counters.ts';

/** Requests that the edge has logged, by local hour. */
export type ReceivedHours = ReadonlyMap<string, ReceivedHour>;

export interface LedgerEntriesOptions {
  counters: Counters;
  received: ReceivedHours;
  range: TimeRange;
  /** Milliseconds since the epoch; undefined before the first settle. */
  settledThrough: number | undefined;
}

/**
 * Returns a ledger entry per settled day, and per hour of the other days. An hour with received requests but without
 * events is included: its requests are lost.
 */
export function buildLedgerEntries(options: LedgerEntriesOptions): { days: LedgerEntry[]; hours: LedgerEntry[] } {
  const { received, range, settledThrough } = options;
  const { hours, days } = options.counters;
  const settled = new Set(days.map(({ date }) => date));
  const within = filterHours(
    [...received].map(([hour, logged]) => ({ hour, logged })),
    range,
  );
  const byDate = Map.groupBy(within, ({ hour }) => dateOf(hour));
  const counted = new Map(hours.map((item) => [item.hour, item]));
  const open = within.flatMap(({ hour }) => (settled.has(dateOf(hour)) ? [] : [hour]));
  return {
    days: days.map((day) =>
      toDayEntry(
        day,
        (byDate.get(day.date) ?? []).map(({ logged }) => logged),
        options,
      ),
    ),
    hours: [...new Set([...counted.keys(), ...open])].map((hour) => {
      const item = counted.get(hour);
      const { requests, refused } = received.get(hour) ?? nothingLogged;
      const notKept = sumRefused(refused);
      return {
        start: toBucket(hour, range),
        end: startOfHour(hour) + hourLength,
        received: sumWindows(requests) + notKept,
        due: countDue(requests, item?.final !== undefined, settledThrough) + notKept,
        settled: item?.final !== undefined,
        outcomes: withRefused(readOutcomes(item ? pickNumbers(item) : {}), refused),
        refused,
      };
    }),
  };
}

const nothingLogged: ReceivedHour = { requests: {}, refused: {} };

function dateOf(hour: string): string {
  return hour.slice(0, 10);
}

function toDayEntry(
  { date, numbers }: DayCounters,
  received: readonly ReceivedHour[],
  { range, settledThrough }: LedgerEntriesOptions,
): LedgerEntry {
  const outcomes = readOutcomes(numbers);
  const imported = numbers[importedAttribute] ?? 0;
  const happened = sumOutcomes(outcomes) > imported;
  const refused = addRefused(received.map((hour) => hour.refused));
  const notKept = sumRefused(refused);
  return {
    start: date,
    end: startOfDate(addDays(date, 1), range.pageZone),
    // A day with outcomes but without received requests has lost its hourly counters, which expire.
    received:
      happened && received.length === 0 ? null : sum(received.map(({ requests }) => sumWindows(requests))) + notKept,
    due: sum(received.map(({ requests }) => countDue(requests, true, settledThrough))) + notKept,
    settled: true,
    outcomes: withRefused(outcomes, refused),
    refused,
    imported,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

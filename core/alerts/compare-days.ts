import { type Cause, type CauseDimension, type Comparison, decomposeCause } from '#core/detect/cause.ts';
import { sourceOfHost } from '#core/referrer/referrer-hosts.ts';
import { addDays } from '#core/ledger/time-range.ts';
import type { Statistics } from '#core/detect/evaluation.ts';
import type { Incident } from '#schemas/alerts.ts';

/** Counters of a day or an hour. */
export interface ComparedNumbers {
  /** Counts by attribute name. */
  numbers: Readonly<Record<string, number>>;
  /** Top lists `[value, clicks, views]`; an hour has none. */
  tops?: Readonly<Record<string, readonly (readonly [string, number, number])[]>>;
}

/** A settled day. */
export interface DayNumbers extends Required<ComparedNumbers> {
  date: string;
}

/** Returns the same weekday of the four weeks before. */
export function comparedDates(date: string): string[] {
  return [28, 21, 14, 7].map((days) => addDays(date, -days));
}

/**
 * Explains the change of a day or an hour compared with earlier ones, scaled to the expected count. Returns undefined if
 * there is nothing to compare with.
 */
export function causeOfChange(
  before: readonly ComparedNumbers[],
  after: ComparedNumbers,
  unit: Incident['unit'],
  { expected }: Pick<Statistics, 'expected'>,
): Cause | undefined {
  // For a rate, compare the clicks with those that the day's views should have brought.
  const counted = unit === 'rate' ? 'clicks' : unit;
  const usual = mean(before.map(({ numbers }) => numbers[counted] ?? 0));
  if (before.length === 0 || usual === 0) return undefined;
  const should = unit === 'rate' ? expected * (after.numbers['views'] ?? 0) : expected;
  const factor = should / usual;
  const earlier = before.map((day) => dimensionsOf(day, counted));
  const now = dimensionsOf(after, counted);
  function compare(dimension: CauseDimension): Comparison {
    return {
      before: averaged(
        earlier.map((each) => each[dimension]),
        factor,
      ),
      after: now[dimension],
    };
  }
  return decomposeCause(
    { before: should, after: after.numbers[counted] ?? 0 },
    { link: compare('link'), referrer: compare('referrer'), country: compare('country'), device: compare('device') },
    { before: mean(before.map(({ numbers }) => numbers['x.bot'] ?? 0)), after: after.numbers['x.bot'] ?? 0 },
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

type Counts = Record<string, number>;

function dimensionsOf(day: ComparedNumbers, unit: 'views' | 'clicks'): Record<CauseDimension, Counts> {
  const prefix = unit === 'views' ? 'v' : '';
  return {
    link: clicksByLink(day),
    referrer: referrers(day, unit),
    country: withPrefix(day.numbers, `${prefix}c`),
    device: withPrefix(day.numbers, `${prefix}d`),
  };
}

function clicksByLink(day: ComparedNumbers): Counts {
  const counts: Counts = {};
  for (const [code, clicks] of day.tops?.['link'] ?? []) add(counts, code, clicks);
  return counts;
}

function add(counts: Counts, name: string, value: number): void {
  counts[name] = (counts[name] ?? 0) + value;
}

/** Returns known sources by name, other hosts as they are, and direct traffic; for an hour, the types of sources. */
function referrers(day: ComparedNumbers, unit: 'views' | 'clicks'): Counts {
  const kinds = withPrefix(day.numbers, unit === 'views' ? 'vr' : 'r');
  if (day.tops === undefined) return kinds;
  const counts: Counts = {};
  for (const [host, clicks, views] of day.tops['host'] ?? [])
    add(counts, sourceOfHost(host)?.name ?? host, unit === 'views' ? views : clicks);
  const direct = kinds['direct'] ?? 0;
  if (direct > 0) add(counts, 'direct', direct);
  return counts;
}

function withPrefix(numbers: Readonly<Record<string, number>>, prefix: string): Counts {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([name, value]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value]] : [],
    ),
  );
}

function averaged(all: readonly Counts[], factor: number): Counts {
  const sums: Counts = {};
  for (const counts of all) for (const [name, value] of Object.entries(counts)) add(sums, name, value);
  return Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, (value * factor) / all.length]));
}

import { type HourlyCount, type HourlySeries, hourlySeries } from '#core/detect/hourly-series.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { pickNumbers, type Numbers } from '#core/ledger/outcomes.ts';
import { addDays, startOfHour } from '#core/ledger/time-range.ts';
import { hourLength } from '#core/time.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { HourNumbers } from '#core/ledger/report.ts';
import type { HourlyDetectionDeps } from './deps.ts';

export interface HourHistory {
  series: HourlySeries;
  unit: 'views' | 'clicks';
  /** Counts by hour; hours without events are absent. */
  numbers: ReadonlyMap<string, Numbers>;
}

/** Baseline of an hour. */
export const hourDays = 28;

/** Returns a function that reads, once, the UTC hours in which the stack counted any event. */
export function createActiveHours({ hours }: Pick<HourlyDetectionDeps, 'hours'>, end: number, days = hourDays) {
  let read: Promise<Set<number>> | undefined;
  async function load(): Promise<Set<number>> {
    const last = new Date(end).toISOString().slice(0, 10);
    const items = await hours(entityKeys.stack, addDays(last, -days - 1), last);
    return new Set(items.map(({ hour }) => startOfHour(hour)));
  }
  return (): Promise<Set<number>> => (read ??= load());
}

/**
 * Reads a page's hours of the last four weeks (or other days) up to `end`, from its first event on. An hour without an item counts as
 * zero if the stack counted events in it, and is missing if it didn't.
 */
export async function readHourHistory(
  deps: Pick<HourlyDetectionDeps, 'hours'>,
  page: Page,
  end: number,
  activeHours: () => Promise<ReadonlySet<number>>,
  days = hourDays,
): Promise<HourHistory> {
  const last = localTimeOf(page.timeZone, end - 1).date;
  const items = await deps.hours(entityKeys.page(page.path), addDays(last, -days), last);
  const unit = sumOf(items, 'clicks') > 4 * sumOf(items, 'views') ? 'clicks' : 'views';
  const known = new Map(items.map((item) => [startOfHour(item.hour), valueOf(item, unit)] as const));
  const active = await activeHours();
  const excluded = new Set(alertsOf(page).badDays);
  const counts: HourlyCount[] = [];
  for (let at = Math.min(...known.keys(), end); at < end; at += hourLength) {
    const views = known.get(at) ?? (active.has(Math.floor(at / hourLength) * hourLength) ? 0 : undefined);
    const { date, hour } = localTimeOf(page.timeZone, at);
    if (views !== undefined) counts.push({ hour, views, bad: excluded.has(date) });
  }
  const numbers = new Map(items.map((item) => [item.hour, pickNumbers(item)] as const));
  return { series: hourlySeries(counts), unit, numbers };
}

function sumOf(items: readonly HourNumbers[], name: string): number {
  return items.reduce((sum, item) => sum + valueOf(item, name), 0);
}

function valueOf(item: HourNumbers, name: string): number {
  return pickNumbers(item)[name] ?? 0;
}

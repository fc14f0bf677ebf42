import { localTimeOf } from '#core/enrich/local-time.ts';
import { startOfHour } from '#core/ledger/time-range.ts';
import { type ComparedDay, comparedDay, type DateSpan } from '#core/stats/period.ts';
import { dayLength, hourLength } from '#core/time.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { HourTotals, StatsStore } from '#stores/counters/stats.ts';
import type { Daily, Totals } from './read-daily-totals.ts';

interface PageDay extends ComparedDay {
  page: Page;
  entity: string;
}

/**
 * Returns, by path, the totals of the day that today is compared with, as far as today has come. A page is missing if its
 * today is not one of the dates, or if the hours of that day have expired.
 * @param settled milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export async function readComparedDays(
  stats: Pick<StatsStore, 'settledHours' | 'hourTotals'>,
  pages: readonly Page[],
  dates: DateSpan,
  settled: number | undefined,
  now: number,
): Promise<Map<string, Totals>> {
  const days = pages.flatMap((page): PageDay[] => {
    const compared = comparedDay(dates, page.timeZone, now);
    return compared ? [{ ...compared, page, entity: entityKeys.page(page.path) }] : [];
  });
  function isSettled({ page, date }: PageDay): boolean {
    return settled !== undefined && date < localTimeOf(page.timeZone, settled).date;
  }
  const open = days.filter((day) => !isSettled(day));
  const [settledHours, openHours] = await Promise.all([
    stats.settledHours(days.filter(isSettled)),
    stats.hourTotals(open.flatMap((day) => hoursOf(day).map((hour) => ({ entity: day.entity, hour })))),
  ]);
  const byEntity = Map.groupBy(openHours, ({ entity }) => entity);
  return new Map(
    days.flatMap((day): [string, Totals][] => {
      const hours = isSettled(day) ? settledHours.get(day.entity) : (byEntity.get(day.entity) ?? []);
      return hours ? [[day.page.path, sumWithin(hours, day)]] : [];
    }),
  );
}

function hoursOf({ page, start, end }: PageDay): string[] {
  const hours: string[] = [];
  for (let at = start; at < end; at += hourLength) hours.push(localTimeOf(page.timeZone, at).hour);
  return hours;
}

function sumWithin(hours: readonly HourTotals[], { start, end }: ComparedDay): Totals {
  const sum = { views: 0, clicks: 0 };
  for (const { hour, views, clicks } of hours) {
    const at = startOfHour(hour);
    if (at < start || at >= end) continue;
    sum.views += views;
    sum.clicks += clicks;
  }
  return sum;
}

/**
 * Returns the totals that a page's period is compared with, by the rule of `previousPeriod`.
 * @param dates of the period before
 * @param partial of the day that today is compared with; estimated from the whole day where its hours have expired
 */
export function earlierTotals(
  daily: Daily,
  dates: readonly string[],
  compared: ComparedDay | undefined,
  partial: Totals | undefined,
): Totals[] {
  const whole = dates
    .filter((date) => compared === undefined || date < compared.date)
    .map((date) => daily.get(date) ?? { views: 0, clicks: 0 });
  if (compared === undefined) return whole;
  return [...whole, partial ?? shareOfDay(daily.get(compared.date) ?? { views: 0, clicks: 0 }, compared)];
}

function shareOfDay({ views, clicks }: Totals, { start, end }: ComparedDay): Totals {
  const share = Math.min(1, (end - start) / dayLength);
  return { views: Math.round(views * share), clicks: Math.round(clicks * share) };
}

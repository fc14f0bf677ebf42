import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import type { DateSpan } from '#core/stats/period.ts';
import { hourLength } from '#core/time.ts';
import type { HourTotals, StatsStore } from '#stores/counters/stats.ts';

export interface Totals {
  views: number;
  clicks: number;
}

/** Totals by local date. */
export type Daily = ReadonlyMap<string, Totals>;

/** A page or a link whose totals are read. */
export interface DailySubject {
  entity: string;
  timeZone: string;
}

export interface DailyRequest {
  subjects: readonly DailySubject[];
  dates: DateSpan;
  /** Until when hours are settled, in milliseconds since the epoch. */
  settled: number | undefined;
  now: number;
}

/** Above this number of hours of a subject, a range query reads fewer bytes than single keys. */
const hoursByKey = 60;

/**
 * Returns the totals of each entity by local date. One batched read of small items: the months of every entity, and the
 * hours that no settled date holds.
 * @throws {StoreUnavailable}
 */
export async function readDailyTotals(
  stats: Pick<StatsStore, 'months' | 'hourTotals' | 'totalsOfDates'>,
  { subjects, dates, settled, now }: DailyRequest,
): Promise<Map<string, Daily>> {
  const hours = subjects.map((subject) => ({ subject, hours: openHours(subject, dates, settled, now) }));
  const byKey = hours.filter((open) => open.hours.length <= hoursByKey);
  const byRange = hours.filter((open) => open.hours.length > hoursByKey);
  const [months, ...totals] = await Promise.all([
    stats.months(
      subjects.map(({ entity }) => entity),
      dates.first,
      dates.last,
    ),
    stats.hourTotals(byKey.flatMap((open) => open.hours.map((hour) => ({ entity: open.subject.entity, hour })))),
    ...byRange.map((open) =>
      stats.totalsOfDates(
        open.subject.entity,
        open.hours[0]?.slice(0, 10) ?? dates.first,
        open.hours.at(-1)?.slice(0, 10) ?? dates.last,
      ),
    ),
  ]);
  const hot = Map.groupBy(totals.flat(), (total) => total.entity);
  return new Map(
    subjects.map((subject) => {
      const open = firstOpen(subject, settled, dates);
      return [subject.entity, dailyOf(months.get(subject.entity) ?? new Map(), hot.get(subject.entity) ?? [], open)];
    }),
  );
}

/** Hours from the first date that is not settled until now. */
function openHours(subject: DailySubject, dates: DateSpan, settled: number | undefined, now: number): string[] {
  const from = firstOpen(subject, settled, dates);
  const start = startOfDate(from < dates.first ? dates.first : from, subject.timeZone);
  const end = Math.min(now + 1, startOfDate(addDays(dates.last, 1), subject.timeZone));
  const hours: string[] = [];
  for (let at = start; at < end; at += hourLength) hours.push(localTimeOf(subject.timeZone, at).hour);
  return hours;
}

/** The first local date that is not settled. */
function firstOpen({ timeZone }: DailySubject, settled: number | undefined, dates: DateSpan): string {
  return settled === undefined ? dates.first : localTimeOf(timeZone, settled).date;
}

function dailyOf(settled: Daily, hot: readonly HourTotals[], open: string): Daily {
  const daily = new Map<string, Totals>([...settled].filter(([date]) => date < open));
  for (const { hour, views, clicks } of hot) {
    const date = hour.slice(0, 10);
    const sum = daily.get(date) ?? { views: 0, clicks: 0 };
    daily.set(date, { views: sum.views + views, clicks: sum.clicks + clicks });
  }
  return daily;
}

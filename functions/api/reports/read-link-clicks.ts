import { type DateSpan, listDates } from '#core/stats/period.ts';
import type { Link } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import { readDailyTotals } from './read-daily-totals.ts';

interface LinkClicksDeps {
  stats: Pick<StatsStore, 'months' | 'hourTotals' | 'totalsOfDates' | 'settledThrough'>;
  now: () => number;
}

/** Returns the clicks of links of one page by date. @throws {StoreUnavailable} */
export async function readLinkClicks(
  { stats, now }: LinkClicksDeps,
  links: readonly Link[],
  { timeZone, dates }: { timeZone: string; dates: DateSpan },
): Promise<{ code: string; clicks: number; days: number[] }[]> {
  const daily = await readDailyTotals(stats, {
    subjects: links.map(({ id }) => ({ entity: entityKeys.link(id), timeZone })),
    dates,
    settled: await stats.settledThrough(),
    now: now(),
  });
  return links.map(({ id, code }) => {
    const days = listDates(dates).map((date) => daily.get(entityKeys.link(id))?.get(date)?.clicks ?? 0);
    return { code, clicks: days.reduce((sum, clicks) => sum + clicks, 0), days };
  });
}

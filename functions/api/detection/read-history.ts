import { silentDates } from '#core/alerts/heartbeat.ts';
import { localDays } from '#core/alerts/local-days.ts';
import { type PageHistory, pageHistory } from '#core/alerts/page-history.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { StatsStore } from '#stores/counters/stats.ts';

export interface HistoryRequest {
  page: Page;
  /** Settled local dates of the page, both included. */
  first: string;
  last: string;
  badDays: readonly string[];
}

/**
 * Reads the settled days of a page like the jobs do: one small item per month for the page and for the stack, without a
 * query. A day without any event in the whole stack is a gap, not a zero.
 * @throws {StoreUnavailable}
 */
export async function readHistory(
  { months }: Pick<StatsStore, 'months'>,
  { page, first, last, badDays }: HistoryRequest,
): Promise<PageHistory> {
  const entity = entityKeys.page(page.path);
  const found = await months([entity, entityKeys.stack], first, last);
  const counted = [...(found.get(entity) ?? [])].map(([date, { views, clicks }]) => ({ date, views, clicks }));
  const alive = new Set([...(found.get(entityKeys.stack)?.keys() ?? []), ...counted.map(({ date }) => date)]);
  const days = localDays(page.timeZone, first, last);
  return pageHistory({
    counted,
    days,
    createdOn: localTimeOf(page.timeZone, Date.parse(page.createdAt)).date,
    silent: silentDates(days, new Set(), alive),
    badDays,
  });
}

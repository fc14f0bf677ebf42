import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import { formatDate, formatInstant } from '../../format/times.ts';

/** What a list says of the time that has not settled. */
interface UnsettledWords {
  /** Instead of an empty list. */
  empty: string;
  /** Below a list; undefined with a filter, where the totals say it for all. */
  note: string | undefined;
  /** Next to the totals; undefined without a filter. */
  totals: string | undefined;
}

/**
 * @param zone of the times, which it names
 * @param first date of the period, if an empty list says that the settled days have nothing
 */
export function describeUnsettled(
  unsettled: DashboardResponse['unsettled'] | undefined,
  zone: string,
  now: number,
  first?: string,
): UnsettledWords | undefined {
  if (!unsettled) return undefined;
  const { from, settlesAt } = unsettled;
  const at = `≈ ${formatInstant(settlesAt, zone, now)}, ${zone}`;
  if (from.length > 10)
    return {
      empty: `Available after the hour settles (${at}).`,
      note: undefined,
      totals: `With a filter, numbers end at ${formatInstant(from, zone, now)}: the next hour is available after it settles (${at}).`,
    };
  const isPartial = first !== undefined && first < from;
  return {
    empty: isPartial
      ? `None before ${formatDate(from)}. Later ones are available after the day settles (${at}).`
      : `Available after the day settles (${at}).`,
    note: `Without ${formatDate(from)} and later: available after the day settles (${at}).`,
    totals: undefined,
  };
}

import { addDays, isDate } from '#core/ledger/time-range.ts';
import { countDates, type DateSpan } from '#core/stats/period.ts';
import type { AgencyDashboard } from '#schemas/api/agencies.ts';
import type { Page } from '#schemas/catalog.ts';
import { allowedDates, isWithinDates } from '#schemas/time/local-date.ts';
import type { ApiDeps } from '../deps.ts';
import { invalidRequest } from '../problem.ts';
import { lastSettledDate, readAgency } from '../reports/read-agency.ts';

interface AgencyPagesRequest {
  /** Everything that the response depends on. */
  key: unknown;
  agency: string;
  pages: () => Promise<Page[]>;
  dates: RequestedDates;
  refresh: boolean;
}

/**
 * Returns the numbers of several pages, from the cache if they are fresh. The caller must be authorized before.
 * @throws {Problem} 400 for an invalid date
 */
export async function readAgencyPages(
  deps: ApiDeps,
  { key, agency, pages, dates, refresh }: AgencyPagesRequest,
): Promise<AgencyDashboard> {
  checkDates(dates);
  const { value } = await deps.agencies({
    key,
    compute: async (earlier) => {
      const found = await pages();
      const resolved = resolveDates(dates, await lastSettledDate(deps, found));
      const readers = { stats: deps.stats, openAlerts: deps.detection.openAlerts, now: deps.now };
      return readAgency(readers, { agency, pages: found, dates: resolved }, earlier);
    },
    refresh,
  });
  return value;
}

interface RequestedDates {
  from: string | undefined;
  to: string | undefined;
}

/** @throws {Problem} 400 for an invalid date */
function checkDates(requested: RequestedDates): void {
  for (const field of ['from', 'to'] as const) {
    const value = requested[field];
    if (value === undefined) continue;
    if (!isDate(value)) throw invalidDate(field, value, 'a date such as 2026-11-22');
    if (!isWithinDates(value)) throw invalidDate(field, value, allowedDates);
  }
}

function invalidDate(field: 'from' | 'to', value: string, allowed: string) {
  return invalidRequest([{ field, value, allowed }]);
}

const defaultDays = 30;
const maxDays = 92;

/**
 * Returns the requested dates. By default they end with the last date that is settled in the time zone of every page.
 * @throws {Problem} 400 for dates in the wrong order, or too many
 */
function resolveDates({ from, to }: RequestedDates, lastSettled: string): DateSpan {
  const last = to ?? lastSettled;
  const first = from ?? addDays(last, 1 - defaultDays);
  if (first > last) throw invalidDate('to', last, 'a date on or after `from`');
  if (countDates({ first, last }) > maxDays) throw invalidDate('from', first, `at most ${maxDays} days before \`to\``);
  return { first, last };
}

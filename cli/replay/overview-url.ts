import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, longestRange } from '#core/ledger/time-range.ts';
import type { Page } from '#schemas/catalog.ts';

/** Returns the address of a page's overview on the dates of a log, the last ones if there are more than it shows. */
export function overviewUrl(
  stackUrl: string,
  { path, timeZone }: Pick<Page, 'path' | 'timeZone'>,
  { first, last }: { first: number; last: number },
): string {
  const to = localTimeOf(timeZone, last).date;
  const earliest = addDays(to, 1 - longestRange.day);
  const from = localTimeOf(timeZone, first).date;
  const query = new URLSearchParams({ from: from < earliest ? earliest : from, to });
  return `${stackUrl}/app/pages/${encodeURIComponent(path.slice(1))}/overview?${query}`;
}

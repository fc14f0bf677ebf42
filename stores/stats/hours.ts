import { addDays } from '#core/ledger/time-range.ts';
import type { HourNumbers } from '#core/ledger/report.ts';
import { expiryAttribute, finalAttribute, hourKey } from '#schemas/rollup-item.ts';
import { mapOf, maybeNumberOf, numbersOf, queryBetween, type RawItem, type Table, textOf } from './read.ts';

/** Attributes that are no counters. */
const bookkeeping: ReadonlySet<string> = new Set([expiryAttribute]);

const hourNumbers = (item: RawItem): HourNumbers => {
  const final = mapOf(item[finalAttribute]);
  return {
    hour: textOf(item['sk']).slice(hourKey('').length),
    hot: numbersOf(item, bookkeeping),
    final: final && numbersOf(final),
  };
};

/** Hours of so many days stay below the 1 MB that one page of a query holds; each span is one query, all at once. */
const daysPerQuery = 8;

const spansOf = (first: string, last: string): { from: string; to: string }[] => {
  const spans = [];
  for (let from = first; from <= last; from = addDays(from, daysPerQuery)) {
    const end = addDays(from, daysPerQuery - 1);
    // The last instant of a date sorts below `T24`.
    spans.push({ from: `${from}T00`, to: `${end < last ? end : last}T24` });
  }
  return spans;
};

/**
 * Hourly items of an entity on local dates, first and last included, in order of key. Those past their expiry are left
 * out: deletion by TTL lags by up to days.
 * @throws {StoreUnavailable}
 */
export const readHourNumbers = async (
  table: Table & { now: () => number },
  pk: string,
  first: string,
  last: string,
): Promise<HourNumbers[]> => {
  const seconds = Math.floor(table.now() / 1000);
  const items = await Promise.all(
    spansOf(first, last).map(({ from, to }) => queryBetween(table, pk, hourKey(from), hourKey(to))),
  );
  return items
    .flat()
    .filter((item) => (maybeNumberOf(item[expiryAttribute]) ?? Number.POSITIVE_INFINITY) > seconds)
    .map(hourNumbers);
};

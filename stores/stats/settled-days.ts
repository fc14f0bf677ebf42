import type { DayNumbers } from '#core/stats/counted.ts';
import type { TopLists } from '#core/stats/tops.ts';
import { type MonthDay, monthKey, dayKey, topsKey } from '#schemas/settled-items.ts';
import { addDays } from '#core/ledger/time-range.ts';
import {
  listOf,
  mapOf,
  numberOf,
  numbersOf,
  queryBetween,
  readKeys,
  type RawItem,
  type Table,
  textOf,
} from './read.ts';

/** Settled local dates of an entity from `first` to `last` inclusive, in order. @throws {StoreUnavailable} */
export const readDayNumbers = async (table: Table, pk: string, first: string, last: string): Promise<DayNumbers[]> =>
  (await queryBetween(table, pk, dayKey(first), dayKey(last))).map((item) => ({
    date: textOf(item['sk']).slice(dayKey('').length),
    numbers: numbersOf(item),
  }));

type Lists = Record<string, [value: string, clicks: number, views: number][]>;

const entryOf = (entry: unknown): Lists[string][number] => {
  const [value, clicks, views] = listOf(entry) ?? [];
  return [textOf(value), numberOf(clicks), numberOf(views)];
};

const listsOf = (item: RawItem): Lists => {
  const lists: Lists = {};
  for (const [name, value] of Object.entries(item)) {
    const entries = listOf(value);
    if (entries) lists[name] = entries.map(entryOf);
  }
  return lists;
};

/** Top lists of settled local dates. @throws {StoreUnavailable} */
export const readTopLists = async (table: Table, pk: string, first: string, last: string): Promise<TopLists[]> =>
  (await queryBetween(table, pk, topsKey(first), topsKey(last))).map((item) => ({
    date: textOf(item['sk']).slice(topsKey('').length),
    lists: listsOf(item),
  }));

const monthsBetween = (first: string, last: string): string[] => {
  const months = new Set<string>();
  for (let date = first; date <= last; date = addDays(date, 1)) months.add(monthKey(date));
  return [...months];
};

const dayOfMonth = /^\d{2}$/;

const monthDays = (item: RawItem): [date: string, totals: MonthDay][] => {
  const month = textOf(item['sk']).slice(monthKey('').length);
  return Object.entries(item).flatMap(([name, value]): [string, MonthDay][] => {
    const totals = dayOfMonth.test(name) ? mapOf(value) : undefined;
    if (totals === undefined) return [];
    const [views, clicks] = [numberOf(totals['views']), numberOf(totals['clicks'])];
    const [visitors, sessions] = [numberOf(totals['visitors']), numberOf(totals['sessions'])];
    return [[`${month}-${name}`, { views, clicks, visitors, sessions }]];
  });
};

/**
 * Totals per settled date of many entities, by entity and date: one small item per entity and month.
 * @throws {StoreUnavailable}
 */
export const readMonths = async (
  table: Table,
  pks: readonly string[],
  first: string,
  last: string,
): Promise<Map<string, Map<string, MonthDay>>> => {
  const keys = pks.flatMap((pk) => monthsBetween(first, last).map((sk) => ({ pk, sk })));
  const months = new Map<string, Map<string, MonthDay>>(pks.map((pk) => [pk, new Map()]));
  for (const item of await readKeys(table, keys)) {
    const days = months.get(textOf(item['pk']));
    for (const [date, totals] of monthDays(item)) if (date >= first && date <= last) days?.set(date, totals);
  }
  return months;
};

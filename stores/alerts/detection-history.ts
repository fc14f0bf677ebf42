import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { zoneLines } from '#core/alerts/local-days.ts';
import type { CountedDay } from '#core/alerts/page-history.ts';
import { addDays } from '#core/ledger/time-range.ts';
import type { DayCounters } from '#core/stats/counters.ts';
import type { TopLists } from '#core/stats/top-lists.ts';
import { type EntityHour, entityHourKey } from '#schemas/counters.ts';
import { dayKey, finalAttribute, hourKey, monthKey, parseHourKey, topsKey } from '../counters/counter-items.ts';
import type { Athena } from '../lake/athena.ts';
import { dailyHistory } from '../lake/lake-queries.ts';
import { mapOf, numbersOf, type RawItem, readKeys, textOf } from '../dynamodb/raw-items.ts';
import { dayNumbersOf, monthDaysOf, topListsOf } from '../counters/settled-days.ts';

export interface HistoryPage {
  path: string;
  zone: string;
}

/** What something cost. */
export interface QueryCost {
  queries: number;
  dollars: number;
}

/** A settled local date of an entity: counts by attribute name, and its top lists. */
export interface SettledDay extends DayCounters {
  tops: TopLists['lists'];
}

export interface HourNumbers {
  views: number;
  clicks: number;
  bots: number;
}

export interface History {
  /** Counted days of the pages on local dates `first` to `last`, by path: one query for up to 2,000 pages. */
  daily: (
    pages: readonly HistoryPage[],
    first: string,
    last: string,
  ) => Promise<{ days: Map<string, CountedDay[]>; cost: QueryCost }>;
  /** Settled dates of one entity, in order; those that are not settled are missing. */
  settled: (entity: string, dates: readonly string[]) => Promise<SettledDay[]>;
  /** Returns counts of local hours by {@link entityHourKey}, final ones where there are any; an hour without an item is missing. */
  hours: (wanted: readonly EntityHour[]) => Promise<Map<string, HourNumbers>>;
}

/** Items of the rollups table. */
export interface CountedHistory extends Pick<History, 'settled' | 'hours'> {
  /** Views and clicks of an entity's settled dates in these months (`2026-11`), by date, in order. */
  months: (entity: string, months: readonly string[]) => Promise<CountedDay[]>;
}

/**
 * What the detectors read: settled days from the lake's views by Athena, and items of the rollups table.
 * @throws {QueryFailed} {StoreUnavailable}
 */
export function createHistory(options: {
  athena: Athena;
  client: DynamoDBClient;
  rollups: string;
}): History & CountedHistory {
  return {
    ...createCountedHistory(options),
    daily: (pages, first, last) => readDaily(options.athena, pages, first, last),
  };
}

/** @throws {StoreUnavailable} */
export function createCountedHistory(options: { client: DynamoDBClient; rollups: string }): CountedHistory {
  const table = { client: options.client, table: options.rollups };
  return {
    settled: async (entity, dates) => {
      const keys = dates.flatMap((date) => [dayKey(date), topsKey(date)]).map((sk) => ({ pk: entity, sk }));
      const items = new Map((await readKeys(table, keys)).map((item) => [textOf(item['sk']), item] as const));
      return dates.flatMap((date) => {
        const [day, tops] = [items.get(dayKey(date)), items.get(topsKey(date))];
        return day ? [{ ...dayNumbersOf(day), tops: tops ? topListsOf(tops).lists : {} }] : [];
      });
    },
    months: async (entity, months) => {
      const items = await readKeys(
        table,
        months.map((month) => ({ pk: entity, sk: monthKey(month) })),
      );
      return items
        .flatMap((item) => monthDaysOf(item, months[0] ?? '', `${months.at(-1)}-31`))
        .map(({ date, totals: { views, clicks } }) => ({ date, views, clicks }))
        .toSorted((a, b) => (a.date < b.date ? -1 : 1));
    },
    hours: async (wanted) => {
      const items = await readKeys(
        table,
        wanted.map(({ entity, hour }) => ({ pk: entity, sk: hourKey(hour) })),
      );
      return new Map(
        items.map((item) => {
          const wantedHour = { entity: textOf(item['pk']), hour: parseHourKey(textOf(item['sk'])) };
          return [entityHourKey(wantedHour), hourNumbersOf(item)] as const;
        }),
      );
    },
  };
}

function hourNumbersOf(item: RawItem): HourNumbers {
  const { views = 0, clicks = 0, 'x.bot': bots = 0 } = numbersOf(mapOf(item[finalAttribute]) ?? item);
  return { views, clicks, bots };
}

/** Their lines fit into one query: some 60 KB of parameters. */
const pagesPerQuery = 2000;

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

async function readDaily(athena: Athena, pages: readonly HistoryPage[], first: string, last: string) {
  const days = new Map<string, CountedDay[]>();
  const cost = { queries: 0, dollars: 0 };
  for (const some of chunks(pages, pagesPerQuery)) {
    const { rows, report } = await athena.rows(dailyHistory, {
      ...partitionsOf(first, last),
      zones: zonesOf(some, first, last),
      pages: some.map(({ path, zone }) => `${path}|${zone}`),
    });
    cost.queries += 1;
    cost.dollars += report.dollars;
    for (const { page_path, local_date, views, clicks } of rows) {
      if (local_date < first || local_date > last) continue;
      const known = days.get(page_path);
      if (known) known.push({ date: local_date, views, clicks });
      else days.set(page_path, [{ date: local_date, views, clicks }]);
    }
  }
  return { days, cost };
}

/** UTC dates that hold every hour of these local dates, whatever the zone. */
function partitionsOf(first: string, last: string) {
  return { first_dt: addDays(first, -1), last_dt: addDays(last, 1) };
}

const dayLength = 86_400_000;

function zonesOf(pages: readonly HistoryPage[], first: string, last: string): string[] {
  const zones = [...new Set(pages.map(({ zone }) => zone))].toSorted();
  return zones.flatMap((zone) => zoneLines(zone, Date.parse(first) - dayLength, Date.parse(last) + 2 * dayLength));
}

import { dayLength } from '#core/time.ts';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { zoneLines } from '#core/alerts/local-days.ts';
import type { CountedDay } from '#core/alerts/page-history.ts';
import { addDays } from '#core/ledger/time-range.ts';
import type { DayCounters } from '#core/stats/counters.ts';
import type { TopLists } from '#core/stats/top-lists.ts';
import { type EntityHour, entityHourKey } from '#schemas/counters.ts';
import { dayKey, finalAttribute, hourKey, monthKey, parseHourKey, topListsKey } from '../counters/counter-items.ts';
import type { Athena } from '../lake/athena.ts';
import { dailyHistory } from '../lake/lake-queries.ts';
import { mapOf, numbersOf, type RawItem, readKeys, textOf } from '../dynamodb/raw-items.ts';
import { parseDayNumbers, parseMonthDays, parseTopLists } from '../counters/settled-days.ts';

export interface HistoryPage {
  path: string;
  zone: string;
}

export interface QueryCost {
  queries: number;
  dollars: number;
}

/** A settled local date of an entity, with its top lists. */
export interface SettledDay extends DayCounters {
  tops: TopLists['lists'];
}

export interface HourNumbers {
  views: number;
  clicks: number;
  bots: number;
}

export interface History {
  /** Reads the pages' counts on local dates `first` to `last`, by path, with one query for up to 2,000 pages. */
  daily: (
    pages: readonly HistoryPage[],
    first: string,
    last: string,
  ) => Promise<{ days: Map<string, CountedDay[]>; cost: QueryCost }>;
  /** Reads an entity's settled dates without top lists, in order; dates that are not settled are missing. */
  numbers: (entity: string, dates: readonly string[]) => Promise<DayCounters[]>;
  /** The same with top lists. */
  settled: (entity: string, dates: readonly string[]) => Promise<SettledDay[]>;
  /** Reads counts of local hours by {@link entityHourKey}, final if settled; hours without an item are missing. */
  hours: (wanted: readonly EntityHour[]) => Promise<Map<string, HourNumbers>>;
}

/** History from the rollups table. */
export interface CountedHistory extends Pick<History, 'numbers' | 'settled' | 'hours'> {
  /** Reads views and clicks of an entity's settled dates in these months (`2026-11`), in order. */
  months: (entity: string, months: readonly string[]) => Promise<CountedDay[]>;
}

/**
 * Creates a reader of the history that detection needs: daily counts from Athena, the rest from the rollups table.
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
    numbers: async (entity, dates) => {
      const items = await readKeys(
        table,
        dates.map((date) => ({ pk: entity, sk: dayKey(date) })),
      );
      return items.map(parseDayNumbers).toSorted((a, b) => (a.date < b.date ? -1 : 1));
    },
    settled: async (entity, dates) => {
      const keys = dates.flatMap((date) => [dayKey(date), topListsKey(date)]).map((sk) => ({ pk: entity, sk }));
      const items = new Map((await readKeys(table, keys)).map((item) => [textOf(item['sk']), item] as const));
      return dates.flatMap((date) => {
        const [day, tops] = [items.get(dayKey(date)), items.get(topListsKey(date))];
        return day ? [{ ...parseDayNumbers(day), tops: tops ? parseTopLists(tops).lists : {} }] : [];
      });
    },
    months: async (entity, months) => {
      const items = await readKeys(
        table,
        months.map((month) => ({ pk: entity, sk: monthKey(month) })),
      );
      return items
        .flatMap((item) => parseMonthDays(item, months[0] ?? '', `${months.at(-1)}-31`))
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
          return [entityHourKey(wantedHour), toHourNumbers(item)] as const;
        }),
      );
    },
  };
}

function toHourNumbers(item: RawItem): HourNumbers {
  const { views = 0, clicks = 0, 'x.bot': bots = 0 } = numbersOf(mapOf(item[finalAttribute]) ?? item);
  return { views, clicks, bots };
}

/** Their parameters, about 60 KB, fit into one query. */
const pagesPerQuery = 2000;

async function readDaily(athena: Athena, pages: readonly HistoryPage[], first: string, last: string) {
  const days = new Map<string, CountedDay[]>();
  const cost = { queries: 0, dollars: 0 };
  for (let from = 0; from < pages.length; from += pagesPerQuery) {
    const some = pages.slice(from, from + pagesPerQuery);
    const { rows, report } = await athena.rows(dailyHistory, {
      ...findPartitions(first, last),
      zones: listZones(some, first, last),
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

/** Returns the UTC dates that contain every hour of these local dates in any zone. */
function findPartitions(first: string, last: string) {
  return { first_dt: addDays(first, -1), last_dt: addDays(last, 1) };
}

function listZones(pages: readonly HistoryPage[], first: string, last: string): string[] {
  const zones = [...new Set(pages.map(({ zone }) => zone))].toSorted();
  return zones.flatMap((zone) => zoneLines(zone, Date.parse(first) - dayLength, Date.parse(last) + 2 * dayLength));
}

import { z } from 'zod';
import type { MeasureSums } from '#core/metrics/measures.ts';
import type { DayCounters } from '#core/stats/counters.ts';
import { listPeriods, startOfPeriod } from '#core/periods.ts';
import type { TopLists } from '#core/stats/top-lists.ts';
import {
  dayKey,
  filledMetricsKey,
  metricsKey,
  monthKey,
  packedAttribute,
  parseMonthDay,
  topListsKey,
} from './counter-items.ts';
import type { MonthDay } from '#schemas/counters.ts';
import { DamagedItem } from '../errors.ts';
import { unpack } from './compressed-json.ts';
import {
  bytesOf,
  isObject,
  queryBetween,
  readKeys,
  type RawItem,
  type RawTable,
  textOf,
} from '../dynamodb/raw-items.ts';

/** Reads an entity's settled local dates from `first` to `last`, in order. @throws {StoreUnavailable} */
export async function readDayNumbers(
  table: RawTable,
  entity: string,
  first: string,
  last: string,
): Promise<DayCounters[]> {
  return (await queryBetween(table, entity, dayKey(first), dayKey(last))).map(parseDayNumbers);
}

/** @throws {DamagedItem} */
export function parseDayNumbers(item: RawItem): DayCounters {
  return {
    date: textOf(item['sk']).slice(dayKey('').length),
    numbers: Object.fromEntries(Object.entries(unpackContent(item)).filter(isCount)),
  };
}

function unpackContent(item: RawItem): object {
  const bytes = bytesOf(item[packedAttribute]);
  const content = bytes && unpack(bytes);
  if (!isObject(content)) throw new DamagedItem(`${textOf(item['sk'])} of ${textOf(item['pk'])} has no packed object`);
  return content;
}

function isCount(entry: [string, unknown]): entry is [string, number] {
  return typeof entry[1] === 'number';
}

/** Reads the top lists of settled local dates. @throws {StoreUnavailable} */
export async function readTopLists(table: RawTable, entity: string, first: string, last: string): Promise<TopLists[]> {
  return (await queryBetween(table, entity, topListsKey(first), topListsKey(last))).map(parseTopLists);
}

/** @throws {DamagedItem} */
export function parseTopLists(item: RawItem): TopLists {
  return {
    date: textOf(item['sk']).slice(topListsKey('').length),
    lists: Object.fromEntries(Object.entries(unpackContent(item)).map(([name, entries]) => [name, parseList(entries)])),
  };
}

type Top = TopLists['lists'][string][number];

function parseList(entries: unknown): Top[] {
  return Array.isArray(entries) ? entries.filter(isTop) : [];
}

function isTop(entry: unknown): entry is Top {
  return (
    Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number' && typeof entry[2] === 'number'
  );
}

/** Measures of a page's metrics on a settled local date, by the name of metric and version. */
export interface MetricsDay {
  date: string;
  metrics: Readonly<Record<string, MeasureSums>>;
}

/** Reads the measures of a page's metrics. @throws {StoreUnavailable} */
export async function readMetricsDays(
  table: RawTable,
  entity: string,
  first: string,
  last: string,
): Promise<MetricsDay[]> {
  return (await queryBetween(table, entity, metricsKey(first), metricsKey(last))).map((item) => ({
    date: textOf(item['sk']).slice(metricsKey('').length),
    metrics: parseMetrics(item),
  }));
}

const filledSchema = z.object({
  /** Names of the metrics and their versions. */
  metrics: z.array(z.string()),
  /** First local date of the history that is not computed yet; absent when all is. */
  next: z.string().exactOptional(),
  /** Whether the page had events before that date. */
  begun: z.boolean(),
});
/** How far the history of a page's metrics has been computed. */
export type FilledMetrics = z.infer<typeof filledSchema>;

/** @throws {StoreUnavailable} */
export async function readFilledMetrics(table: RawTable, entity: string): Promise<FilledMetrics | undefined> {
  const [item] = await readKeys(table, [{ pk: entity, sk: filledMetricsKey }]);
  return item && filledSchema.parse(unpackContent(item));
}

const packedMetrics = z.record(
  z.string(),
  z.record(
    z.string(),
    z
      .union([z.tuple([z.number()]), z.tuple([z.number(), z.number(), z.number()])])
      .transform(([sum, numbers = sum, ignored = 0]) => ({ sum, numbers, ignored })),
  ),
);

/** @throws {DamagedItem} */
function parseMetrics(item: RawItem): MetricsDay['metrics'] {
  const parsed = packedMetrics.safeParse(unpackContent(item));
  if (parsed.success) return parsed.data;
  throw new DamagedItem(`${textOf(item['sk'])} of ${textOf(item['pk'])} has no measures`, { cause: parsed.error });
}

/**
 * Reads the totals per settled date of many entities, by entity and date: one small item per entity and month.
 * @throws {StoreUnavailable}
 */
export async function readMonths(
  table: RawTable,
  entities: readonly string[],
  first: string,
  last: string,
): Promise<Map<string, Map<string, MonthDay>>> {
  const months = monthsBetween(first, last).map(monthKey);
  const keys = entities.flatMap((entity) => months.map((sk) => ({ pk: entity, sk })));
  const found = new Map<string, Map<string, MonthDay>>(entities.map((entity) => [entity, new Map()]));
  for (const item of await readKeys(table, keys)) {
    const days = found.get(textOf(item['pk']));
    for (const { date, totals } of parseMonthDays(item, first, last)) days?.set(date, totals);
  }
  return found;
}

function monthsBetween(first: string, last: string): string[] {
  return listPeriods(startOfPeriod(first, 'month'), last, 'month').map((start) => start.slice(0, 7));
}

const dayOfMonth = /^\d{2}$/;

/** Returns the dates of a month's item from `first` to `last`. */
export function parseMonthDays(item: RawItem, first: string, last: string): { date: string; totals: MonthDay }[] {
  const month = textOf(item['sk']).slice(monthKey('').length);
  return Object.entries(item).flatMap(([name, value]) => {
    const date = `${month}-${name}`;
    if (!dayOfMonth.test(name) || date < first || date > last) return [];
    const totals = parseMonthDay(textOf(value));
    return totals === undefined ? [] : [{ date, totals }];
  });
}

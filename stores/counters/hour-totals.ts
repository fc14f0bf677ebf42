import {
  finalAttribute,
  finalRunAttribute,
  hourKey,
  monthKey,
  openDayKey,
  openHourAttribute,
  parseHourKey,
  parseOpenHour,
} from './counter-items.ts';
import {
  mapOf,
  maybeNumberOf,
  numberOf,
  queryBetween,
  queryLast,
  type RawItem,
  readKeys,
  type RawTable,
  textOf,
} from '../dynamodb/raw-items.ts';
import { type EntityHour, entityHourKey } from '#schemas/counters.ts';
import { parseMonthDays } from './settled-days.ts';

/** Counted events of an entity in a local hour; final if the hour is settled. */
export interface HourTotals extends EntityHour {
  views: number;
  clicks: number;
}

const names = ['pk', 'sk', 'views', 'clicks', `${finalAttribute}/views`, `${finalAttribute}/clicks`, finalRunAttribute];

/** Counts by minute of an entity's local hour. */
export interface HourMinutes extends EntityHour {
  views: Map<number, number>;
  clicks: Map<number, number>;
}

/**
 * Reads totals of hours of many pages: settled hours from one item per date, others from their own items. Hours without
 * an item are missing.
 * @throws {StoreUnavailable}
 */
export async function readHourTotals(table: RawTable, wanted: readonly EntityHour[]): Promise<HourTotals[]> {
  const settled = await readOpenDays(table, wanted);
  const others = wanted.filter((each) => !settled.has(entityHourKey(each)));
  const items = await readKeys(
    table,
    others.map(({ entity, hour }) => ({ pk: entity, sk: hourKey(hour) })),
    names,
  );
  return [...settled.values(), ...items.map(toTotals)];
}

/** A local date of an entity. */
export interface EntityDate {
  entity: string;
  date: string;
}

/**
 * Reads the settled hours of pages on one date each, by entity: one small item per page. A page without the item, which expires with
 * the hours, is missing.
 * @throws {StoreUnavailable}
 */
export async function readSettledHours(
  table: RawTable,
  days: readonly EntityDate[],
): Promise<Map<string, HourTotals[]>> {
  const items = await readKeys(
    table,
    days.map(({ entity, date }) => ({ pk: entity, sk: openDayKey(date) })),
  );
  return new Map(items.map((item) => [textOf(item['pk']), parseOpenDay(item)]));
}

/**
 * Reads the settled hours of a page on local dates, one small item per date. They expire with the hours.
 * @throws {StoreUnavailable}
 */
export async function readSettledHoursOf(
  table: RawTable,
  entity: string,
  first: string,
  last: string,
): Promise<HourTotals[]> {
  return (await queryBetween(table, entity, openDayKey(first), openDayKey(last))).flatMap(parseOpenDay);
}

function parseOpenDay(item: RawItem): HourTotals[] {
  const entity = textOf(item['pk']);
  const date = textOf(item['sk']).slice(openDayKey('').length);
  return Object.entries(item).flatMap(([name, value]) => {
    const totals = parseOpenHour(textOf(value));
    return totals ? [{ entity, hour: `${date}T${name}`, ...totals }] : [];
  });
}

/** Reads the settled ones of these hours from the items of their dates, by {@link entityHourKey}. */
async function readOpenDays(table: RawTable, wanted: readonly EntityHour[]): Promise<Map<string, HourTotals>> {
  const days = new Map(wanted.map((each) => [`${each.entity}\n${dateOf(each)}`, each]));
  const keys = [...days.values()].map((each) => ({ pk: each.entity, sk: openDayKey(dateOf(each)) }));
  const items = new Map(
    (await readKeys(table, keys)).map((item) => [`${textOf(item['pk'])}\n${textOf(item['sk'])}`, item]),
  );
  return new Map(
    wanted.flatMap((each): [string, HourTotals][] => {
      const item = items.get(`${each.entity}\n${openDayKey(dateOf(each))}`);
      const totals = parseOpenHour(textOf(item?.[openHourAttribute(each.hour)]));
      return totals ? [[entityHourKey(each), { ...each, ...totals }]] : [];
    }),
  );
}

function dateOf({ hour }: EntityHour): string {
  return hour.slice(0, 10);
}

function toTotals(item: RawItem): HourTotals {
  // An hour that settled without views or clicks has zeros, whatever its hot counters say.
  const best = item[finalRunAttribute] === undefined ? item : (mapOf(item[finalAttribute]) ?? {});
  return {
    entity: textOf(item['pk']),
    hour: parseHourKey(textOf(item['sk'])),
    views: numberOf(best['views']),
    clicks: numberOf(best['clicks']),
  };
}

/** Reads the totals of an entity's hours on local dates. @throws {StoreUnavailable} */
export async function readTotalsOfDates(
  table: RawTable,
  entity: string,
  first: string,
  last: string,
): Promise<HourTotals[]> {
  return (await queryBetween(table, entity, hourKey(`${first}T00`), hourKey(`${last}T24`), names)).map(toTotals);
}

/** An hour after the last one with views or clicks may have none; a day of such hours is looked through. */
const hoursLookedThrough = 24;
const monthsLookedThrough = 3;

/**
 * Returns the last local date of an entity with views or clicks, as far as its last hours and settled months show it.
 * @throws {StoreUnavailable}
 */
export async function readLastDate(table: RawTable, entity: string): Promise<string | undefined> {
  const [hours, months] = await Promise.all([
    queryLast(table, entity, hourKey(''), { limit: hoursLookedThrough, names }),
    queryLast(table, entity, monthKey('').slice(0, 2), { limit: monthsLookedThrough }),
  ]);
  const open = hours.map(toTotals).map(({ hour, views, clicks }) => ({ date: hour.slice(0, 10), views, clicks }));
  const settled = months
    .flatMap((item) => parseMonthDays(item, '', '9'))
    .map(({ date, totals: { views, clicks } }) => ({ date, views, clicks }));
  return [...open, ...settled]
    .filter(({ views, clicks }) => views + clicks > 0)
    .map(({ date }) => date)
    .toSorted()
    .at(-1);
}

/** Reads the hot counts by minute of hours of pages. @throws {StoreUnavailable} */
export async function readMinutes(table: RawTable, hours: readonly EntityHour[]): Promise<HourMinutes[]> {
  return (
    await readKeys(
      table,
      hours.map(({ entity, hour }) => ({ pk: entity, sk: hourKey(hour) })),
    )
  ).map(toMinutes);
}

const minuteName = /^(v?)m\.(\d{2})$/;

function toMinutes(item: RawItem): HourMinutes {
  const minutes: HourMinutes = {
    entity: textOf(item['pk']),
    hour: parseHourKey(textOf(item['sk'])),
    views: new Map(),
    clicks: new Map(),
  };
  for (const [name, value] of Object.entries(item)) {
    const [, views, minute] = minuteName.exec(name) ?? [];
    const count = maybeNumberOf(value);
    if (minute !== undefined && count !== undefined)
      minutes[views === 'v' ? 'views' : 'clicks'].set(Number(minute), count);
  }
  return minutes;
}

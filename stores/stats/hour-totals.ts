import { finalAttribute, hourKey } from '#schemas/rollup-item.ts';
import { finalRunAttribute } from '#schemas/settled-items.ts';
import { mapOf, maybeNumberOf, numberOf, queryBetween, type RawItem, readKeys, type Table, textOf } from './read.ts';

/** Counted events of one entity in one local hour, settled where the hour is. */
export interface HourTotals {
  pk: string;
  /** `2026-11-22T07+01:00` */
  hour: string;
  views: number;
  clicks: number;
}

const names = ['pk', 'sk', 'views', 'clicks', `${finalAttribute}/views`, `${finalAttribute}/clicks`, finalRunAttribute];

const totalsOf = (item: RawItem): HourTotals => {
  // Settled numbers that name neither are zeros, not missing.
  const best = item[finalRunAttribute] === undefined ? item : (mapOf(item[finalAttribute]) ?? {});
  return {
    pk: textOf(item['pk']),
    hour: textOf(item['sk']).slice(hourKey('').length),
    views: numberOf(best['views']),
    clicks: numberOf(best['clicks']),
  };
};

/** Totals of the hours named, of many entities. @throws {StoreUnavailable} */
export const readHourTotals = async (
  table: Table,
  keys: readonly { pk: string; hour: string }[],
): Promise<HourTotals[]> =>
  (
    await readKeys(
      table,
      keys.map(({ pk, hour }) => ({ pk, sk: hourKey(hour) })),
      names,
    )
  ).map(totalsOf);

/** Totals of an entity's hours on local dates. @throws {StoreUnavailable} */
export const readTotalsOfDates = async (table: Table, pk: string, first: string, last: string): Promise<HourTotals[]> =>
  (await queryBetween(table, pk, hourKey(`${first}T00`), hourKey(`${last}T24`), names)).map(totalsOf);

/** Counts by minute of one local hour. */
export interface HourMinutes {
  hour: string;
  views: Map<number, number>;
  clicks: Map<number, number>;
}

const minuteName = /^(v?)m\.(\d{2})$/;

const minutesOf = (item: RawItem): HourMinutes => {
  const minutes: HourMinutes = {
    hour: textOf(item['sk']).slice(hourKey('').length),
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
};

/** Hot counts by minute of a page's hours. @throws {StoreUnavailable} */
export const readMinutes = async (table: Table, pk: string, hours: readonly string[]): Promise<HourMinutes[]> =>
  (
    await readKeys(
      table,
      hours.map((hour) => ({ pk, sk: hourKey(hour) })),
    )
  ).map(minutesOf);

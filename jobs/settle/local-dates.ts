import { z } from 'zod';
import { dayCounts } from '#core/settle/items.ts';
import { hoursTouching, spanOf } from '#core/settle/hours.ts';
import type { ItemDelta } from '#schemas/rollup-item.ts';
import { type SettledTableName, settledTables } from '#schemas/lake-tables.ts';
import { dayEntitiesKey } from '#schemas/settle-keys.ts';
import { dayVisitorAttributes, topListLength } from '#schemas/settled-items.ts';
import {
  audienceDistribution,
  type DayVisitors,
  dayVisitors,
  type TopListEntry,
  dayTopLists,
  hourlyTraffic,
  linkPerformance,
} from '#stores/lake/lake-queries.ts';
import type { DayItem } from '#stores/counters/settled-counters.ts';
import type { SettleDeps } from './deps.ts';
import type { ColumnReader } from './column-reader.ts';

/**
 * Settles one local date: its two views, and the day, top list and month items of every entity. A date that has ended
 * in some zones only is computed again when it ends in the next.
 * @param zones in which it has ended
 * @param erasing there are tombstones: older runs of the views are deleted at once
 */
export async function settleDate(
  deps: SettleDeps,
  reader: ColumnReader,
  date: string,
  zones: string[],
  nextRun: () => string,
  erasing: boolean,
): Promise<void> {
  const run = nextRun();
  await settleView(deps, 'audience', date, run, zones, erasing);
  await settleView(deps, 'links', date, run, zones, erasing);
  const items = await dayItems(deps, reader, date);
  // Before the items: should they be written in part, the next run still knows all of them. Zeros are written once.
  await putEntities(deps, date, items);
  await deps.rollups.writeDays(items, run);
  await putEntities(
    deps,
    date,
    items.filter(({ numbers }) => Object.values(numbers).some((value) => value > 0)),
  );
  deps.report({ kind: 'date-settled', date, entities: items.length, run });
}

type View = Extract<SettledTableName, 'traffic' | 'audience' | 'links'>;

/** Computes a view's partition in a folder of its own and shows it. */
async function settleView(
  deps: SettleDeps,
  view: View,
  dt: string,
  run: string,
  zones: string[],
  erasing: boolean,
): Promise<void> {
  const { name, prefix } = settledTables[view];
  const location = `s3://${deps.bucket}/${prefix}dt=${dt}/run=${run}/`;
  if (view === 'traffic') await deps.athena.unload(hourlyTraffic, { dt }, location);
  else {
    const query = view === 'audience' ? audienceDistribution : linkPerformance;
    await deps.athena.unload(query, { ...spanOf(dt), date: dt }, location);
  }
  await deps.state.putPartition(name, dt, { run, zones });
  await deps.partitions.point(name, [dt], location);
  if (!erasing) return;
  // An older run may still hold the erased.
  const runs = await deps.files.list(`${prefix}dt=${dt}/`);
  await deps.files.delete(runs.map(({ key }) => key).filter((key) => !key.includes(`/run=${run}/`)));
}

async function dayItems(deps: SettleDeps, reader: ColumnReader, date: string): Promise<DayItem[]> {
  const span = { ...spanOf(date), date };
  const counts = dayCounts(await deltasOfDate(deps, reader, date), date);
  const people = await deps.athena.rows(dayVisitors, span);
  const tops = await deps.athena.rows(dayTopLists, { ...span, longest: topListLength });
  const byEntity = new Map(people.rows.map((row) => [row.entity, row]));
  const topsByEntity = Map.groupBy(tops.rows, ({ entity }) => entity);
  const entities = new Set([...counts.keys(), ...(await earlierEntities(deps, date))]);
  return [...entities].toSorted().map((entity) => ({
    entity,
    date,
    numbers: { ...counts.get(entity), ...peopleNumbers(byEntity.get(entity)) },
    tops: topsOf(topsByEntity.get(entity) ?? []),
  }));
}

/** Deltas of every settled hour that the local date touches. */
async function deltasOfDate(deps: SettleDeps, reader: ColumnReader, date: string): Promise<ItemDelta[]> {
  const hours = hoursTouching(date);
  const dates = [...new Set(hours.map(({ dt }) => dt))];
  const records = (await Promise.all(dates.map((dt) => deps.state.hoursOfDate(dt)))).flat();
  const wanted = new Set(hours.map(({ dt, hr }) => `${dt} ${hr}`));
  const deltas: ItemDelta[] = [];
  for (const record of records)
    if (wanted.has(`${record.dt} ${record.hr}`)) deltas.push(...(await reader.run(record, record.run)));
  return deltas;
}

const entitiesSchema = z.array(z.string());

/** Entities with an item of this date from an earlier run: without events now, they become zeros. */
async function earlierEntities(deps: SettleDeps, date: string): Promise<string[]> {
  const key = dayEntitiesKey(date);
  const exists = (await deps.files.list(key)).length > 0;
  return exists ? entitiesSchema.parse(JSON.parse(Buffer.from(await deps.lake.get(key)).toString('utf8'))) : [];
}

function peopleNumbers(people: DayVisitors | undefined): Record<string, number> {
  return Object.fromEntries(dayVisitorAttributes.map((name) => [name, people?.[name] ?? 0]));
}

function topsOf(rows: readonly TopListEntry[]): DayItem['tops'] {
  const tops: DayItem['tops'] = {};
  for (const { list, value, clicks, views } of rows) (tops[list] ??= []).push([value, clicks, views]);
  return tops;
}

function putEntities(deps: SettleDeps, date: string, items: readonly DayItem[]): Promise<void> {
  return deps.lake.put(dayEntitiesKey(date), Buffer.from(JSON.stringify(items.map(({ entity }) => entity))));
}

/** `hourly_traffic` of a UTC date, from the hours that are settled by now. */
export function settleTraffic(deps: SettleDeps, dt: string, run: string, erasing: boolean): Promise<void> {
  return settleView(deps, 'traffic', dt, run, [], erasing);
}

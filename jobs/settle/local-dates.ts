import { z } from 'zod';
import { addDays } from '#core/ledger/time-range.ts';
import { readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import { sumLocalDate } from '#core/settle/hourly-counters.ts';
import { endOfLocalDate, hourAt, hourName, hoursTouching, isImported, utcDatesAround } from '#core/settle/hours.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import type { HourDelta } from '#core/aggregate/count-events.ts';
import { dayEntitiesKey } from '#schemas/lake-keys.ts';
import {
  dayVisitorAttributes,
  importedAttribute,
  isCampaign,
  mostCampaignLinks,
  topListLength,
} from '#schemas/counters.ts';
import type { DayItem } from '#stores/counters/settled-counters.ts';
import {
  dayCampaigns,
  type DayVisitors,
  dayTopLists,
  dayVisitors,
  type TopListEntry,
} from '#stores/lake/lake-queries.ts';
import type { SettleDeps } from './deps.ts';
import { rebuildView } from './views.ts';
import { createStep, type Visit } from './visit.ts';

interface DateUnit {
  date: string;
  /** Zones in which the date has ended. */
  zones: string[];
}

/** Settles local dates that have ended in a zone: again when they end in the next zone, and when their hours change. */
export const settleLocalDates = createStep({
  units: listDates,
  counts: 'days',
  run: async (visit, unit) => {
    const { state } = visit.deps;
    await settleDate(visit, unit);
    if ((await visit.deps.metrics()).length > 0) await state.addWork('metrics', [unit.date]);
    const endedEverywhere = unit.zones.length === visit.zones.length;
    await (endedEverywhere ? state.removeWork('open', [unit.date]) : state.addWork('open', [unit.date]));
    await state.removeWork('dates', [unit.date]);
  },
});

async function listDates({ deps, zones, since, closedThrough }: Visit): Promise<DateUnit[]> {
  const { dates, open } = await deps.state.workLists();
  // The last zone to end a date ends it half a day after UTC.
  const first = addDays(hourAt(since).dt, -1);
  const units: DateUnit[] = [];
  for (const date of [...new Set([...dates, ...open])].filter((each) => each >= first).toSorted()) {
    const ended = zones.filter((zone) => endOfLocalDate(zone, date) <= closedThrough);
    if (ended.length === 0) continue;
    const known = await deps.state.partition(settledTables.links.name, date);
    if (dates.includes(date) || known?.zones.join() !== ended.join()) units.push({ date, zones: ended });
  }
  return units;
}

/** Rebuilds the date's two views, and the day, top lists and month of every entity. */
async function settleDate(visit: Visit, { date, zones }: DateUnit): Promise<void> {
  const { deps } = visit;
  const run = visit.nextRun();
  await rebuildView(visit, { view: 'audience', dt: date, run, zones });
  await rebuildView(visit, { view: 'links', dt: date, run, zones });
  const items = await buildDayItems(visit, date);
  // Before the items: if only some of them are written, the next settle still knows them all.
  await putEntities(deps, date, items);
  await deps.rollups.writeDays(items, run);
  // Without the zeros: they are written once.
  await putEntities(
    deps,
    date,
    items.filter(({ numbers }) => Object.values(numbers).some((value) => value > 0)),
  );
  deps.report({ kind: 'date-settled', date, entities: items.length, run });
}

async function buildDayItems(visit: Visit, date: string): Promise<DayItem[]> {
  const { deps } = visit;
  const span = { ...utcDatesAround(date), date };
  const { own, imported } = await readDeltas(visit, date);
  const counts = sumLocalDate([...own, ...countImported(imported)], date);
  const visitors = await deps.athena.rows(dayVisitors, span);
  const campaigns = await deps.athena.rows(dayCampaigns, { ...span, longest: mostCampaignLinks });
  const topLists = await deps.athena.rows(dayTopLists, { ...span, longest: topListLength });
  const visitorsByEntity = new Map(visitors.rows.map((row) => [row.entity, row]));
  const entriesByEntity = Map.groupBy(topLists.rows, ({ entity }) => entity);
  const countsOfCampaigns = Map.groupBy(campaigns.rows, ({ entity }) => entity);
  const entities = new Set([...counts.keys(), ...countsOfCampaigns.keys(), ...(await readEarlierEntities(deps, date))]);
  return [...entities].toSorted().map((entity) => ({
    entity,
    date,
    numbers: isCampaign(entity)
      ? Object.fromEntries((countsOfCampaigns.get(entity) ?? []).map(({ name, amount }) => [name, amount]))
      : { ...counts.get(entity), ...toVisitorNumbers(visitorsByEntity.get(entity)) },
    tops: toTopLists(entriesByEntity.get(entity) ?? []),
  }));
}

/** Reads the deltas of every settled hour that the local date touches, and of the imported events around it. */
async function readDeltas({ deps, reader }: Visit, date: string) {
  const hours = hoursTouching(date);
  const dates = [...new Set(hours.map(({ dt }) => dt))];
  const records = (await Promise.all(dates.map((dt) => deps.state.hoursOfDate(dt)))).flat();
  const wanted = new Set(hours.map(hourName));
  const deltas = { own: [] as HourDelta[], imported: [] as HourDelta[] };
  for (const record of records) {
    if (isImported(record)) deltas.imported.push(...(await reader.run(record, record.run)));
    else if (wanted.has(hourName(record))) deltas.own.push(...(await reader.run(record, record.run)));
  }
  return deltas;
}

/** Adds how many events of each delta are imported, whatever their outcome: the ledger shows them as a line of their own. */
function countImported(deltas: readonly HourDelta[]): HourDelta[] {
  return deltas.map(({ entity, hour, add }) => {
    const events = sumOutcomes(readOutcomes(add));
    return { entity, hour, add: { ...add, [importedAttribute]: events } };
  });
}

const entitiesSchema = z.array(z.string());

/** Reads which entities got an item of this date in an earlier run: those without events now become zeros. */
async function readEarlierEntities(deps: SettleDeps, date: string): Promise<string[]> {
  const key = dayEntitiesKey(date);
  const exists = (await deps.files.list(key)).length > 0;
  return exists ? parseDayEntities(await deps.lake.get(key)) : [];
}

/** Returns the entities that have an item of a date, from the file at `dayEntitiesKey`. */
export function parseDayEntities(bytes: Uint8Array): string[] {
  return entitiesSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

function toVisitorNumbers(visitors: DayVisitors | undefined): Record<string, number> {
  return Object.fromEntries(dayVisitorAttributes.map((name) => [name, visitors?.[name] ?? 0]));
}

function toTopLists(entries: readonly TopListEntry[]): DayItem['tops'] {
  const lists: DayItem['tops'] = {};
  for (const { list, value, clicks, views } of entries) (lists[list] ??= []).push([value, clicks, views]);
  return lists;
}

function putEntities(deps: SettleDeps, date: string, items: readonly DayItem[]): Promise<void> {
  return deps.lake.put(dayEntitiesKey(date), Buffer.from(JSON.stringify(items.map(({ entity }) => entity))));
}

import { buildFinalCounters, type FinalCounters, mergeDeltas, needsNeighbors } from '#core/settle/hourly-counters.ts';
import { after, before, endOf, hourName, isImported, type UtcHour } from '#core/settle/hours.ts';
import { hashEntity } from '#core/settle/tombstone.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { type EntityHour, entityHourKey, entityKeys, erasedAttribute } from '#schemas/counters.ts';
import type { HourDelta } from '#core/aggregate/count-events.ts';
import type { HourRecord, Tombstone } from '#stores/settle/settle-state.ts';
import type { SettleDeps } from './deps.ts';
import { readManifest } from './manifest.ts';
import { showHour } from './settle-hour.ts';
import { createStep, type Visit } from './visit.ts';

/**
 * Writes the final counters of committed hours. A local hour in a zone with half hours lies in two UTC hours: its
 * counters wait for the second one to close.
 */
export const writeFinalCounters = createStep({
  // A local hour may begin in the hour before the pass.
  units: async ({ deps, since }) => (await deps.state.workLists()).hours.filter((hour) => endOf(hour) >= since),
  run: async (visit, hour) => {
    // The run is taken before anything is read: a settle that reads later also wins.
    const run = visit.nextRun();
    const record = await visit.deps.state.hour(hour);
    const done =
      record === undefined ||
      (await (isImported(record) ? showImported(visit, record) : writeHour(visit, record, run)));
    if (done) await visit.deps.state.removeWork('hours', [hourName(hour)]);
  },
});

/** Imported events are in the counters of dates only: they have no hourly counters, and detection leaves them out. */
async function showImported({ deps }: Visit, record: HourRecord): Promise<true> {
  await showHour(deps, record);
  if (record.purge) await purge(deps, record);
  return true;
}

/** Returns whether all counters of the hour are final. */
async function writeHour(visit: Visit, record: HourRecord, run: string): Promise<boolean> {
  const { deps, closedThrough } = visit;
  await showHour(deps, record);
  const own = await visit.reader.run(record, record.run);
  const items = [...own, ...(await visit.reader.run(record, record.previous)), ...(await readRawItems(visit, record))];
  const touched = new Map(items.map(({ entity, hour }) => [entityHourKey({ entity, hour }), { entity, hour }]));
  const settled = mergeDeltas([...own, ...(await readNeighbors(visit, record, touched.values()))]);
  const { finals, open } = buildFinalCounters(record, touched.values(), settled, closedThrough);
  const isErased = createErasedCheck(visit.tombstones);
  const kept = finals.filter(({ entity }) => !isErased(entity));
  await deps.rollups.writeFinals(record.erased > 0 ? kept.map((item) => withErased(item, record.erased)) : kept, run);
  await deps.rollups.deleteHours([...touched.values()].filter(({ entity }) => isErased(entity)));
  await reportCorrection(deps, record, own);
  if (open > 0) return false;
  if (record.purge) await purge(deps, record);
  return true;
}

/** Reads which hot counters the raw files that still exist have added to, with redelivered and erased rows. */
async function readRawItems({ deps, reader }: Visit, hour: UtcHour): Promise<EntityHour[]> {
  return (await reader.inspect(hour, await deps.lake.listRawHour(hour))).touched;
}

async function readNeighbors(visit: Visit, hour: UtcHour, items: Iterable<EntityHour>): Promise<HourDelta[]> {
  return needsNeighbors(items)
    ? [...(await readPresentRun(visit, before(hour))), ...(await readPresentRun(visit, after(hour)))]
    : [];
}

async function readPresentRun({ deps, reader }: Visit, hour: UtcHour): Promise<HourDelta[]> {
  const record = await deps.state.hour(hour);
  return record ? reader.run(hour, record.run) : [];
}

function createErasedCheck(tombstones: readonly Tombstone[]): (entity: string) => boolean {
  const hashes = new Set(tombstones.map(({ hash }) => hash));
  return (entity) => hashes.size > 0 && hashes.has(hashEntity(entity) ?? '');
}

/** Adds to the stack's counters what erasures took out of them: `lost` is what is missing without that. */
function withErased(item: FinalCounters, erased: number): FinalCounters {
  return item.entity === entityKeys.stack ? { ...item, final: { ...item.final, [erasedAttribute]: erased } } : item;
}

const countedAttributes = ['views', 'clicks', 'customs'] as const;

/** Reports how many events too many (or too few) the hot counters showed. */
async function reportCorrection(deps: SettleDeps, hour: UtcHour, own: readonly HourDelta[]): Promise<void> {
  const hot = await deps.hotCounted(hour);
  if (hot === undefined) return;
  const stack = own.filter(({ entity }) => entity === entityKeys.stack);
  const settled = stack.reduce(
    (sum, { add }) => sum + countedAttributes.reduce((s, name) => s + (add[name] ?? 0), 0),
    0,
  );
  deps.report({ kind: 'hour-corrected', hour: hourName(hour), correctedBy: hot - settled });
}

/** Deletes what may still hold erased rows: raw files, whose other rows are in the run, and all other runs. */
async function purge(deps: SettleDeps, record: HourRecord): Promise<void> {
  const { files } = await readManifest(deps, record, record.run);
  const folder = `${settledTables.events.prefix}dt=${record.dt}/hr=${record.hr}/`;
  const others = (await deps.files.list(folder)).filter(({ key }) => !key.startsWith(`${folder}run=${record.run}/`));
  await deps.files.delete([...files, ...others].map(({ key }) => key));
}

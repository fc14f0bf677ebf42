import { after, before, hourName, type UtcHour } from '#core/settle/hours.ts';
import { finalItems, localHourOf, mergeDeltas, needsNeighbours } from '#core/settle/items.ts';
import { entityKeys, type ItemDelta, receivedKey } from '#schemas/rollup-item.ts';
import { entityHash } from '#core/settle/tombstone.ts';
import type { HourRecord, Tombstone } from '#stores/settle/settle-state.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { openDayKey } from '#schemas/settled-items.ts';
import type { SettleDeps } from './deps.ts';
import { readManifest, showHour } from './settle-hour.ts';
import type { ColumnReader } from './column-reader.ts';

/**
 * Writes the settled numbers of the items that a committed hour touches. An item of a zone with half hours lies in two
 * UTC hours and waits for the second.
 * @param through milliseconds since the epoch up to which hours are settled
 * @returns true when nothing is left to do for this hour
 */
export async function settleItems(
  deps: SettleDeps,
  reader: ColumnReader,
  record: HourRecord,
  nextRun: () => string,
  through: number,
  tombstones: readonly Tombstone[],
): Promise<boolean> {
  await showHour(deps, record);
  // Taken before anything is read: whoever reads later also writes later.
  const run = nextRun();
  const own = await reader.run(record, record.run);
  const touched = mergeDeltas([
    ...own,
    ...(await reader.run(record, record.previous)),
    ...(await rawItems(deps, reader, record)),
  ]);
  const neighbours = needsNeighbours(touched.values())
    ? [...(await runOf(deps, reader, before(record))), ...(await runOf(deps, reader, after(record)))]
    : [];
  const { finals, open } = finalItems(record, touched.values(), mergeDeltas([...own, ...neighbours]), through);
  const erased = isErased(tombstones);
  await deps.rollups.writeFinals(
    finals.filter(({ pk }) => !erased(pk)),
    run,
  );
  const gone = [...touched.values()].filter(({ pk }) => erased(pk));
  await deps.rollups.deleteItems([
    ...gone,
    ...gone.map(({ pk, sk }) => ({ pk, sk: receivedKey(localHourOf(sk)) })),
    ...gone.map(({ pk, sk }) => ({ pk, sk: openDayKey(localHourOf(sk).slice(0, 10)) })),
  ]);
  await reportCorrection(deps, record, own);
  if (open > 0) return false;
  if (record.purge) await purge(deps, record);
  return true;
}

/** Items of raw files that still exist: what hot counters have seen, redelivered and erased rows included. */
async function rawItems(deps: SettleDeps, reader: ColumnReader, hour: UtcHour): Promise<ItemDelta[]> {
  const inspections = await reader.inspect(await deps.lake.listRawHour(hour));
  return inspections.flatMap((one) => (one.kind === 'readable' ? one.items : []));
}

async function runOf(deps: SettleDeps, reader: ColumnReader, hour: UtcHour): Promise<ItemDelta[]> {
  const record = await deps.state.hour(hour);
  return record ? reader.run(hour, record.run) : [];
}

function isErased(tombstones: readonly Tombstone[]): (pk: string) => boolean {
  const hashes = new Set(tombstones.map(({ hash }) => hash));
  return (pk) => hashes.size > 0 && hashes.has(entityHash(pk) ?? '');
}

const countedAttributes = ['views', 'clicks', 'customs'] as const;

/** How many events too many (or too few) the hot counters showed for this hour. */
async function reportCorrection(deps: SettleDeps, hour: UtcHour, own: readonly ItemDelta[]): Promise<void> {
  const hot = await deps.hotCounted(hour);
  if (hot === undefined) return;
  const stack = own.filter(({ pk }) => pk === entityKeys.stack);
  const settled = stack.reduce(
    (sum, { add }) => sum + countedAttributes.reduce((s, name) => s + (add[name] ?? 0), 0),
    0,
  );
  deps.report({ kind: 'hour-corrected', hour: hourName(hour), correctedBy: hot - settled });
}

/** Deletes what erasure leaves no reason to keep: raw files whose other rows are in the run, and all other runs. */
async function purge(deps: SettleDeps, record: HourRecord): Promise<void> {
  const { files } = await readManifest(deps, record, record.run);
  const folder = `${settledTables.events.prefix}dt=${record.dt}/hr=${record.hr}/`;
  const others = (await deps.files.list(folder)).filter(({ key }) => !key.startsWith(`${folder}run=${record.run}/`));
  await deps.files.delete([...files, ...others].map(({ key }) => key));
}

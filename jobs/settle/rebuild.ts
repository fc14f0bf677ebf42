import { endOf, hourName, type UtcHour } from '#core/settle/hours.ts';
import { rawPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import type { SettleDeps } from './deps.ts';
import { settle, type SettleRequest, type SettleSummary } from './settle.ts';

export interface RebuildRequest extends SettleRequest {
  /** UTC dates, both included. @default - everything that the lake holds */
  from?: string;
  to?: string;
}

export interface RebuildSummary extends SettleSummary {
  /** Raw files of unsettled hours that were handed to rollup again. */
  enqueued: number;
}

export interface RebuildDependencies extends SettleDeps {
  /** Hands raw files to the rollup function once more; its markers know which it has counted. */
  enqueueFiles: (keys: readonly string[]) => Promise<void>;
}

/**
 * Settles every hour of the range again and hands the raw files of unsettled hours to rollup, while traffic goes on.
 * Every settled number ends as it was, also from an emptied rollups table.
 * @throws {StoreUnavailable}
 */
export async function rebuild(deps: RebuildDependencies, request: RebuildRequest): Promise<RebuildSummary> {
  const through = (await deps.state.through()) ?? 0;
  const forced: UtcHour[] = [];
  const unsettled: string[] = [];
  for (const dt of await datesOf(deps, request)) {
    const raw = await deps.files.rawOfDate(dt);
    const recorded = new Set((await deps.state.hoursOfDate(dt)).map(({ hr }) => hr));
    for (const hr of new Set([...raw.keys(), ...recorded])) {
      const hour = { dt, hr };
      if (recorded.has(hr) || endOf(hour) <= through) forced.push(hour);
      else unsettled.push(...(raw.get(hr) ?? []).map(({ key }) => key));
    }
  }
  await markForced(deps, forced);
  await deps.enqueueFiles(unsettled);
  // Readers learn again how far it is settled, should their table have been emptied.
  if (through > 0) await deps.rollups.advance(through);
  const { from: _from, to: _to, ...settleRequest } = request;
  const summary = await settle(deps, settleRequest);
  return { ...summary, enqueued: unsettled.length };
}

/** UTC dates with raw files or settled hours. */
async function datesOf(deps: SettleDeps, { from, to }: RebuildRequest): Promise<string[]> {
  const folders = [
    ...(await deps.files.folders(rawPrefix)),
    ...(await deps.files.folders(settledTables.events.prefix)),
  ];
  const dates = new Set(folders.map((name) => name.slice('dt='.length)));
  return [...dates].filter((dt) => (from === undefined || dt >= from) && (to === undefined || dt <= to)).toSorted();
}

/** Names at once in one update: an item holds 400 KB, and an update expression's value is part of it. */
const namesAtOnce = 1000;

async function markForced(deps: SettleDeps, hours: readonly UtcHour[]): Promise<void> {
  for (let from = 0; from < hours.length; from += namesAtOnce)
    await deps.state.addWork('forced', hours.slice(from, from + namesAtOnce).map(hourName));
}

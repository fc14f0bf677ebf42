import { endOf, hourName, isImported, type UtcHour } from '#core/settle/hours.ts';
import { rawPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import type { SettleDeps } from './deps.ts';
import { settle } from './settle.ts';
import type { SettleSummary } from '#schemas/lake-jobs.ts';
import type { SettleRequest } from './visit.ts';

export interface RebuildRequest extends SettleRequest {
  /** UTC dates, both included. @default - everything that the lake holds */
  from?: string;
  to?: string;
  /** Also classifies referrers again, as far as their rows allow. */
  reclassify?: boolean;
}

export interface RebuildDependencies extends SettleDeps {
  /** Announces raw files to rollup once more; its markers show what it has counted. */
  enqueueFiles: (keys: readonly string[]) => Promise<void>;
}

/**
 * Settles every hour of the range again and announces the raw files of unsettled hours to rollup, while traffic goes
 * on. Every settled number ends as it was, even if the rollups table was emptied.
 * @throws {StoreUnavailable}
 */
export async function rebuild(deps: RebuildDependencies, request: RebuildRequest): Promise<SettleSummary> {
  const watermark = (await deps.state.watermark()) ?? 0;
  const settled: UtcHour[] = [];
  const unsettled: string[] = [];
  for (const dt of await listDates(deps, request)) {
    const raw = await deps.files.rawOfDate(dt);
    const recorded = new Set((await deps.state.hoursOfDate(dt)).map(({ hr }) => hr));
    for (const hr of new Set([...raw.keys(), ...recorded])) {
      const hour = { dt, hr };
      // Rollup counts no imported events.
      if (recorded.has(hr) || endOf(hour) <= watermark || isImported(hour)) settled.push(hour);
      else unsettled.push(...(raw.get(hr) ?? []).map(({ key }) => key));
    }
  }
  await deps.state.mark(settled.map(hourName), { reclassify: request.reclassify ?? false });
  await deps.enqueueFiles(unsettled);
  // The table that readers take the watermark from may have been emptied.
  if (watermark > 0) await deps.rollups.advance(watermark);
  const { from: _from, to: _to, reclassify: _reclassify, ...settleRequest } = request;
  const summary = await settle(deps, settleRequest);
  return { ...summary, enqueued: unsettled.length };
}

/** Lists UTC dates with raw files or settled hours. */
async function listDates(deps: SettleDeps, { from, to }: RebuildRequest): Promise<string[]> {
  const folders = [
    ...(await deps.files.folders(rawPrefix)),
    ...(await deps.files.folders(settledTables.events.prefix)),
  ];
  const dates = new Set(folders.map((name) => name.slice('dt='.length)));
  return [...dates].filter((dt) => (from === undefined || dt >= from) && (to === undefined || dt <= to)).toSorted();
}

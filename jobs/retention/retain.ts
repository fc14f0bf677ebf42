import { readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import { dayLength, hourLength } from '#core/time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { hourName, hourAt, isImported, type UtcHour } from '#core/settle/hours.ts';
import { parseUlidTime } from '#core/settle/run-id.ts';
import { mergeDeltas, withoutMinutes } from '#core/settle/hourly-counters.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { entityHourKey, entityKeys } from '#schemas/counters.ts';
import type { RawFile } from '#stores/lake/lake.ts';
import { hourOutcomes } from '#stores/lake/lake-queries.ts';
import type { HourRecord } from '#stores/settle/settle-state.ts';
import { tombstoneDays } from '#schemas/lake-jobs.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { createColumnReader } from '../settle/column-reader.ts';
import { readManifest } from '../settle/manifest.ts';
import { findSettledUndos } from './undone-imports.ts';

export interface RetentionPolicy {
  /** Days for which raw files of settled hours are kept. */
  rawDays: number;
  /** Days for which settled events are kept; 0 keeps them forever. */
  settledDays: number;
}

export interface RetentionSummary {
  rawFiles: number;
  runs: number;
  hours: number;
  tombstones: number;
  /** Hours whose data was kept because a check failed. */
  kept: { hour: string; reason: string }[];
}

/**
 * Deletes data past its retention, but only if its hour is settled and table, run and counters have the same number of
 * events. Otherwise it keeps the data and reports the hour, which fires an alarm.
 * @param time milliseconds since the epoch
 */
export async function retain(deps: SettleDeps, policy: RetentionPolicy, time: number): Promise<RetentionSummary> {
  const summary: RetentionSummary = { rawFiles: 0, runs: 0, hours: 0, tombstones: 0, kept: [] };
  const today = hourAt(time).dt;
  await deleteRaw(deps, summary, addDays(today, -policy.rawDays));
  await deleteSuperseded(deps, summary, time);
  if (policy.settledDays > 0) await deleteSettled(deps, summary, addDays(today, -policy.settledDays));
  await deleteTombstones(deps, summary, time);
  return summary;
}

async function deleteRaw(deps: SettleDeps, summary: RetentionSummary, before: string): Promise<void> {
  for (const dt of await deps.files.rawDates()) {
    if (dt >= before) return;
    for (const [hr, files] of await deps.files.rawOfDate(dt)) {
      const hour = { dt, hr };
      const check = await checkHour(deps, hour, files);
      if (!check.agrees) {
        keep(deps, summary, hour, check.reason);
        continue;
      }
      await deps.files.delete(files.map(({ key }) => key));
      summary.rawFiles += files.length;
    }
  }
}

type HourCheck = { agrees: true; record: HourRecord } | { agrees: false; reason: string };

/** Compares an hour's raw files, manifest, run, table and counters. */
async function checkHour(deps: SettleDeps, hour: UtcHour, files: readonly RawFile[]): Promise<HourCheck> {
  const record = await deps.state.hour(hour);
  if (!record) return { agrees: false, reason: 'it is not settled' };
  const { hours, forced } = await deps.state.work();
  if ([...hours, ...forced].some((one) => hourName(one) === hourName(hour)))
    return { agrees: false, reason: 'it is being settled' };
  const manifest = await readManifest(deps, hour, record.run);
  const known = new Set(manifest.files.map(({ key }) => key));
  const unknown = files.find(({ key }) => !known.has(key));
  if (unknown) {
    await deps.dirty.mark(hourName(hour));
    return { agrees: false, reason: `${unknown.key} is not in the run; the next settle reads it` };
  }
  const rows = await countRows(deps, hour);
  if (rows !== record.events) return { agrees: false, reason: `the table has ${rows} of ${record.events} events` };
  // Imported events are in the counters of dates only.
  if (isImported(hour)) return { agrees: true, record };
  const total = await readStackTotal(deps, hour);
  if (total !== record.events)
    return { agrees: false, reason: `the counters have ${total} events, the run has ${record.events}` };
  const difference = await findDifference(deps, record);
  return difference ? { agrees: false, reason: difference } : { agrees: true, record };
}

async function countRows(deps: SettleDeps, hour: UtcHour): Promise<number> {
  const { rows } = await deps.athena.rows(hourOutcomes, hour);
  return rows.reduce((sum, { events }) => sum + events, 0);
}

async function readStackTotal(deps: SettleDeps, { dt, hr }: UtcHour): Promise<number> {
  const hour = { entity: entityKeys.stack, hour: `${dt}T${hr}+00:00` };
  const final = (await deps.rollups.readFinals([hour])).get(entityHourKey(hour))?.final ?? {};
  return sumOutcomes(readOutcomes(final));
}

/** Compares every counter of the run with the stored final counters, and describes the first difference. */
async function findDifference(deps: SettleDeps, record: HourRecord): Promise<string | undefined> {
  const reader = createColumnReader(deps);
  const items = [...mergeDeltas(await reader.run(record, record.run)).values()];
  const stored = await deps.rollups.readFinals(items);
  for (const { entity, hour, add } of items) {
    const final = stored.get(entityHourKey({ entity, hour }));
    if (!final) return `${entity} ${hour} has no settled counters`;
    // In a zone with a half-hour offset, a local hour also contains events of the next or previous UTC hour.
    const enough = Object.entries(withoutMinutes(add)).every(([name, value]) =>
      hour.endsWith(':00') ? final.final[name] === value : (final.final[name] ?? 0) >= value,
    );
    if (!enough) return `${entity} ${hour} differs from the run`;
  }
  return undefined;
}

function keep(deps: SettleDeps, summary: RetentionSummary, hour: UtcHour, reason: string): void {
  summary.kept.push({ hour: hourName(hour), reason });
  deps.report({ kind: 'hour-kept', alert: true, hour: hourName(hour), reason });
}

/** Superseded runs are kept this long for queries that started before the newer run. */
const supersededHours = 24;

const runPattern = /\/run=([0-9A-Z]{26})\//;

/** Deletes runs that no table or record refers to any more and that no query can still be reading. */
async function deleteSuperseded(deps: SettleDeps, summary: RetentionSummary, time: number): Promise<void> {
  const limit = time - supersededHours * hourLength;
  const present = new Set<string>();
  for (const { name } of [settledTables.traffic, settledTables.audience, settledTables.links])
    for (const { run } of await deps.state.partitions(name)) present.add(run);
  const dates = await deps.files.folders(settledTables.events.prefix);
  for (const date of dates)
    for (const record of await deps.state.hoursOfDate(date.slice('dt='.length))) present.add(record.run);
  const stale: string[] = [];
  const runs = new Set<string>();
  for (const { prefix } of [settledTables.events, settledTables.traffic, settledTables.audience, settledTables.links])
    for (const { key } of await deps.files.list(prefix)) {
      const run = runPattern.exec(key)?.[1];
      if (run === undefined || present.has(run) || parseUlidTime(run) > limit) continue;
      stale.push(key);
      runs.add(run);
    }
  await deps.files.delete(stale);
  summary.runs += runs.size;
}

/** Deletes settled events. Their counts remain in day and month items. */
async function deleteSettled(deps: SettleDeps, summary: RetentionSummary, before: string): Promise<void> {
  for (const folder of await deps.files.folders(settledTables.events.prefix)) {
    const dt = folder.slice('dt='.length);
    if (dt >= before) return;
    const records = await deps.state.hoursOfDate(dt);
    const difference = await findDateDifference(deps, dt, records);
    for (const record of records) {
      if (difference) {
        keep(deps, summary, record, difference);
        continue;
      }
      const objects = await deps.files.list(runFolder(record, record.run));
      await deps.partitions.remove(settledTables.events.name, [record.dt, record.hr]);
      await deps.files.delete(objects.map(({ key }) => key));
      await deps.state.deleteHour(record);
      summary.hours++;
    }
  }
}

/** Compares a date's runs with the table and the stack's day item; hourly items may have expired. */
async function findDateDifference(
  deps: SettleDeps,
  dt: string,
  records: readonly HourRecord[],
): Promise<string | undefined> {
  if ((await deps.files.rawOfDate(dt)).size > 0) return 'it still has raw files';
  for (const record of records) {
    const rows = await countRows(deps, record);
    if (rows !== record.events) return `the table has ${rows} of ${record.events} events`;
  }
  const events = records.reduce((sum, record) => sum + record.events, 0);
  const total = await deps.rollups.readDayTotal(entityKeys.stack, dt);
  return total === events ? undefined : `the day item has ${total ?? 'no'} events, its runs have ${events}`;
}

async function deleteTombstones(deps: SettleDeps, summary: RetentionSummary, time: number): Promise<void> {
  const tombstones = await deps.state.tombstones();
  const expired = tombstones.filter(({ createdAt }) => createdAt < time - tombstoneDays * dayLength);
  for (const { hash } of new Set([...expired, ...(await findSettledUndos(deps, tombstones, time))])) {
    await deps.state.deleteTombstone(hash);
    summary.tombstones++;
  }
}

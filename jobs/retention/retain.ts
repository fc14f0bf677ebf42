import { hourName, shiftDate, hourAt, type UtcHour } from '#core/settle/hours.ts';
import { parseUlidTime } from '#core/settle/run-id.ts';
import { mergeDeltas, withoutMinutes } from '#core/settle/hourly-counters.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { entityHourKey, entityKeys } from '#schemas/counters.ts';
import type { RawFile } from '#stores/lake/lake.ts';
import { hourOutcomes } from '#stores/lake/lake-queries.ts';
import type { HourRecord } from '#stores/settle/settle-state.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { createColumnReader } from '../settle/column-reader.ts';
import { readManifest } from '../settle/manifest.ts';

export interface RetentionPolicy {
  /** Days that raw files of settled hours live. */
  rawDays: number;
  /** Days that settled events live; 0 for ever. */
  settledDays: number;
}

export interface RetentionSummary {
  rawFiles: number;
  runs: number;
  hours: number;
  tombstones: number;
  /** Hours whose data stays because something does not agree. */
  kept: { hour: string; reason: string }[];
}

/**
 * Deletes what is settled and agrees to the event, and nothing else: a mismatch keeps the data and tells somebody.
 * @param time "now", milliseconds since the epoch
 */
export async function retain(deps: SettleDeps, policy: RetentionPolicy, time: number): Promise<RetentionSummary> {
  const summary: RetentionSummary = { rawFiles: 0, runs: 0, hours: 0, tombstones: 0, kept: [] };
  const today = hourAt(time).dt;
  await deleteRaw(deps, summary, shiftDate(today, -policy.rawDays));
  await deleteSuperseded(deps, summary, time);
  if (policy.settledDays > 0) await deleteSettled(deps, summary, shiftDate(today, -policy.settledDays));
  await deleteTombstones(deps, summary, time);
  return summary;
}

async function deleteRaw(deps: SettleDeps, summary: RetentionSummary, before: string): Promise<void> {
  for (const dt of await deps.files.rawDates()) {
    if (dt >= before) return;
    for (const [hr, files] of await deps.files.rawOfDate(dt)) {
      const hour = { dt, hr };
      const found = await agreement(deps, hour, files);
      if (!found.agrees) {
        keep(deps, summary, hour, found.reason);
        continue;
      }
      await deps.files.delete(files.map(({ key }) => key));
      summary.rawFiles += files.length;
    }
  }
}

type Agreement = { agrees: true; record: HourRecord } | { agrees: false; reason: string };

/** Whether an hour's run, its table, its manifest and its counters say the same, to the event. */
async function agreement(deps: SettleDeps, hour: UtcHour, files: readonly RawFile[]): Promise<Agreement> {
  const record = await deps.state.hour(hour);
  if (!record) return { agrees: false, reason: 'it is not settled' };
  const { hours, forced } = await deps.state.work();
  if ([...hours, ...forced].some((one) => hourName(one) === hourName(hour)))
    return { agrees: false, reason: 'it is being settled' };
  const manifest = await readManifest(deps, hour, record.run);
  const known = new Set(manifest.files.map(({ key }) => key));
  const unknown = files.find(({ key }) => !known.has(key));
  if (unknown) return { agrees: false, reason: `${unknown.key} is not in the run` };
  const rows = await runRows(deps, hour);
  if (rows !== record.events) return { agrees: false, reason: `the table shows ${rows} of ${record.events} events` };
  const total = await stackTotal(deps, hour);
  if (total !== record.events) return { agrees: false, reason: `counters say ${total}, the run ${record.events}` };
  const difference = await countersAgree(deps, record);
  return difference ? { agrees: false, reason: difference } : { agrees: true, record };
}

async function runRows(deps: SettleDeps, hour: UtcHour): Promise<number> {
  const { rows } = await deps.athena.rows(hourOutcomes, hour);
  return rows.reduce((sum, { events }) => sum + events, 0);
}

async function stackTotal(deps: SettleDeps, { dt, hr }: UtcHour): Promise<number> {
  const hour = { entity: entityKeys.stack, hour: `${dt}T${hr}+00:00` };
  const final = (await deps.rollups.readFinals([hour])).get(entityHourKey(hour))?.final ?? {};
  return Object.values(final).reduce((sum, value) => sum + value, 0);
}

/** Every settled counter of the hour against the run, entity by entity; items that a neighbour's run wrote later are theirs. */
async function countersAgree(deps: SettleDeps, record: HourRecord): Promise<string | undefined> {
  const reader = createColumnReader(deps);
  const items = [...mergeDeltas(await reader.run(record, record.run)).values()];
  const finals = await deps.rollups.readFinals(items);
  for (const { entity, hour, add } of items) {
    const final = finals.get(entityHourKey({ entity, hour }));
    if (!final) return `${entity} ${hour} has no settled counters`;
    // An hour with a half-hour offset holds its neighbour's events as well.
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

/** Superseded runs stay for queries that began before the switch. */
const supersededHours = 24;

const runPattern = /\/run=([0-9A-Z]{26})\//;

/** Folders that no partition shows and no query can still be reading. */
async function deleteSuperseded(deps: SettleDeps, summary: RetentionSummary, time: number): Promise<void> {
  const limit = time - supersededHours * 3_600_000;
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

/** Ends settled events as the owner's policy says: what was counted of them is in day and month items for ever. */
async function deleteSettled(deps: SettleDeps, summary: RetentionSummary, before: string): Promise<void> {
  for (const folder of await deps.files.folders(settledTables.events.prefix)) {
    const dt = folder.slice('dt='.length);
    if (dt >= before) return;
    const records = await deps.state.hoursOfDate(dt);
    const difference = await dateDiffers(deps, dt, records);
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

/** Undefined when a date's day item, its runs and its table say the same; hourly items may have expired by now. */
async function dateDiffers(deps: SettleDeps, dt: string, records: readonly HourRecord[]): Promise<string | undefined> {
  if ((await deps.files.rawOfDate(dt)).size > 0) return 'its raw files are still there';
  for (const record of records) {
    const rows = await runRows(deps, record);
    if (rows !== record.events) return `the table shows ${rows} of ${record.events} events`;
  }
  const events = records.reduce((sum, record) => sum + record.events, 0);
  const total = await deps.rollups.readDayTotal(entityKeys.stack, dt);
  return total === events ? undefined : `its day item says ${total ?? 'nothing'}, its runs ${events}`;
}

/** Messages live at most 14 days in a dead-letter queue and are refused after 30: nothing older can bring anyone back. */
const tombstoneDays = 45;

async function deleteTombstones(deps: SettleDeps, summary: RetentionSummary, time: number): Promise<void> {
  for (const { hash, createdAt } of await deps.state.tombstones())
    if (createdAt < time - tombstoneDays * 86_400_000) {
      await deps.state.deleteTombstone(hash);
      summary.tombstones++;
    }
}

import { dayLength } from '#core/time.ts';
import { gunzipSync } from 'node:zlib';
import { endOf, hourAt, hourName, startOf, type UtcHour } from '#core/settle/hours.ts';
import { type ErasureSubject, hashSubject } from '#core/settle/tombstone.ts';
import { type ErasureReceipt, maxErasures, tombstoneDays } from '#schemas/lake-jobs.ts';
import {
  dayEntitiesPrefix,
  exportsPrefix,
  failedPrefix,
  importReportsPrefix,
  importsPrefix,
  rawPrefix,
} from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { entityKeys, isCampaign } from '#schemas/counters.ts';
import { hoursErased, linkedIds } from '#stores/lake/lake-queries.ts';
import type { PageTraces } from '#stores/catalog/page-traces.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { parseDayEntities } from '../settle/local-dates.ts';
import { settle } from '../settle/settle.ts';

export interface EraseRequest {
  subject: ErasureSubject;
  /** Milliseconds since the epoch. */
  time: number;
}

export interface EraseDependencies extends SettleDeps {
  /** Returns the ids of a page's links, including deleted ones. */
  linksOfPage: (path: string) => Promise<string[]>;
  traces: PageTraces;
  /** Days for which rollup keeps the updates that it stored. They name pages and links. */
  markerDays: number;
}

/** Lambda stops after 15 minutes. Hours that are left stay marked: the next settles take them. */
const budgetMilliseconds = 8 * 60_000;
const endMilliseconds = 11 * 60_000;

/**
 * Erases a page, a visitor, a person with the ids that they had before, or all ids of a page, whose events stay. It writes
 * tombstones, which exclude the subject from every later run, settles the hours that contain it again, and deletes their
 * raw files and older runs. A visitor without events gets no tombstone. Safe to interrupt and repeat.
 * @throws {StoreUnavailable}
 */
export async function erase(deps: EraseDependencies, { subject, time }: EraseRequest): Promise<ErasureReceipt> {
  const { kind } = subject;
  const values = [subject.value, ...(kind === 'consented' ? await readLinkedIds(deps, subject.value, time) : [])];
  const hashes = values.map((value) => hashSubject({ kind, value }));
  // An id of one date that no event has is a misspelled one.
  if (kind === 'visitor' && (await readHours(deps, kind, hashes, time)).length === 0) return nothingFound;
  await checkCount(deps, hashes);
  for (const hash of hashes) await deps.state.putTombstone({ hash, kind, createdAt: time });
  const entities = await writeLinkTombstones(deps, subject, time);
  const watermark = (await deps.state.watermark()) ?? 0;
  const hours = await readHours(deps, kind, hashes, time);
  const closed = hours.filter((hour) => endOf(hour) <= watermark);
  await deps.state.mark(closed.map(hourName));
  const summary = await settle(deps, {
    time,
    deadline: deps.now() + budgetMilliseconds,
    end: deps.now() + endMilliseconds,
  });
  const deletedObjects =
    (await deleteFailed(deps, kind, values)) + (await deleteExports(deps)) + (await deleteImports(deps, subject));
  const deletedItems = await deleteItems(deps, entities);
  // Last, because a job that ran in the meantime may have written traces from the old counters.
  const erased = kind === 'page' ? await deps.traces.erase(subject.value) : {};
  const left = await readHours(deps, kind, hashes, time);
  const reasons = new Map(summary.refused.map(({ hour, reason }) => [hour, reason]));
  const marked = new Set((await deps.state.work()).forced.map(hourName).filter((name) => !reasons.has(name)));
  const reached = (await deps.state.watermark()) ?? 0;
  function isPending(hour: UtcHour): boolean {
    return endOf(hour) > reached || marked.has(hourName(hour));
  }
  const leftNames = new Set(left.map(hourName));
  return {
    tombstone: hashes[0] ?? null,
    rewritten: hours.map(hourName).filter((name) => !leftNames.has(name)),
    pending: left.filter(isPending).map(hourName),
    deletedObjects,
    deletedItems,
    erased,
    failed: left
      .filter((hour) => !isPending(hour))
      .map(hourName)
      .map((hour) => ({ hour, reason: reasons.get(hour) ?? 'it still holds rows of the subject' })),
    remaining: copies(subject, deps.markerDays).map(({ place, days }) => ({
      place,
      until: new Date(time + days * dayLength).toISOString(),
    })),
  };
}

const nothingFound: ErasureReceipt = {
  tombstone: null,
  rewritten: [],
  pending: [],
  deletedObjects: 0,
  deletedItems: 0,
  erased: {},
  failed: [],
  remaining: [],
};

/** Ids that an erasure follows from one person. */
const mostLinked = 100;

/** Returns the ids that the person had before, unless another person had them, too. */
async function readLinkedIds(deps: SettleDeps, id: string, time: number): Promise<string[]> {
  const { rows } = await deps.athena.rows(linkedIds, { id, most: mostLinked, ...(await readBounds(deps, time)) });
  return rows.map(({ anonymous_id }) => anonymous_id);
}

/** @throws {Error} if a settle could not send the hashes of one more erasure to Athena */
async function checkCount(deps: EraseDependencies, hashes: readonly string[]): Promise<void> {
  const erasures = (await deps.state.tombstones()).filter(({ kind }) => kind !== 'link' && kind !== 'import');
  const known = new Set(erasures.map(({ hash }) => hash));
  const added = hashes.filter((hash) => !known.has(hash)).length;
  if (added > 0 && erasures.length + added > maxErasures)
    throw new Error(`there are ${erasures.length} erasures of the last ${tombstoneDays} days, as many as there can be`);
}

/** Writes a tombstone for each link of a page, so that late events create no counters. Returns the entities to delete. */
async function writeLinkTombstones(deps: EraseDependencies, subject: ErasureSubject, time: number): Promise<string[]> {
  if (subject.kind !== 'page') return [];
  const links = await deps.linksOfPage(subject.value);
  for (const value of links)
    await deps.state.putTombstone({ hash: hashSubject({ kind: 'link', value }), kind: 'link', createdAt: time });
  const campaigns = await readCampaigns(deps, subject.value);
  return [entityKeys.page(subject.value), ...links.map(entityKeys.link), ...campaigns];
}

/** Reads which campaigns of a page have an item, from the lists of each date's. The settle that follows shortens them. */
async function readCampaigns(deps: SettleDeps, path: string): Promise<string[]> {
  const found = new Set<string>();
  for (const { key } of await deps.files.list(dayEntitiesPrefix))
    for (const entity of parseDayEntities(await deps.lake.get(key))) if (isCampaign(entity, path)) found.add(entity);
  return [...found];
}

async function readHours(
  deps: SettleDeps,
  kind: ErasureSubject['kind'],
  hashes: readonly string[],
  time: number,
): Promise<UtcHour[]> {
  const [erased, forgotten] = kind === 'ids' ? [[], [...hashes]] : [[...hashes], []];
  const parameters = { erased, forgotten, forgotten_count: forgotten.length, ...(await readBounds(deps, time)) };
  const { rows } = await deps.athena.rows(hoursErased, parameters);
  const hours = rows.map(({ dt, hr }) => ({ dt, hr }));
  return kind === 'ids' ? hours.filter((hour) => startOf(hour) < time) : hours;
}

/**
 * Returns the first and last date with settled events and with raw files. Apart, because Athena looks at every hour of a range of
 * `raw_events`, and imported events may be years older than the oldest raw file.
 */
async function readBounds(deps: SettleDeps, time: number) {
  const today = hourAt(time).dt;
  const raw = await listDates(deps, rawPrefix);
  const settled = await listDates(deps, settledTables.events.prefix);
  return {
    from_dt: settled[0] ?? today,
    to_dt: settled.at(-1) ?? today,
    raw_from_dt: raw[0] ?? today,
    raw_to_dt: raw.at(-1) ?? today,
  };
}

async function listDates(deps: SettleDeps, prefix: string): Promise<string[]> {
  return (await deps.files.folders(prefix)).map((name) => name.slice('dt='.length)).toSorted();
}

/** Deletes files with failed originals of the subject, whole: rows of their other events are in the lake. */
async function deleteFailed(
  deps: SettleDeps,
  kind: ErasureSubject['kind'],
  values: readonly string[],
): Promise<number> {
  // Originals contain no visitor id: enrich computes it.
  if (kind === 'visitor') return 0;
  const found: string[] = [];
  for (const { key } of await deps.files.list(failedPrefix)) {
    const text = gunzipSync(await deps.lake.get(key))
      .toString('utf8')
      .replaceAll('\\"', '"');
    if (values.some((value) => containsSubject(text, kind, value))) found.push(key);
  }
  await deps.files.delete(found);
  return found.length;
}

function containsSubject(text: string, kind: 'page' | 'consented' | 'ids', value: string): boolean {
  const names = kind === 'consented' ? ['consentedId', 'anonymousId'] : ['page'];
  const holds = names.some((name) => text.includes(`"${name}":${JSON.stringify(value)}`));
  return holds && (kind !== 'ids' || /"(?:consented|anonymous)Id":"/.test(text));
}

/** Deletes all exports. Users can create them again, without the subject. */
async function deleteExports(deps: SettleDeps): Promise<number> {
  const keys = (await deps.files.list(exportsPrefix)).map(({ key }) => key);
  await deps.files.delete(keys);
  return keys.length;
}

/** Deletes what a page's imports have left: files that wait, and reports, which repeat refused values. */
async function deleteImports(deps: EraseDependencies, { kind, value }: ErasureSubject): Promise<number> {
  if (kind !== 'page') return 0;
  const ids = await deps.traces.importsOf(value);
  const keys: string[] = [];
  for (const id of ids)
    for (const prefix of [`${importsPrefix}${id}/`, `${importReportsPrefix}${id}`])
      keys.push(...(await deps.files.list(prefix)).map(({ key }) => key));
  await deps.files.delete(keys);
  return keys.length;
}

async function deleteItems(deps: EraseDependencies, entities: readonly string[]): Promise<number> {
  let deleted = 0;
  for (const entity of entities) deleted += await deps.rollups.deleteEntity(entity);
  return deleted;
}

/** Days within which DynamoDB deletes expired items. */
const expiryDays = 2;

/** Lists copies that cannot be deleted and when they expire. */
function copies(subject: ErasureSubject, markerDays: number): { place: string; days: number }[] {
  return [
    { place: 'results of manual queries (athena/ in the lake)', days: 7 },
    { place: 'requests and unsent events in the logs of redirect and collect', days: 7 },
    { place: 'dead-letter queues with events that enrich could not process', days: 14 },
    ...(subject.kind === 'visitor'
      ? [
          { place: 'failed events (failed/ in the lake)', days: 14 },
          // Before they are done: they name addresses, from which no visitor id can be computed any more.
          { place: 'uploaded files of imports (imports/ in the lake)', days: 7 },
        ]
      : []),
    ...(subject.kind === 'page'
      ? [
          { place: 'point-in-time backups of the catalog', days: 35 },
          // Served for up to one day.
          { place: 'cached API responses (cache)', days: 1 + expiryDays },
          { place: 'counts of groups of raw files (file# in rollups)', days: markerDays + expiryDays },
        ]
      : []),
  ];
}

import { gunzipSync } from 'node:zlib';
import { endOf, hourAt, hourName, type UtcHour } from '#core/settle/hours.ts';
import { type ErasureSubject, hashSubject } from '#core/settle/tombstone.ts';
import type { ErasureReceipt } from '#schemas/lake-jobs.ts';
import { exportsPrefix, failedPrefix, rawPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { entityKeys } from '#schemas/counters.ts';
import { hoursErased } from '#stores/lake/lake-queries.ts';
import type { PageTraces } from '#stores/catalog/page-traces.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { settle } from '../settle/settle.ts';

export interface EraseRequest {
  subject: ErasureSubject;
  /** "Now", milliseconds since the epoch. */
  time: number;
}

export interface EraseDependencies extends SettleDeps {
  /** Codes of a page's links, those that are deleted included as far as the lake knows them. */
  linksOfPage: (path: string) => Promise<string[]>;
  /** What the catalog keeps of a page beside it and its links. */
  traces: PageTraces;
}

const day = 86_400_000;

/**
 * Erases a page, a visitor or a consented person. A tombstone keeps the subject out of every later run; the hours that
 * hold it settle again at once, and their raw files and older runs are deleted. Counts become those without it.
 * Interrupted or repeated, it ends the same.
 * @throws {StoreUnavailable}
 */
export async function erase(deps: EraseDependencies, { subject, time }: EraseRequest): Promise<ErasureReceipt> {
  const hash = hashSubject(subject);
  await deps.state.putTombstone({ hash, kind: subject.kind, createdAt: time });
  const entities = await buryLinks(deps, subject, time);
  const watermark = (await deps.state.watermark()) ?? 0;
  const hours = await hoursOf(deps, hash, time);
  const closed = hours.filter((hour) => endOf(hour) <= watermark);
  await deps.state.addWork('forced', closed.map(hourName));
  const summary = await settle(deps, { time });
  const deletedObjects = (await deleteFailed(deps, subject)) + (await deleteExports(deps));
  const deletedItems = await deleteItems(deps, entities);
  // Last: a job that ran meanwhile has looked at counters that are gone.
  const erased = subject.kind === 'page' ? await deps.traces.erase(subject.value) : {};
  const left = await hoursOf(deps, hash, time);
  function reasonOf(name: string): string {
    return (
      summary.refused.find(({ hour }) => hour === name)?.reason ??
      (summary.state === 'busy' ? 'another settle was running' : 'it still holds rows of the subject')
    );
  }
  const reached = (await deps.state.watermark()) ?? 0;
  const leftNames = new Set(left.map(hourName));
  return {
    tombstone: hash,
    rewritten: hours.map(hourName).filter((name) => !leftNames.has(name)),
    pending: left.filter((hour) => endOf(hour) > reached).map(hourName),
    deletedObjects,
    deletedItems,
    erased,
    failed: left
      .filter((hour) => endOf(hour) <= reached)
      .map((hour) => ({ hour: hourName(hour), reason: reasonOf(hourName(hour)) })),
    remaining: copies(subject).map(({ place, days }) => ({ place, until: new Date(time + days * day).toISOString() })),
  };
}

/** A page's counters, and those of its links: each has a tombstone, so that events on their way leave none either. */
async function buryLinks(deps: EraseDependencies, subject: ErasureSubject, time: number): Promise<string[]> {
  if (subject.kind !== 'page') return [];
  const links = await deps.linksOfPage(subject.value);
  for (const value of links)
    await deps.state.putTombstone({ hash: hashSubject({ kind: 'link', value }), kind: 'link', createdAt: time });
  return [entityKeys.page(subject.value), ...links.map((code) => entityKeys.link(code))];
}

async function hoursOf(deps: SettleDeps, hash: string, time: number): Promise<UtcHour[]> {
  const { rows } = await deps.athena.rows(hoursErased, { erased: [hash], ...(await boundsOf(deps, time)) });
  return rows.map(({ dt, hr }) => ({ dt, hr }));
}

async function boundsOf(deps: SettleDeps, time: number): Promise<{ from_dt: string; to_dt: string }> {
  const folders = [
    ...(await deps.files.folders(rawPrefix)),
    ...(await deps.files.folders(settledTables.events.prefix)),
  ];
  const dates = folders.map((name) => name.slice('dt='.length)).toSorted();
  return { from_dt: dates[0] ?? hourAt(time).dt, to_dt: dates.at(-1) ?? hourAt(time).dt };
}

/** Failed originals of the subject. A file goes as a whole: the rows of its other events are in the lake. */
async function deleteFailed(deps: SettleDeps, subject: ErasureSubject): Promise<number> {
  if (subject.kind === 'visitor') return 0;
  const found: string[] = [];
  for (const { key } of await deps.files.list(failedPrefix))
    if (names(gunzipSync(await deps.lake.get(key)).toString('utf8'), subject)) found.push(key);
  await deps.files.delete(found);
  return found.length;
}

/** Field of an original message that tells the subject. A visitor's id is computed later and is in no original. */
const messageField = { page: 'page', consented: 'consentedId' } as const;

function names(line: string, subject: ErasureSubject): boolean {
  return (
    subject.kind !== 'visitor' &&
    line.replaceAll('\\"', '"').includes(`"${messageField[subject.kind]}":${JSON.stringify(subject.value)}`)
  );
}

/** Files that were made for somebody to take away. They can be made again, without the subject. */
async function deleteExports(deps: SettleDeps): Promise<number> {
  const keys = (await deps.files.list(exportsPrefix)).map(({ key }) => key);
  await deps.files.delete(keys);
  return keys.length;
}

async function deleteItems(deps: EraseDependencies, entities: readonly string[]): Promise<number> {
  let deleted = 0;
  for (const entity of entities) deleted += await deps.rollups.deleteEntity(entity);
  return deleted;
}

/** Copies that nobody can delete by hand, and how long they live. */
function copies(subject: ErasureSubject): { place: string; days: number }[] {
  return [
    { place: 'results of queries that were run by hand (athena/ in the lake)', days: 7 },
    { place: 'requests, and events that the queues did not take, in the log of redirect and collect', days: 7 },
    { place: 'dead-letter queues, for events that enrich could not process', days: 14 },
    ...(subject.kind === 'visitor' ? [{ place: 'failed events (failed/ in the lake)', days: 14 }] : []),
    ...(subject.kind === 'page'
      ? [
          { place: 'point-in-time copies of the catalog', days: 35 },
          // A day in which they may stand in, and two that the deletion of expired items may take.
          { place: 'answers of the API with its counts, kept to stand in (cache)', days: 3 },
        ]
      : []),
  ];
}

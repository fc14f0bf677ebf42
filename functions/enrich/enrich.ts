import { gzipSync } from 'node:zlib';
import {
  type EnrichContext,
  type Enriched,
  enrichEvent,
  localDateOf,
  type PageSettings,
  pageOf,
  toSettings,
  unknownPage,
} from '#core/enrich/enrich-event.ts';
import type { Geography } from '#core/enrich/geography.ts';
import { memoize } from '#core/memoize.ts';
import { toParquet } from '#core/enrich/parquet-file.ts';
import { type QueueRecord, type ReadMessage, readMessage } from '#core/enrich/read-message.ts';
import type { Page } from '#schemas/catalog.ts';
import { pagePathPattern } from '#schemas/catalog-rules.ts';
import type { EventRow } from '#schemas/event.ts';
import { failedKey, partitionOf, rawKey } from '#schemas/lake-keys.ts';
import type { Lake } from '#stores/lake/lake.ts';
import type { LookupCache } from '#stores/cache/lookup-cache.ts';
import type { SaltRing, WantedDates } from './salt-ring.ts';

export interface EnrichOptions {
  lake: Pick<Lake, 'put'>;
  pages: Pick<LookupCache<Page>, 'get'>;
  salts: SaltRing;
  /** Shows events to those who watch their pages. Never rejects. */
  showRecent: (enriched: readonly Enriched[]) => Promise<void>;
  geography: Geography;
  /** Hosts of the stack: `go.example`, with the port if any. */
  ownHosts: readonly string[];
  /** Milliseconds since the epoch. */
  now: () => number;
  ulid: () => string;
}

/** Summary of a batch. Every message, failed or not, is one row of a raw file. */
export interface EnrichReport {
  events: number;
  failed: number;
  /** Failed events by reason. */
  reasons: Record<string, number>;
  files: number;
  /** Size of the raw files. */
  bytes: number;
}

/**
 * Enriches a batch of messages. Writes one raw file per UTC hour, and the originals of failed messages. Messages may be
 * acknowledged only after it resolves.
 * @throws {StoreUnavailable} if a file was not written: the whole batch must stay on the queue
 */
export async function enrichBatch(records: readonly QueueRecord[], options: EnrichOptions): Promise<EnrichReport> {
  const enriched = await enrichAll(records, options);
  const raw = buildRawFiles(enriched, options.ulid);
  const failed = buildFailedFiles(records, enriched, options);
  await Promise.all([...failed, ...raw].map(({ key, bytes }) => options.lake.put(key, bytes)));
  await options.showRecent(enriched);
  const reasons = countReasons(enriched);
  return {
    events: enriched.length,
    failed: enriched.filter(({ failure }) => failure !== null).length,
    reasons,
    files: raw.length,
    bytes: raw.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
  };
}

/** Returns one result per message, in order. @throws {StoreUnavailable} if settings or salts cannot be read */
async function enrichAll(records: readonly QueueRecord[], options: EnrichOptions): Promise<Enriched[]> {
  const batch = records.map(readMessage);
  const settingsOf = await readSettings(options, batch);
  const salts = await options.salts.saltsOf(findDates(batch, settingsOf));
  const context: EnrichContext = {
    // The cache lives only as long as the batch, so that no address stays in memory.
    geography: memoize(records.length, options.geography),
    settingsOf,
    saltOf: (localDate) => salts.get(localDate) ?? null,
  };
  return batch.map((read) => enrichEvent(read, context));
}

type SettingsOf = EnrichContext['settingsOf'];

/** Reads each page of the batch once. Unknown pages are counted in UTC. */
async function readSettings(
  { pages, ownHosts }: Pick<EnrichOptions, 'pages' | 'ownHosts'>,
  batch: readonly ReadMessage[],
): Promise<SettingsOf> {
  const paths = new Set(batch.map(pageOf));
  const found = new Map<string, PageSettings>();
  async function load(path: string | null): Promise<void> {
    if (path === null || !pagePathPattern.test(path)) return;
    const page = await pages.get(path);
    if (page) found.set(path, toSettings(page, ownHosts));
  }
  await Promise.all(Array.from(paths, load));
  const unknown = { ...unknownPage, stackHosts: ownHosts };
  return (page) => (page === null ? unknown : (found.get(page) ?? unknown));
}

function findDates(batch: readonly ReadMessage[], settingsOf: SettingsOf): WantedDates {
  const dates = new Map<string, { replayed: boolean }>();
  for (const read of batch) {
    if (read.kind === 'failed') continue;
    const date = localDateOf(read.message, settingsOf);
    const known = dates.get(date);
    const { replayed } = read.message;
    if (!known || (replayed && !known.replayed)) dates.set(date, { replayed });
  }
  return dates;
}

interface File {
  key: string;
  bytes: Uint8Array;
}

function buildRawFiles(enriched: readonly Enriched[], ulid: () => string): File[] {
  return Array.from(groupByHour(enriched), ([hour, rows]) => ({
    key: rawKey(partitionOf(hour * 3_600_000), ulid(), rows.length),
    bytes: toParquet(rows.toSorted(byPageLinkAndTime)),
  }));
}

function groupByHour(enriched: readonly Enriched[]): Map<number, EventRow[]> {
  return Map.groupBy(
    enriched.map(({ row }) => row),
    ({ occurred_at }) => Math.floor(occurred_at / 3_600_000),
  );
}

/** Sorts by page, link and time: similar neighbors compress better. */
function byPageLinkAndTime(a: EventRow, b: EventRow): number {
  return compareText(a.page_path, b.page_path) || compareText(a.link_id, b.link_id) || a.occurred_at - b.occurred_at;
}

function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0;
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

function buildFailedFiles(
  records: readonly QueueRecord[],
  enriched: readonly Enriched[],
  options: EnrichOptions,
): File[] {
  const lines = records.flatMap((record, index) => {
    const result = enriched[index];
    return result?.failure ? [failedLine(record, result)] : [];
  });
  if (lines.length === 0) return [];
  const { dt } = partitionOf(options.now());
  return [{ key: failedKey(dt, options.ulid()), bytes: gzipSync(`${lines.join('\n')}\n`) }];
}

/** Returns the reason and the unchanged message, so that it can be redriven. */
function failedLine(record: QueueRecord, { failure }: Enriched): string {
  return JSON.stringify({ ...failure, messageId: record.messageId, sentAt: record.sentAt, body: record.body });
}

function countReasons(enriched: readonly Enriched[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { failure } of enriched) if (failure) reasons[failure.reason] = (reasons[failure.reason] ?? 0) + 1;
  return reasons;
}

import { gzipSync } from 'node:zlib';
import {
  type EnrichContext,
  type Enriched,
  enrichEvent,
  localDateOf,
  type PageSettings,
  pageOf,
  unknownPage,
} from '#core/enrich/enrich-event.ts';
import type { Geography } from '#core/enrich/geography.ts';
import { memoize } from '#core/memoize.ts';
import { parquetOf } from '#core/enrich/parquet-file.ts';
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
  geography: Geography;
  /** Host of the stack: `go.example`, with its port if any. */
  ownHost: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  ulid: () => string;
}

/** What became of a batch: every message is a row in one of the files. */
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
 * Enriches a batch and writes it: one raw file per UTC hour, and the originals of failed messages. Resolves when every
 * file is written; until then no message may be acknowledged.
 * @throws {StoreUnavailable} the whole batch stays on the queue
 */
export async function enrichBatch(records: readonly QueueRecord[], options: EnrichOptions): Promise<EnrichReport> {
  const enriched = await enrichAll(records, options);
  const raw = rawFiles(enriched, options.ulid);
  const failed = failedFiles(records, enriched, options);
  await Promise.all([...failed, ...raw].map(({ key, bytes }) => options.lake.put(key, bytes)));
  const reasons = reasonsOf(enriched);
  return {
    events: enriched.length,
    failed: enriched.filter(({ failure }) => failure !== null).length,
    reasons,
    files: raw.length,
    bytes: raw.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
  };
}

/** Messages to rows, one to one and in order. @throws {StoreUnavailable} when settings or salts cannot be read */
async function enrichAll(records: readonly QueueRecord[], options: EnrichOptions): Promise<Enriched[]> {
  const batch = records.map(readMessage);
  const settingsOf = await settingsOfBatch(options, batch);
  const salts = await options.salts.saltsOf(datesOf(batch, settingsOf));
  const context: EnrichContext = {
    // One batch holds few addresses; no address outlives its batch in memory.
    geography: memoize(records.length, options.geography),
    settingsOf,
    saltOf: (localDate) => salts.get(localDate) ?? null,
  };
  return batch.map((read) => enrichEvent(read, context));
}

type SettingsOf = EnrichContext['settingsOf'];

/** Reads each page of the batch once. A page that the catalog does not know is counted in UTC. */
async function settingsOfBatch(
  { pages, ownHost }: Pick<EnrichOptions, 'pages' | 'ownHost'>,
  batch: readonly ReadMessage[],
): Promise<SettingsOf> {
  const paths = new Set(batch.map(pageOf));
  const found = new Map<string, PageSettings>();
  async function load(path: string | null): Promise<void> {
    if (path === null || !pagePathPattern.test(path)) return;
    const page = await pages.get(path);
    if (page) found.set(path, settingsOfPage(page, ownHost));
  }
  await Promise.all(Array.from(paths, load));
  const unknown = { ...unknownPage, stackHost: ownHost };
  return (page) => (page === null ? unknown : (found.get(page) ?? unknown));
}

function settingsOfPage({ timeZone, consentedIds, origins }: Page, stackHost: string): PageSettings {
  return {
    timeZone,
    consentedIds,
    ownHosts: new Set(origins.flatMap((origin) => URL.parse(origin)?.hostname.replace(/^www\./, '') ?? [])),
    stackHost,
  };
}

function datesOf(batch: readonly ReadMessage[], settingsOf: SettingsOf): WantedDates {
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

function rawFiles(enriched: readonly Enriched[], ulid: () => string): File[] {
  return Array.from(byHour(enriched), ([hour, rows]) => ({
    key: rawKey(partitionOf(hour * 3_600_000), ulid(), rows.length),
    bytes: parquetOf(rows.toSorted(forCompression)),
  }));
}

function byHour(enriched: readonly Enriched[]): Map<number, EventRow[]> {
  return Map.groupBy(
    enriched.map(({ row }) => row),
    ({ occurred_at }) => Math.floor(occurred_at / 3_600_000),
  );
}

/** Rows of one page and link together, in order of time: neighbours that are alike compress. */
function forCompression(a: EventRow, b: EventRow): number {
  return compareText(a.page_path, b.page_path) || compareText(a.link_id, b.link_id) || a.occurred_at - b.occurred_at;
}

function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0;
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

function failedFiles(records: readonly QueueRecord[], enriched: readonly Enriched[], options: EnrichOptions): File[] {
  const lines = records.flatMap((record, index) => {
    const result = enriched[index];
    return result?.failure ? [failedLine(record, result)] : [];
  });
  if (lines.length === 0) return [];
  const { dt } = partitionOf(options.now());
  return [{ key: failedKey(dt, options.ulid()), bytes: gzipSync(`${lines.join('\n')}\n`) }];
}

/** One line per failed message: why, and the message as it came, so that it can be mended and sent again. */
function failedLine(record: QueueRecord, { failure }: Enriched): string {
  return JSON.stringify({ ...failure, messageId: record.messageId, sentAt: record.sentAt, body: record.body });
}

function reasonsOf(enriched: readonly Enriched[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { failure } of enriched) if (failure) reasons[failure.reason] = (reasons[failure.reason] ?? 0) + 1;
  return reasons;
}

import type { z } from 'zod';
import { shortenLists } from '#core/history/counts/plan-counts.ts';
import type { ImportJob } from '#schemas/history/history-job.ts';
import {
  importedListLength,
  type ImportedMonth,
  importedMonthSchema,
  type ImportedTotals,
  importedTotalsSchema,
} from '#schemas/history/imported-counts.ts';
import { catalogKeys } from '../catalog/catalog-keys.ts';
import { importedLinksKey, importedMonthKey, importedTotalsKey, packedAttribute } from './counter-items.ts';
import { pack, unpack } from './compressed-json.ts';
import { toItem } from '../dynamodb/items.ts';
import { bytesOf, queryBetween, type RawItem, readKeys, type RawTable, textOf } from '../dynamodb/raw-items.ts';
import { createTable, type Item, type ItemKey, keyOf, type TableOptions, type Write } from '../dynamodb/table.ts';
import { DamagedItem, JobStopped, StoreUnavailable } from '../errors.ts';

/** A month's imported counts of an entity. */
export interface StoredMonth {
  /** `2026-11` */
  month: string;
  counts: ImportedMonth;
}

/** Reads an entity's months, both included, in order. @throws {StoreUnavailable} {DamagedItem} */
export async function readImportedMonths(
  table: RawTable,
  entity: string,
  first: string,
  last: string,
): Promise<StoredMonth[]> {
  return (await queryBetween(table, entity, importedMonthKey(first), importedMonthKey(last))).map((item) => ({
    month: textOf(item['sk']).slice(importedMonthKey('').length),
    counts: parsePacked(importedMonthSchema, item, bytesOf(item[packedAttribute])),
  }));
}

/** Reads an entity's totals; undefined without any import. @throws {StoreUnavailable} {DamagedItem} */
export async function readImportedTotals(table: RawTable, entity: string): Promise<ImportedTotals | undefined> {
  const [item] = await readKeys(table, [{ pk: entity, sk: importedTotalsKey }]);
  return item && parsePacked(importedTotalsSchema, item, bytesOf(item[packedAttribute]));
}

/** An import while it runs. */
export type RunningImport = Pick<ImportJob, 'id' | 'attempt'>;

/**
 * Writes imported counts. What an import adds is written only while it runs: an undo that has begun finds all of it. Every function
 * may throw {@link StoreUnavailable} or {@link DamagedItem}, and those that take a run {@link JobStopped}.
 */
export interface ImportedCountsWriter {
  readMonth: (entity: string, month: string) => Promise<ImportedMonth | undefined>;
  readTotals: (entity: string) => Promise<ImportedTotals | undefined>;
  /** Changes a month; the item is deleted where the change returns undefined. Plans again if someone else changes it meanwhile. */
  changeMonth: (
    entity: string,
    month: string,
    importId: string,
    change: (stored: ImportedMonth | undefined) => ImportedMonth | undefined,
    run?: RunningImport,
  ) => Promise<void>;
  changeTotals: (
    entity: string,
    change: (stored: ImportedTotals | undefined) => ImportedTotals | undefined,
    run?: RunningImport,
  ) => Promise<void>;
  /** Months of an entity that have imported counts. */
  listMonths: (entity: string) => Promise<string[]>;
  /** Remembers which links an import is about to write to. */
  putLinks: (page: string, run: RunningImport, links: readonly string[]) => Promise<void>;
  readLinks: (page: string, importId: string) => Promise<string[]>;
  deleteLinks: (page: string, importId: string) => Promise<void>;
}

/** Links in one item: at most 64 + 9 characters each. */
const linksOfItem = 2_000;

/** DynamoDB takes items of 400 KB. */
const largestMonth = 380_000;

const attempts = 20;

export interface ImportedCountsOptions extends TableOptions {
  /** Where the imports themselves are: the catalog. @param keyOf default: the catalog's key of a job */
  jobs: { table: string; keyOf?: (id: string) => ItemKey };
}

export function createImportedCounts({ jobs, ...options }: ImportedCountsOptions): ImportedCountsWriter {
  const { keyOf: keyOfJob = catalogKeys.job } = jobs;
  const table = createTable(options);
  const jobTable = createTable({ ...options, table: jobs.table });

  /** Returns whether the write was made; false if its condition does not hold. */
  async function write(change: Write, run: RunningImport | undefined): Promise<boolean> {
    if (run === undefined) return table.transact([change]);
    const { id, attempt } = run;
    const condition = { expression: '#state = :state AND #attempt = :attempt', values: { state: 'running', attempt } };
    const isRunning = { kind: 'check', table: jobs.table, key: keyOfJob(id), condition } as const;
    if (await table.transact([change, isRunning])) return true;
    const job = await jobTable.get(keyOfJob(id));
    if (job?.['state']?.S !== 'running' || job['attempt']?.N !== String(attempt))
      throw new JobStopped(`import ${id} does not run any more`);
    return false;
  }

  async function change<T extends object>(
    key: ItemKey,
    schema: z.ZodType<T>,
    next: (stored: T | undefined) => T | undefined,
    toBytes: (value: T) => Buffer,
    run: RunningImport | undefined,
  ): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const item = await table.get(key);
      const revision = Number(item?.['revision']?.N ?? 0);
      const stored = item && parsePacked(schema, item, item[packedAttribute]?.B);
      const changed = next(stored);
      if (changed === undefined && item === undefined) return;
      const condition = {
        expression: revision === 0 ? 'attribute_not_exists(#revision)' : '#revision = :revision',
        ...(revision > 0 && { values: { revision } }),
      };
      const made: Write =
        changed === undefined
          ? { kind: 'delete', key, condition }
          : {
              kind: 'put',
              item: toItem({ ...key, [packedAttribute]: toBytes(changed), revision: revision + 1 }),
              condition,
            };
      if (await write(made, run)) return;
    }
    throw new StoreUnavailable(`${key.sk} of ${key.pk} is being changed by others all the time`);
  }

  function linkItems(page: string, importId: string): Promise<Item[]> {
    return table.query({ pk: page, prefix: importedLinksKey(importId, 0).slice(0, -5) });
  }

  return {
    readMonth: async (entity, month) => {
      const item = await table.get({ pk: entity, sk: importedMonthKey(month) });
      return item && parsePacked(importedMonthSchema, item, item[packedAttribute]?.B);
    },
    readTotals: async (entity) => {
      const item = await table.get({ pk: entity, sk: importedTotalsKey });
      return item && parsePacked(importedTotalsSchema, item, item[packedAttribute]?.B);
    },
    changeMonth: (entity, month, importId, next, run) =>
      change(
        { pk: entity, sk: importedMonthKey(month) },
        importedMonthSchema,
        next,
        (value) => packMonth(value, importId),
        run,
      ),
    changeTotals: (entity, next, run) =>
      change({ pk: entity, sk: importedTotalsKey }, importedTotalsSchema, next, pack, run),
    listMonths: async (entity) => {
      const items = await table.query({ pk: entity, prefix: importedMonthKey('') }, { keysOnly: true });
      return items.map((item) => keyOf(item).sk).flatMap((sk) => (sk === importedTotalsKey ? [] : [sk.slice(2)]));
    },
    putLinks: async (page, run, links) => {
      for (let at = 0, number = 0; at < links.length; at += linksOfItem, number++) {
        const packed = pack(links.slice(at, at + linksOfItem));
        const item = toItem({ pk: page, sk: importedLinksKey(run.id, number), [packedAttribute]: packed });
        await write({ kind: 'put', item }, run);
      }
    },
    readLinks: async (page, importId) => {
      const items = await linkItems(page, importId);
      return items.flatMap((item) => toTexts(unpack(item[packedAttribute]?.B ?? pack([]))));
    },
    deleteLinks: async (page, importId) => {
      for (const item of await linkItems(page, importId)) await table.delete(keyOf(item));
    },
  };
}

/** Shortens the lists of the import until the item fits: a hostile file may have values that do not compress. */
function packMonth(month: ImportedMonth, importId: string): Buffer {
  for (const length of [importedListLength, 10, 3, 0]) {
    const packed = pack(shortenLists(month, importId, length));
    if (packed.length <= largestMonth) return packed;
  }
  throw new StoreUnavailable(`the imported counts of a month take more than ${largestMonth} bytes`);
}

function parsePacked<T>(schema: z.ZodType<T>, item: RawItem | Item, bytes: Uint8Array | undefined): T {
  const parsed = schema.safeParse(bytes && unpack(bytes));
  if (parsed.success) return parsed.data;
  throw new DamagedItem(`${textOf(item['sk'])} of ${textOf(item['pk'])} has no imported counts`, {
    cause: parsed.error,
  });
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

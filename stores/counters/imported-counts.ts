import type { z } from 'zod';
import { shortenLists } from '#core/history/counts/plan-counts.ts';
import {
  importedListLength,
  type ImportedMonth,
  importedMonthSchema,
  type ImportedTotals,
  importedTotalsSchema,
} from '#schemas/history/imported-counts.ts';
import { importedLinksKey, importedMonthKey, importedTotalsKey, packedAttribute } from './counter-items.ts';
import { pack, unpack } from './compressed-json.ts';
import { toItem } from '../dynamodb/items.ts';
import { bytesOf, queryBetween, type RawItem, readKeys, type RawTable, textOf } from '../dynamodb/raw-items.ts';
import {
  createTable,
  exists,
  type Item,
  type ItemKey,
  keyOf,
  type Table,
  type TableOptions,
  type Write,
} from '../dynamodb/table.ts';
import { createGuardedWrites, type WriteGuard } from '../dynamodb/guarded-writes.ts';
import { DamagedItem, StoreUnavailable } from '../errors.ts';

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

/** Writes imported counts. Every function may throw {@link StoreUnavailable} or {@link DamagedItem}. */
export interface ImportedCountsWriter {
  readMonth: (entity: string, month: string) => Promise<ImportedMonth | undefined>;
  readTotals: (entity: string) => Promise<ImportedTotals | undefined>;
  /** Changes a month; the item is deleted where the change returns undefined. Plans again if someone else changes it meanwhile. */
  changeMonth: (
    entity: string,
    month: string,
    importId: string,
    change: (stored: ImportedMonth | undefined) => ImportedMonth | undefined,
  ) => Promise<void>;
  changeTotals: (
    entity: string,
    change: (stored: ImportedTotals | undefined) => ImportedTotals | undefined,
  ) => Promise<void>;
  /** Months of an entity that have imported counts. */
  listMonths: (entity: string) => Promise<string[]>;
  /** Remembers which links an import is about to write to. */
  putLinks: (page: string, importId: string, links: readonly string[]) => Promise<void>;
  readLinks: (page: string, importId: string) => Promise<string[]>;
  deleteLinks: (page: string, importId: string) => Promise<void>;
}

export interface ImportedCounts extends ImportedCountsWriter {
  /** Returns a writer that writes nothing more once the guard does not hold. */
  guardedBy: (guard: WriteGuard) => ImportedCountsWriter;
}

/** Links in one item: at most 64 + 9 characters each. */
const linksOfItem = 2_000;

/** DynamoDB takes items of 400 KB. */
const largestMonth = 380_000;

const attempts = 20;

export function createImportedCounts(options: TableOptions): ImportedCounts {
  const table = createTable(options);
  return {
    ...createWriter(table, (write) => writeAlone(table, write)),
    guardedBy: (guard) => createWriter(table, createGuardedWrites(table, guard)),
  };
}

type ItemWrite = Extract<Write, { kind: 'put' | 'delete' }>;

async function writeAlone(table: Table, write: ItemWrite): Promise<boolean> {
  if (write.kind === 'delete') return table.deleteIf(write.key, write.condition ?? exists);
  if (write.condition !== undefined) return table.putIf(write.item, write.condition);
  await table.put(write.item);
  return true;
}

/** @param write returns false where the condition of the write does not hold */
function createWriter(table: Table, write: (write: ItemWrite) => Promise<boolean>): ImportedCountsWriter {
  async function change<T extends object>(
    key: ItemKey,
    schema: z.ZodType<T>,
    next: (stored: T | undefined) => T | undefined,
    toBytes: (value: T) => Buffer,
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
      const isDone = await write(
        changed === undefined
          ? { kind: 'delete', key, condition }
          : {
              kind: 'put',
              item: toItem({ ...key, [packedAttribute]: toBytes(changed), revision: revision + 1 }),
              condition,
            },
      );
      if (isDone) return;
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
    changeMonth: (entity, month, importId, next) =>
      change({ pk: entity, sk: importedMonthKey(month) }, importedMonthSchema, next, (value) =>
        packMonth(value, importId),
      ),
    changeTotals: (entity, next) => change({ pk: entity, sk: importedTotalsKey }, importedTotalsSchema, next, pack),
    listMonths: async (entity) => {
      const items = await table.query({ pk: entity, prefix: importedMonthKey('') }, { keysOnly: true });
      return items.map((item) => keyOf(item).sk).flatMap((sk) => (sk === importedTotalsKey ? [] : [sk.slice(2)]));
    },
    putLinks: async (page, importId, links) => {
      for (let at = 0, number = 0; at < links.length; at += linksOfItem, number++) {
        const packed = pack(links.slice(at, at + linksOfItem));
        const item = toItem({ pk: page, sk: importedLinksKey(importId, number), [packedAttribute]: packed });
        await write({ kind: 'put', item });
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

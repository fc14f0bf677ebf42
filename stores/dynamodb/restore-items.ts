import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { hashSubject } from '#core/settle/tombstone.ts';
import { catalogPartitions } from '#schemas/tables.ts';
import { isLive } from './items.ts';
import { forEachConcurrently } from './rounds.ts';
import { createTable, isNew, type Item, type ItemKey, keyOf, type Table } from './table.ts';

export interface RestoreOptions {
  client: DynamoDBClient;
  /** Table that holds the copy. */
  from: string;
  /** Table of the stack. */
  into: string;
  /** The stack's catalog, which knows what was erased. */
  catalog: string;
  /** How partition keys begin. Empty restores all. */
  only: readonly string[];
  /** Also writes items that exist with another content. */
  replace: boolean;
  dryRun: boolean;
  now: () => number;
  /** Which items are written first, which then, and so on. Each pass reads the copy again. @default all at once */
  passes?: readonly ((key: ItemKey) => boolean)[];
}

/**
 * The items of `rollups` in an order in which an interrupted restore has nothing counted twice: markers of updates that were
 * added, then claims of raw files and stored updates, then counters.
 */
export const rollupsPasses: NonNullable<RestoreOptions['passes']> = [
  (key) => isOfFile(key) && key.sk.startsWith('a#'),
  (key) => isOfFile(key) && !key.sk.startsWith('a#'),
  (key) => !isOfFile(key),
];

function isOfFile({ pk }: ItemKey): boolean {
  return pk.startsWith('file#');
}

/** What the copy holds of one kind of items. Expired items are in none of these. */
export interface RestoredKind {
  /** Written, because the table of the stack did not have them. */
  missing: number;
  /** Written only with `replace`. */
  changed: number;
  same: number;
  /** Never written: they belong to a page that was erased since the copy. */
  erased: number;
}

/**
 * Writes items of a copy of a table back, and deletes nothing. Traffic may go on: an item that is created meanwhile stays.
 * @returns what the copy holds, by the beginning of its partition keys
 * @throws {StoreUnavailable}
 */
export async function restoreItems(options: RestoreOptions): Promise<Map<string, RestoredKind>> {
  const { client, from, into, catalog, only, now, passes = [() => true] } = options;
  const table = createTable({ client, table: into });
  const erasures = await readErasures(createTable({ client, table: catalog }));
  const kinds = new Map<string, RestoredKind>();
  async function restore(items: readonly Item[]): Promise<void> {
    const wanted = items.filter((item) => isWanted(item, only) && isLive(item, now()));
    const stored = new Map(
      (await table.batchGet(wanted.map(keyOf), { consistent: true })).map((each) => [idOf(each), each]),
    );
    await forEachConcurrently(wanted, concurrency, async (item) => {
      const state = compare(item, stored.get(idOf(item)), erasures);
      if (!options.dryRun) await write(table, item, state, options.replace);
      const kind = kindOf(item);
      const counts = kinds.get(kind) ?? { missing: 0, changed: 0, same: 0, erased: 0 };
      kinds.set(kind, { ...counts, [state]: counts[state] + 1 });
    });
  }
  for (const isNow of passes)
    for await (const { Items = [] } of paginateScan({ client }, { TableName: from, ConsistentRead: true }))
      await restore(Items.filter((item) => isNow(keyOf(item))));
  return kinds;
}

const concurrency = 16;

/** Returns the hashes of erased subjects. */
async function readErasures(catalog: Table): Promise<ReadonlySet<string>> {
  const tombstones = await catalog.query({ pk: catalogPartitions.tombstone });
  return new Set(tombstones.map((item) => keyOf(item).sk));
}

function isWanted(item: Item, only: readonly string[]): boolean {
  return only.length === 0 || only.some((prefix) => keyOf(item).pk.startsWith(prefix));
}

function compare(item: Item, stored: Item | undefined, erasures: ReadonlySet<string>): keyof RestoredKind {
  if (pagesOf(item).some((value) => erasures.has(hashSubject({ kind: 'page', value })))) return 'erased';
  if (stored === undefined) return 'missing';
  return isDeepStrictEqual(stored, item) ? 'same' : 'changed';
}

/** Returns the page to which an item belongs: by its key, or by an attribute. */
function pagesOf(item: Item): string[] {
  const { pk } = keyOf(item);
  const ofPage = [catalogPartitions.page, catalogPartitions.alerts, catalogPartitions.forecast];
  const keys = ofPage.flatMap((prefix) => (pk.startsWith(prefix) ? [pk.slice(prefix.length)] : []));
  return [...keys, ...[item['page']?.S, item['path']?.S].filter((page) => page !== undefined)];
}

async function write(table: Table, item: Item, state: keyof RestoredKind, replace: boolean): Promise<void> {
  if (state === 'missing') await table.putIf(item, isNew);
  if (state === 'changed' && replace) await table.put(item);
}

function idOf(item: Item): string {
  const { pk, sk } = keyOf(item);
  return `${pk}\n${sk}`;
}

/** `link#` of `link#k3x9`, or the whole key. */
function kindOf(item: Item): string {
  return /^[^#]*#?/.exec(keyOf(item).pk)?.[0] ?? '';
}

import { randomUUID } from 'node:crypto';
import { dirtyHourKey } from './counter-items.ts';
import { toItem } from '../dynamodb/items.ts';
import { createTable, keyOf, type TableOptions } from '../dynamodb/table.ts';

/** Hours whose raw files settle must list (again), each an item of its own. */
export interface DirtyHours {
  /** Marks an hour, and returns the mark. */
  mark: (hour: string) => Promise<string>;
  /** Returns the mark of each hour, by its name: `2026-11-22T07`. */
  marks: () => Promise<Map<string, string>>;
  /** Removes the mark of an hour, unless the hour was marked again in the meantime. */
  clear: (hour: string, mark: string) => Promise<void>;
}

/**
 * Creates the store. Settle reads the marks before it lists an hour, so a mark that is older than a listing comes from a
 * file that the listing contains. Marks never expire. Every function may throw {@link StoreUnavailable}.
 *
 * @example
 * const dirty = createDirtyHours({ client, table });
 * await dirty.mark('2026-11-22T07');
 */
export function createDirtyHours(options: TableOptions): DirtyHours {
  const table = createTable(options);
  const { pk, sk: prefix } = dirtyHourKey('');
  return {
    mark: async (hour) => {
      const mark = randomUUID();
      await table.put(toItem({ ...dirtyHourKey(hour), mark }));
      return mark;
    },
    marks: async () => {
      const items = await table.query({ pk, prefix });
      return new Map(items.map((item) => [keyOf(item).sk.slice(prefix.length), item['mark']?.S ?? '']));
    },
    clear: async (hour, mark) => {
      await table.deleteIf(dirtyHourKey(hour), { expression: '#mark = :mark', values: { mark } });
    },
  };
}

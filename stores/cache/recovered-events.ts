import { cacheKeys } from './cache-keys.ts';
import { expiring, toItem } from '../dynamodb/items.ts';
import { createTable, type TableOptions } from '../dynamodb/table.ts';
import { StoreUnavailable } from '../errors.ts';

/** One more than the log keeps its lines, so that no line outlives the memory of its recovery. */
const daysRemembered = 8;

export type RecoveredEvents = ReturnType<typeof createRecoveredEvents>;

/** Remembers which events `hopcount recover` has sent. Every function may throw {@link StoreUnavailable}. */
export function createRecoveredEvents(options: TableOptions) {
  const table = createTable(options);
  return {
    /** Returns those of the ids that were sent before. */
    known: async (ids: readonly string[]): Promise<Set<string>> => {
      const idOfKey = new Map(ids.map((id) => [cacheKeys.recovered(id).pk, id]));
      const items = await table.batchGet([...new Set(ids)].map(cacheKeys.recovered), { consistent: true });
      return new Set(items.flatMap(({ pk }) => idOfKey.get(pk?.S ?? '') ?? []));
    },

    remember: async (ids: readonly string[], now: number): Promise<void> => {
      const items = ids.map((id) => toItem({ ...cacheKeys.recovered(id), ...expiring(now, daysRemembered) }));
      const unwritten = await table.batchPut(items);
      if (unwritten.length > 0)
        throw new StoreUnavailable(`${options.table} did not take the ids of ${unwritten.length} recovered events`);
    },
  };
}

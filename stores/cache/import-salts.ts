import { z } from 'zod';
import { expiring, parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, isNew, type TableOptions } from '../dynamodb/table.ts';
import { cacheKeys } from './cache-keys.ts';

/** Secrets from which the visitor ids of an import are made: one for each import, until its file is read. */
export interface ImportSalts {
  /** Returns the secret of an import, the same every time until it is deleted. */
  get: (id: string) => Promise<Uint8Array>;
  delete: (id: string) => Promise<void>;
}

const secretBytes = 32;

/** An upload expires after seven days, and nothing can be read with the secret then. */
const keptDays = 7;

/** Every function may throw {@link StoreUnavailable}. The table has no copies: what is deleted is gone. */
export function createImportSalts(
  options: TableOptions & { now: () => number; random: (bytes: number) => Uint8Array },
): ImportSalts {
  const table = createTable(options);
  async function read(id: string): Promise<Uint8Array | undefined> {
    const item = await table.get(cacheKeys.importSalt(id));
    return item && parseItem(z.object({ secret: z.instanceof(Uint8Array) }), item).secret;
  }
  return {
    get: async (id) => {
      const known = await read(id);
      if (known !== undefined) return known;
      const secret = options.random(secretBytes);
      const item = toItem({ ...cacheKeys.importSalt(id), secret, ...expiring(options.now(), keptDays) });
      // Another run may have been faster.
      return (await table.putIf(item, isNew)) ? secret : ((await read(id)) ?? secret);
    },
    delete: (id) => table.delete(cacheKeys.importSalt(id)),
  };
}

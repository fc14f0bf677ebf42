import { type HmacKey, hmacKey } from '#core/visitors/hmac.ts';
import { createSalt, type Salt } from '#core/visitors/identity.ts';
import { maySalt, type SaltRecord, saltLifetime } from '#core/visitors/salt-rules.ts';
import type { Salts } from '#stores/cache/salts.ts';

/** Local dates of a batch, and whether a replayed event needs the date: then a past date may get a new salt. */
export type WantedDates = ReadonlyMap<string, { replayed: boolean }>;

export interface SaltRing {
  /** Returns the salts by date; dates without a salt are absent. @throws {StoreUnavailable} */
  saltsOf: (dates: WantedDates) => Promise<ReadonlyMap<string, Salt>>;
}

/** More dates than live traffic needs; a replay of several years clears the cache now and then. */
const maxDates = 400;

interface CachedKey {
  key: HmacKey;
  createdAt: number;
}

/** Reads salts and caches them for their lifetime. */
export function createSaltRing({
  salts,
  now,
}: {
  salts: Pick<Salts, 'find' | 'findOrCreate'>;
  now: () => number;
}): SaltRing {
  const kept = new Map<string, CachedKey>();

  function keep({ localDate, secret, createdAt }: SaltRecord): HmacKey {
    if (kept.size >= maxDates) kept.clear();
    const key = hmacKey(secret);
    kept.set(localDate, { key, createdAt });
    return key;
  }

  function findCached(localDate: string): HmacKey | undefined {
    const known = kept.get(localDate);
    if (known && known.createdAt > now() - saltLifetime) return known.key;
    kept.delete(localDate);
    return undefined;
  }

  async function read(localDate: string, replayed: boolean): Promise<HmacKey | undefined> {
    const mayCreate = replayed || maySalt(localDate, now());
    const record = mayCreate ? await salts.findOrCreate(localDate) : await salts.find(localDate);
    return record && keep(record);
  }

  return {
    saltsOf: async (dates) => {
      const found = new Map<string, Salt>();
      for (const [localDate, { replayed }] of dates) {
        const key = findCached(localDate) ?? (await read(localDate, replayed));
        if (key) found.set(localDate, createSalt(key));
      }
      return found;
    },
  };
}

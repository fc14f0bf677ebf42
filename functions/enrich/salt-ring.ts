import { type HmacKey, hmacKey } from '#core/visitors/hmac.ts';
import { createSalt, type Salt } from '#core/visitors/identity.ts';
import { maySalt, type SaltRecord, saltLifetime } from '#core/visitors/salt-rules.ts';
import type { Salts } from '#stores/cache/salts.ts';

/** A local date that a batch needs, and whether an event of a replay does: a replay's dates are long past. */
export type WantedDates = ReadonlyMap<string, { replayed: boolean }>;

export interface SaltRing {
  /** Salts of these dates, by date; a date without one is not in it. @throws {StoreUnavailable} */
  saltsOf: (dates: WantedDates) => Promise<ReadonlyMap<string, Salt>>;
}

/** More dates than any live traffic touches; a replay of years starts over now and then. */
const datesKept = 400;

interface Kept {
  key: HmacKey;
  createdAt: number;
}

/** Keeps the salts that this process has read, for as long as they may live. */
export function createSaltRing({
  salts,
  now,
}: {
  salts: Pick<Salts, 'find' | 'findOrCreate'>;
  now: () => number;
}): SaltRing {
  const kept = new Map<string, Kept>();

  function keep({ localDate, secret, createdAt }: SaltRecord): HmacKey {
    if (kept.size >= datesKept) kept.clear();
    const key = hmacKey(secret);
    kept.set(localDate, { key, createdAt });
    return key;
  }

  function inMemory(localDate: string): HmacKey | undefined {
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
        const key = inMemory(localDate) ?? (await read(localDate, replayed));
        if (key) found.set(localDate, createSalt(key));
      }
      return found;
    },
  };
}

/** How long answers of the store are used, in milliseconds. */
export interface LookupCacheOptions<Value> {
  /** Undefined: the store answered that there is nothing. Rejects when the store did not answer. */
  load: (key: string) => Promise<Value | undefined>;
  now: () => number;
  /** A found value is fresh for this long. */
  fresh?: number;
  /** After that it is still served, while it is refreshed, for this long; older ones wait for the store. */
  stale?: number;
  /** That there is nothing is believed for this long. */
  negative?: number;
  /** After a refresh that failed, the old value is used this long before the next attempt. */
  retry?: number;
  /** Entries kept; the longest unused goes first. */
  limit?: number;
}

export interface LookupCache<Value> {
  /**
   * @returns undefined where the store says there is nothing
   * @throws what `load` threw, only where no earlier value is at hand
   */
  get: (key: string) => Promise<Value | undefined>;
  /** Resolves when no refresh is under way; await it before the process may be frozen. Never rejects. */
  settled: () => Promise<void>;
}

interface Entry<Value> {
  value: Value | undefined;
  loadedAt: number;
  retryAt: number;
}

/**
 * Remembers what a store answered: one load at a time for a key, an old value while it is refreshed and for as long as
 * the store fails.
 */
export function createLookupCache<Value>({
  load,
  now,
  fresh = 60_000,
  stale = 300_000,
  negative = 5_000,
  retry = 1_000,
  limit = 20_000,
}: LookupCacheOptions<Value>): LookupCache<Value> {
  const entries = new Map<string, Entry<Value>>();
  const loading = new Map<string, Promise<Entry<Value>>>();

  function keep(key: string, entry: Entry<Value>): Entry<Value> {
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > limit) entries.delete(entries.keys().next().value ?? key);
    return entry;
  }

  async function refresh(key: string, old: Entry<Value> | undefined): Promise<Entry<Value>> {
    try {
      const value = await load(key);
      return keep(key, { value, loadedAt: now(), retryAt: 0 });
    } catch (error) {
      if (old?.value === undefined) throw error;
      return keep(key, { ...old, retryAt: now() + retry });
    } finally {
      loading.delete(key);
    }
  }

  function refreshOnce(key: string, old: Entry<Value> | undefined): Promise<Entry<Value>> {
    const running = loading.get(key) ?? refresh(key, old);
    loading.set(key, running);
    return running;
  }

  async function get(key: string): Promise<Value | undefined> {
    const entry = entries.get(key);
    if (entry === undefined) return (await refreshOnce(key, undefined)).value;
    const age = now() - entry.loadedAt;
    if (age < (entry.value === undefined ? negative : fresh) || now() < entry.retryAt) return entry.value;
    const refreshed = refreshOnce(key, entry);
    if (entry.value === undefined || age >= fresh + stale) return (await refreshed).value;
    return entry.value;
  }

  async function settled(): Promise<void> {
    if (loading.size > 0) await Promise.allSettled(loading.values());
  }

  return { get, settled };
}

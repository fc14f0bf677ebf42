/** Times are in milliseconds. */
export interface LookupCacheOptions<Value> {
  /** Reads from the store. Undefined: there is no such record. Rejects when the store is unavailable. */
  load: (key: string) => Promise<Value | undefined>;
  now: () => number;
  /** How long a value is fresh. @default 60,000 */
  fresh?: number;
  /** How long after that it is still served while it is refreshed; an older value waits for the store. @default 300,000 */
  stale?: number;
  /** How long an older value waits for the store before it is served all the same. @default - as long as `load` takes */
  patience?: number;
  /** How long a missing record is remembered. @default 5,000 */
  negative?: number;
  /** How long the old value is used after a failed or late refresh, before a request waits again. @default 1,000 */
  retry?: number;
  /** Values kept; the least recently loaded is dropped first. @default 20,000 */
  limit?: number;
  /** Missing records kept. A flood of keys that do not exist pushes out each other, and no value. @default 1,000 */
  missingLimit?: number;
}

export interface LookupCache<Value> {
  /**
   * Returns the value, or undefined if there is no such record.
   * @throws what `load` threw, if there is no earlier value
   */
  get: (key: string) => Promise<Value | undefined>;
  /** Resolves when no refresh is running; await it before Lambda may freeze the process. Never rejects. */
  settled: () => Promise<void>;
}

interface Entry<Value> {
  value: Value | undefined;
  loadedAt: number;
  retryAt: number;
}

/**
 * Caches lookups of a store in memory: one load at a time for a key, and the old value while it is refreshed, or while the
 * store fails or is late. A value has no largest age, because each use after `fresh` asks the store again, at most once per
 * `retry`: it is old only while the store does not respond. Why not lru-cache: docs/decisions/0013-redirect-parses-by-hand.md.
 *
 * @example
 * const links = createLookupCache({ load: catalog.link, now: Date.now });
 * const link = await links.get('k3x9');
 */
export function createLookupCache<Value>({
  load,
  now,
  fresh = 60_000,
  stale = 300_000,
  patience,
  negative = 5_000,
  retry = 1_000,
  limit = 20_000,
  missingLimit = 1_000,
}: LookupCacheOptions<Value>): LookupCache<Value> {
  const values = new Map<string, Entry<Value>>();
  const missing = new Map<string, Entry<Value>>();
  const loading = new Map<string, Promise<Entry<Value>>>();

  function keep(key: string, entry: Entry<Value>): Entry<Value> {
    values.delete(key);
    missing.delete(key);
    const [entries, most] = entry.value === undefined ? [missing, missingLimit] : [values, limit];
    entries.set(key, entry);
    if (entries.size > most) entries.delete(entries.keys().next().value ?? key);
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
    const entry = values.get(key) ?? missing.get(key);
    if (entry === undefined) return (await refreshOnce(key, undefined)).value;
    const age = now() - entry.loadedAt;
    if (age < (entry.value === undefined ? negative : fresh) || now() < entry.retryAt) return entry.value;
    const refreshed = refreshOnce(key, entry);
    if (entry.value === undefined) return (await refreshed).value;
    if (age >= fresh + stale) return (await withinPatience(key, entry, refreshed)).value;
    return entry.value;
  }

  /** Returns the refreshed entry, or the old one if the store is late. The refresh continues. */
  async function withinPatience(key: string, old: Entry<Value>, refreshed: Promise<Entry<Value>>) {
    if (patience === undefined) return refreshed;
    const { promise: late, resolve } = Promise.withResolvers<Entry<Value>>();
    const timer = setTimeout(() => resolve(postpone(key, old)), patience);
    const entry = await Promise.race([refreshed, late]);
    clearTimeout(timer);
    return entry;
  }

  /** Keeps further requests for this key from waiting for the same refresh. */
  function postpone(key: string, old: Entry<Value>): Entry<Value> {
    return values.get(key) === old ? keep(key, { ...old, retryAt: now() + retry }) : old;
  }

  async function settled(): Promise<void> {
    if (loading.size > 0) await Promise.allSettled(loading.values());
  }

  return { get, settled };
}

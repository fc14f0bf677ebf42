import { z } from 'zod';
import { recentLimits, type StoredEvent, storedEventSchema } from '#schemas/api/recent-events.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { isLive, toItem } from '../dynamodb/items.ts';
import { createTable, type TableOptions } from '../dynamodb/table.ts';
import { cacheKeys } from './cache-keys.ts';

/** The last events of pages that somebody looks at. Every function may throw {@link StoreUnavailable}. */
export interface RecentEventsStore {
  /** Asks for the events of a page, until the end of the next minute. */
  watch: (page: string) => Promise<void>;
  /** Returns the pages whose events are asked for. */
  watched: () => Promise<Set<string>>;
  /** Replaces the events that this process has seen of a page. */
  put: (page: string, events: readonly StoredEvent[]) => Promise<void>;
  /** Returns the events of a page, newest first. */
  read: (page: string) => Promise<StoredEvent[]>;
}

export interface RecentEventsOptions extends TableOptions {
  now: () => number;
  /** Names this process. */
  process: string;
}

const minute = 60_000;

/** Pages that one process remembers to have asked for in this minute. */
const pagesRemembered = 10_000;

/**
 * Each process of enrich has an item for each watched page, and replaces it: however many events there are, a page takes a
 * few kilobytes for each process, and a batch one write.
 */
export function createRecentEvents(options: RecentEventsOptions): RecentEventsStore {
  const { now, process } = options;
  const table = createTable(options);
  const marked = new Map<string, string>();

  return {
    watch: async (page) => {
      const present = minuteOf(now());
      if (marked.get(page) === present) return;
      for (const at of [now(), now() + minute]) {
        const expires = { [expiryAttribute]: Math.ceil((at + 2 * minute) / 1000) };
        await table.put(toItem({ ...cacheKeys.watch(minuteOf(at), page), ...expires }));
      }
      if (marked.size >= pagesRemembered) marked.clear();
      marked.set(page, present);
    },
    watched: async () => {
      const { pk, sk: prefix } = cacheKeys.watch(minuteOf(now()), '');
      const items = await table.query({ pk, prefix }, { consistent: false });
      return new Set(items.map(({ sk }) => sk?.S?.slice(prefix.length) ?? ''));
    },
    put: async (page, events) => {
      const expires = { [expiryAttribute]: Math.ceil((now() + recentLimits.age) / 1000) };
      await table.put(toItem({ ...cacheKeys.recent(page, process), events: JSON.stringify(events), ...expires }));
    },
    read: async (page) => {
      const { pk } = cacheKeys.recent(page, '');
      const items = await table.query({ pk }, { consistent: false });
      const texts = items.filter((item) => isLive(item, now())).flatMap(({ events }) => events?.S ?? []);
      const events = texts.flatMap((text) => storedEvents.parse(JSON.parse(text)));
      // Two processes have an event that the queue delivered twice.
      const arrivals = new Map(events.map((event) => [`${event.id} ${event.receivedAt}`, event]));
      return [...arrivals.values()]
        .filter(({ receivedAt }) => receivedAt > now() - recentLimits.age)
        .sort((a, b) => b.receivedAt - a.receivedAt)
        .slice(0, recentLimits.events);
    },
  };
}

/** Items of another version, for the ten minutes after an update, are left out. */
const storedEvents = z.array(storedEventSchema).catch([]);

/** `2026-11-22T07:05` */
function minuteOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

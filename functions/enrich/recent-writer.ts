import type { Enriched } from '#core/enrich/enrich-event.ts';
import { toRecentEvent } from '#core/enrich/recent-event.ts';
import { recentLimits, type StoredEvent } from '#schemas/api/recent-events.ts';
import type { RecentEventsStore } from '#stores/cache/recent-events.ts';

export interface RecentWriterOptions {
  /** With short timeouts: a batch waits for it. */
  store: Pick<RecentEventsStore, 'watched' | 'put'>;
  /** Milliseconds since the epoch. */
  now: () => number;
  warn: (message: string, cause: unknown) => void;
}

/** Pages of a batch whose events are shown. With more, those who watch the others see fewer events. */
const mostPages = 20;

/** Milliseconds for which the list of watched pages is used, and in which nothing is shown after a failure. */
const watchedFor = 2_000;
const pause = 10_000;

/**
 * Returns a function that shows the events of a batch to those who watch their pages. It never rejects: the counts don't
 * depend on it. Without a watched page, it costs one small read every 2 seconds.
 */
export function createRecentWriter({ store, now, warn }: RecentWriterOptions) {
  const seen = new Map<string, StoredEvent[]>();
  let watched: ReadonlySet<string> = new Set();
  let readAgainAt = 0;
  let resumeAt = 0;

  async function findWatched(): Promise<ReadonlySet<string>> {
    if (now() < readAgainAt) return watched;
    watched = await store.watched();
    readAgainAt = now() + watchedFor;
    for (const page of seen.keys()) if (!watched.has(page)) seen.delete(page);
    return watched;
  }

  function add(page: string, batch: readonly Enriched[]): StoredEvent[] {
    const newest = batch.toSorted((a, b) => b.row.received_at - a.row.received_at).slice(0, recentLimits.events);
    const events = [...newest.map(toRecentEvent), ...(seen.get(page) ?? [])].slice(0, recentLimits.events);
    seen.set(page, events);
    return events;
  }

  return async (enriched: readonly Enriched[]): Promise<void> => {
    if (now() < resumeAt) return;
    try {
      const pages = await findWatched();
      if (pages.size === 0) return;
      const shown = enriched.filter(({ row }) => row.page_path !== null && pages.has(row.page_path));
      const byPage = [...Map.groupBy(shown, ({ row }) => row.page_path ?? '')].slice(0, mostPages);
      await Promise.all(byPage.map(([page, batch]) => store.put(page, add(page, batch))));
    } catch (error) {
      resumeAt = now() + pause;
      warn('recent events were not shown', error);
    }
  };
}

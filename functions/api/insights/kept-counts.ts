import { addDays } from '#core/ledger/time-range.ts';
import { lowCoverage, type Retention } from '#schemas/api/insights/retention.ts';
import type { Page } from '#schemas/catalog.ts';
import type { CachedResponse, ResponseCache } from '#stores/cache/response-cache.ts';
import type { Progress } from '../reports/progress.ts';

/** Counts of the lake, with how far it had settled in milliseconds since the epoch. */
interface Settled {
  settledThrough: number;
}

export interface KeptCounts<T> {
  counts: T;
  /** Milliseconds since the epoch. */
  at: number;
  /** Why older counts are shown. */
  error: string | undefined;
}

/**
 * Returns counts of the lake: from the cache until the next hour settles, and while the lake fails the last ones.
 * @throws {StoreUnavailable} if the lake cannot be read, and has not been within 24 hours
 */
export async function readKeptCounts<T extends Settled>(
  cache: ResponseCache<T>,
  { key, progress, refresh, query }: { key: unknown; progress: Progress; refresh: boolean; query: () => Promise<T> },
): Promise<KeptCounts<T>> {
  let kept: CachedResponse<T> | undefined;
  const { value, at } = await cache({
    key,
    isCurrent: ({ settledThrough }) => settledThrough === progress.settled,
    refresh,
    compute: async (earlier) => {
      try {
        return { value: await query(), complete: true };
      } catch (error) {
        kept = await earlier();
        if (kept === undefined) throw error;
        return { value: kept.value, complete: false };
      }
    },
  });
  if (kept === undefined) return { counts: value, at, error: undefined };
  const asOf = new Date(kept.at).toISOString();
  return { counts: value, at: kept.at, error: `Temporarily unavailable. Showing the data of ${asOf}.` };
}

/** An event may arrive this many days after it happened, also if its page is younger. */
const lateDays = 31;

/** Returns the first date that may have events of a page. */
export function firstEventDate({ createdAt }: Pick<Page, 'createdAt'>): string {
  return addDays(createdAt.slice(0, 10), -lateDays);
}

/** Says where a part comes from. */
export function toSource({ at, error }: KeptCounts<unknown>) {
  return { source: 'lake' as const, asOf: new Date(at).toISOString(), stale: error !== undefined };
}

/** @param ofPeople false for visits, most of which have a session */
export function toCoverage(counted: number, withId: number, ofPeople = true): Retention['coverage'] {
  const share = counted === 0 ? null : withId / counted;
  return { counted, withId, share, low: ofPeople && share !== null && share < lowCoverage };
}

export const emptyCoverage: Retention['coverage'] = { counted: 0, withId: 0, share: null, low: false };

/** Why there is nothing to show. */
export const unavailable = {
  'identities-off': {
    reason: 'identities-off',
    message:
      'This page keeps no ids of people, and visitors are anonymous from one day to the next. Let it keep ids of people in its settings, and visitors who agree can be recognized when they come back.',
  },
  'no-ids-yet': {
    reason: 'no-ids-yet',
    message: 'No settled event has the id of a person yet. An event settles within about an hour and a half.',
  },
  'not-settled': { reason: 'not-settled', message: 'No hour has settled yet. The first one settles within two hours.' },
} as const satisfies Record<string, NonNullable<Retention['unavailable']>>;

import type { Stats } from '#schemas/api.ts';
import type { StatsStore } from '#stores/stats.ts';

/** How far the jobs have come; milliseconds since the epoch. */
export interface Progress {
  received: number | undefined;
  settled: number | undefined;
  freshness: Stats['freshness'];
  errors: Stats['errors'];
}

const isoOf = (epochMs: number | undefined): string | null =>
  epochMs === undefined ? null : new Date(epochMs).toISOString();

/** An answer without it is still an answer, and says so. */
export const readProgress = async (
  store: Pick<StatsStore, 'receivedThrough' | 'settledThrough'>,
  now: number,
): Promise<Progress> => {
  const results = await Promise.allSettled([store.receivedThrough(), store.settledThrough()]);
  const [received, settled] = results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
  return {
    received,
    settled,
    freshness: { hot: new Date(now).toISOString(), settledThrough: isoOf(settled), receivedThrough: isoOf(received) },
    errors: results.some(({ status }) => status === 'rejected')
      ? [{ part: 'freshness', message: 'How far the counts have come cannot be read at the moment.' }]
      : [],
  };
};

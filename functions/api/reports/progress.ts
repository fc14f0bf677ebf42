import type { Stats } from '#schemas/api.ts';
import type { StatsStore } from '#stores/counters/stats.ts';

/** How far the jobs have come; milliseconds since the epoch. */
export interface Progress {
  received: number | undefined;
  settled: number | undefined;
  /** False where nobody can say: then what is settled is not nothing, it is not known. */
  settledKnown: boolean;
  freshness: Stats['freshness'];
  errors: Stats['errors'];
}

/** An answer without it is still an answer, and says so. */
export async function readProgress(
  store: Pick<StatsStore, 'receivedThrough' | 'settledThrough'>,
  now: number,
): Promise<Progress> {
  const results = await Promise.allSettled([store.receivedThrough(), store.settledThrough()]);
  const [received, settled] = results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
  return {
    received,
    settled,
    settledKnown: results[1].status === 'fulfilled',
    freshness: { hot: new Date(now).toISOString(), settledThrough: isoOf(settled), receivedThrough: isoOf(received) },
    errors: results.some(({ status }) => status === 'rejected')
      ? [{ part: 'freshness', message: 'How far the counts have come cannot be read at the moment.' }]
      : [],
  };
}

function isoOf(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}

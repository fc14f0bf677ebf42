import type { Stats } from '#schemas/api.ts';
import type { StatsStore } from '#stores/counters/stats.ts';

/** Watermarks of the jobs, in milliseconds since the epoch. */
export interface Progress {
  received: number | undefined;
  settled: number | undefined;
  /** False if the watermark could not be read: then it is unknown whether any date is settled. */
  settledKnown: boolean;
  freshness: Stats['freshness'];
  errors: Stats['errors'];
}

/** Reads the watermarks. Never throws: without them a response is valid, and reports an error. */
export async function readProgress(
  store: Pick<StatsStore, 'freshnessSeconds' | 'receivedThrough' | 'settleState'>,
  now: number,
): Promise<Progress> {
  const results = await Promise.allSettled([store.receivedThrough(), store.settleState()]);
  const received = results[0].status === 'fulfilled' ? results[0].value : undefined;
  const { through: settled, running } = results[1].status === 'fulfilled' ? results[1].value : noState;
  return {
    received,
    settled,
    settledKnown: results[1].status === 'fulfilled',
    freshness: {
      hot: new Date(now).toISOString(),
      seconds: store.freshnessSeconds,
      settledThrough: toIso(settled),
      receivedThrough: toIso(received),
      settling: running
        ? {
            unit: running.unit,
            done: running.done,
            total: running.total,
            startedAt: new Date(running.startedAt).toISOString(),
          }
        : null,
    },
    errors: results.some(({ status }) => status === 'rejected')
      ? [{ part: 'freshness', message: 'Temporarily unavailable: which hours are settled or fully received.' }]
      : [],
  };
}

const noState = { through: undefined, running: undefined };

function toIso(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}

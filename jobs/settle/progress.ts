import type { SettleProgress } from '#schemas/lake-jobs.ts';

/** Shows how far a settle has come while it runs. */
export interface ProgressReport {
  expect: (unit: SettleProgress['unit'], total: number) => Promise<void>;
  /** Counts a finished unit. */
  finish: (unit: SettleProgress['unit']) => Promise<void>;
  end: () => Promise<void>;
}

/** Between two writes. Units of a quiet stack take less. */
const pauseMilliseconds = 2_000;

export function createProgressReport(
  now: () => number,
  write: (progress: SettleProgress) => Promise<void>,
): ProgressReport {
  const startedAt = now();
  let progress: SettleProgress = { running: true, unit: 'hours', done: 0, total: 0, startedAt, at: startedAt };
  let writtenAt = Number.NEGATIVE_INFINITY;
  async function change(changes: Partial<SettleProgress>, always = false): Promise<void> {
    progress = { ...progress, ...changes, at: now() };
    if (!always && progress.at < writtenAt + pauseMilliseconds) return;
    writtenAt = progress.at;
    await write(progress);
  }
  return {
    expect: (unit, total) => change({ unit, done: 0, total }, total > 0),
    finish: async (unit) => {
      if (unit !== progress.unit) return;
      const done = progress.done + 1;
      await change({ done, total: Math.max(done, progress.total) });
    },
    end: () => change({ running: false }, true),
  };
}

import { ulidOf } from '#core/ulid.ts';
import type { PullJob, PullRequest } from '#schemas/history/pull.ts';
import { createSource } from './create-source.ts';
import { beginProgress } from './source.ts';

export interface NewPullOptions {
  page: string;
  request: PullRequest;
  dryRun: boolean;
  /** Milliseconds since the epoch. */
  now: number;
  random: (bytes: number) => Uint8Array;
}

/** No links are imported yet. */
export const noLinks: PullJob['imported'] = {
  parts: 0,
  counts: { rows: 0, accepted: 0, repeated: 0, refused: 0 },
};

/** Returns a pull that has asked nothing yet. */
export function newPull({ page, request, dryRun, now, random }: NewPullOptions): PullJob {
  return {
    kind: 'pull',
    id: ulidOf(now, random(16)),
    page,
    request,
    createdAt: new Date(now).toISOString(),
    state: 'running',
    dryRun,
    reason: null,
    wakeAt: null,
    progress: beginProgress(createSource(request, now)),
    isPulled: false,
    parts: { links: 0, rows: 0, packed: 0 },
    imported: noLinks,
    importId: ulidOf(now, random(16)),
    isImported: false,
    movedAt: now,
    version: 0,
  };
}

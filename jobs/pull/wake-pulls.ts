import type { PullDeps } from './deps.ts';

/** A run ends after 15 minutes, and is tried twice more: a pull that has not moved for longer has no run. */
export const longestPause = 20 * 60_000;

/**
 * Starts the pulls whose wait is over, and those whose run has died. Deletes tokens that are too old.
 * @returns how many were started
 */
export async function wakePulls(deps: Pick<PullDeps, 'pulls' | 'continueLater'>, now: number): Promise<number> {
  let woken = 0;
  for (const id of await deps.pulls.active()) {
    const pull = await deps.pulls.get(id);
    const isDue =
      pull !== undefined &&
      ((pull.state === 'waiting' && (pull.wakeAt ?? 0) <= now) ||
        (pull.state === 'running' && now - pull.movedAt > longestPause));
    if (isDue) {
      await deps.continueLater(id);
      woken += 1;
    } else if (pull === undefined || (await deps.pulls.token(id)) === undefined) await deps.pulls.deleteToken(id);
  }
  return woken;
}

import { ownerOf } from '#jobs/alert-run.ts';
import type { Page } from '#schemas/catalog.ts';

/** Milliseconds that destination checks may take. */
export interface CheckLimits {
  run: number;
  /** From the first check of an agency, or of a page without one. */
  owner: number;
  page: number;
}

/** Returns when the checks of a page must end. Slow destinations of one owner must not hold up the mails of others. */
export function createCheckBudget(now: () => number, limits: CheckLimits): (page: Page) => number {
  const endOfRun = now() + limits.run;
  const ends = new Map<string, number>();
  return (page) => {
    const owner = ownerOf(page);
    const endOfOwner = ends.get(owner) ?? now() + limits.owner;
    ends.set(owner, endOfOwner);
    return Math.min(endOfRun, endOfOwner, now() + limits.page);
  };
}

import type { AlertState } from '#core/detect/alert-state.ts';
import { boundFalseDiscoveries } from '#core/detect/false-discovery.ts';
import type { Judgement } from '#core/detect/judgement.ts';

export interface OwnedJudgement {
  /** Agency of the page, or the page itself: one reader of alerts. */
  owner: string;
  state: AlertState;
  judgement: Judgement;
}

/**
 * Judgements of one metric and run, bounded for each owner: an agency with 500 pages has a quiet day when it is quiet.
 * An alert that is already open is not judged among the others again: it ends when its page is quiet by itself.
 */
export function boundByOwner<T extends OwnedJudgement>(judged: readonly T[]): T[] {
  const bounded = new Map<T, Judgement>();
  for (const group of Map.groupBy(judged, ({ owner }) => owner).values()) {
    const judgements = boundFalseDiscoveries(group.map(({ judgement }) => judgement));
    group.forEach((each, index) => bounded.set(each, judgements[index] ?? each.judgement));
  }
  return judged.map((each) => {
    const continues = each.state.kind === 'open' && each.judgement.kind === 'alert';
    return continues ? each : { ...each, judgement: bounded.get(each) ?? each.judgement };
  });
}

import type { AlertState } from '#core/detect/alert-state.ts';
import { boundFalseDiscoveries } from '#core/detect/false-discovery.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';

export interface OwnedEvaluation {
  /** Agency of the page, or the page itself: one reader of alerts. */
  owner: string;
  state: AlertState;
  evaluation: Evaluation;
}

/**
 * Evaluations of one metric and run, bounded for each owner: an agency with 500 pages has a quiet day when it is quiet.
 * An alert that is already open is not evaluated among the others again: it ends when its page is quiet by itself.
 */
export function boundByOwner<T extends OwnedEvaluation>(evaluated: readonly T[]): T[] {
  const bounded = new Map<T, Evaluation>();
  for (const group of Map.groupBy(evaluated, ({ owner }) => owner).values()) {
    const evaluations = boundFalseDiscoveries(group.map(({ evaluation }) => evaluation));
    group.forEach((each, index) => bounded.set(each, evaluations[index] ?? each.evaluation));
  }
  return evaluated.map((each) => {
    const continues = each.state.kind === 'open' && each.evaluation.kind === 'alert';
    return continues ? each : { ...each, evaluation: bounded.get(each) ?? each.evaluation };
  });
}

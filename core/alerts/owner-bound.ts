import type { AlertState } from '#core/detect/alert-state.ts';
import { boundFalseDiscoveries } from '#core/detect/false-discovery.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';

export interface OwnedEvaluation {
  /** Agency of the page, or the page itself. */
  owner: string;
  state: AlertState;
  evaluation: Evaluation;
}

/**
 * Bounds false discoveries among the evaluations of one metric and run, for each owner. An alert that is already open is
 * left out: it ends when its page is usual again.
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

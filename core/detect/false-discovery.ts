import type { Evaluation } from './evaluation.ts';

/** Share of the alerts of one owner and day that may be chance. */
export const falseDiscoveryRate = 0.1;

/**
 * Bounds the share of false alerts among the pages of one owner that were evaluated together: an alert that only chance
 * among many pages explains turns quiet. One page alone is evaluated as it was.
 */
export function boundFalseDiscoveries(evaluations: readonly Evaluation[], rate = falseDiscoveryRate): Evaluation[] {
  const evaluated = evaluations.filter(({ kind }) => kind !== 'skipped');
  if (evaluated.length <= 1) return [...evaluations];
  const accepted = acceptedProbability(evaluated.map(twoSided), rate);
  return evaluations.map((evaluation) => {
    if (evaluation.kind !== 'alert' || twoSided(evaluation) <= accepted) return evaluation;
    const { expected, actual, usual, score, probability } = evaluation;
    return { kind: 'not-significant', reason: 'false-discovery-bound', expected, actual, usual, score, probability };
  });
}

/** The largest probability that Benjamini and Hochberg (1995) accept among these; 0 when none. */
export function acceptedProbability(probabilities: readonly number[], rate: number): number {
  return probabilities
    .toSorted((a, b) => a - b)
    .reduce(
      (accepted, probability, index) =>
        probability <= (rate * (index + 1)) / probabilities.length ? probability : accepted,
      0,
    );
}

/** Both directions are looked at, so a probability of one counts twice. */
function twoSided(evaluation: Evaluation): number {
  return evaluation.kind === 'skipped' ? 1 : Math.min(1, 2 * evaluation.probability);
}

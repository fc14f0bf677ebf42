import type { Evaluation } from './evaluation.ts';

/** Accepted share of false alerts per owner and day. */
export const falseDiscoveryRate = 0.1;

/**
 * Bounds the share of false alerts among the pages of one owner: an alert that chance among many pages explains becomes
 * `not-significant`. A single page is not affected.
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

/** Returns the largest accepted probability after Benjamini and Hochberg (1995), 0 if none. */
export function acceptedProbability(probabilities: readonly number[], rate: number): number {
  return probabilities
    .toSorted((a, b) => a - b)
    .reduce(
      (accepted, probability, index) =>
        probability <= (rate * (index + 1)) / probabilities.length ? probability : accepted,
      0,
    );
}

/** Doubles the one-sided probability, because both directions are tested. */
function twoSided(evaluation: Evaluation): number {
  return evaluation.kind === 'skipped' ? 1 : Math.min(1, 2 * evaluation.probability);
}

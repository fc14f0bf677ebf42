import type { Judgement } from './judgement.ts';

/** Share of the alerts of one owner and day that may be chance. */
export const falseDiscoveryRate = 0.1;

/**
 * Bounds the share of false alerts among the pages of one owner that were judged together: an alert that only chance
 * among many pages explains turns quiet. One page alone is judged as it was.
 */
export function boundFalseDiscoveries(judgements: readonly Judgement[], rate = falseDiscoveryRate): Judgement[] {
  const judged = judgements.filter(({ kind }) => kind !== 'skipped');
  if (judged.length <= 1) return [...judgements];
  const accepted = acceptedProbability(judged.map(twoSided), rate);
  return judgements.map((judgement) => {
    if (judgement.kind !== 'alert' || twoSided(judgement) <= accepted) return judgement;
    const { expected, actual, usual, score, probability } = judgement;
    return { kind: 'quiet', reason: 'false-discovery-bound', expected, actual, usual, score, probability };
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
function twoSided(judgement: Judgement): number {
  return judgement.kind === 'skipped' ? 1 : Math.min(1, 2 * judgement.probability);
}

import { outcomeOfRule } from '#schemas/log-lines.ts';
import { addOutcomes, emptyOutcomes, type OutcomeCounts } from './outcomes.ts';

/** Refused requests that were counted and not kept as events, by rule: `{ 'refused.origin': 4940 }`. */
export type RefusedCounts = Readonly<Record<string, number>>;

export function sumRefused(counts: RefusedCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export function addRefused(all: readonly RefusedCounts[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [rule, count] of Object.entries(counts)) sums[rule] = (sums[rule] ?? 0) + count;
  return sums;
}

/** Returns the outcomes of events and of the requests that were only counted. */
export function withRefused(outcomes: OutcomeCounts, refused: RefusedCounts): OutcomeCounts {
  const counted = emptyOutcomes();
  for (const [rule, count] of Object.entries(refused)) counted[outcomeOfRule(rule)] += count;
  return addOutcomes(outcomes, counted);
}

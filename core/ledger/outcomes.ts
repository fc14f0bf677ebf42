import { type Outcome, outcomes } from '#schemas/event.ts';
import { outcomeAttribute } from '#schemas/counters.ts';

/** Events by outcome, including zeros. */
export type OutcomeCounts = Record<Outcome, number>;

/** Numbers of an hourly item by attribute name. */
export type Numbers = Readonly<Record<string, number>>;

/** Returns the final counters of a settled hour, or else the hot ones. A mix would count reclassified events twice. */
export function pickNumbers(item: { hot: Numbers; final: Numbers | undefined }): Numbers {
  return item.final ?? item.hot;
}

/** Adds up numbers by attribute name. */
export function addNumbers(all: readonly Numbers[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const numbers of all)
    for (const [name, value] of Object.entries(numbers)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

/** Returns the outcomes of an item. `counted` is the sum of the three event types. */
export function readOutcomes(numbers: Numbers): OutcomeCounts {
  const counts = emptyOutcomes();
  counts.counted = (numbers['views'] ?? 0) + (numbers['clicks'] ?? 0) + (numbers['customs'] ?? 0);
  for (const outcome of outcomes) if (outcome !== 'counted') counts[outcome] = numbers[outcomeAttribute(outcome)] ?? 0;
  return counts;
}

export function emptyOutcomes(): OutcomeCounts {
  return {
    counted: 0,
    bot: 0,
    preview: 0,
    prefetch: 0,
    head: 0,
    duplicate: 0,
    disabled: 0,
    expired: 0,
    refused: 0,
    failed: 0,
    identify: 0,
  };
}

export function sumOutcomes(counts: OutcomeCounts): number {
  return outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
}

export function addOutcomes(a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts {
  const sum = emptyOutcomes();
  for (const outcome of outcomes) sum[outcome] = a[outcome] + b[outcome];
  return sum;
}

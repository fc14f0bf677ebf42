import type { KillPlan } from './functions/pool.ts';
import { createRandom, shuffle } from './random.ts';

/** Probabilities in [0, 1] of what may go wrong; all are 0 unless a test says otherwise. */
export interface FaultRates {
  seed: number;
  /** A message is delivered in this batch and once more in a later one. */
  duplicate: number;
  /** A batch is split and mixed anew before it is delivered. */
  regroup: number;
  /** Messages of a batch are delivered in another order. */
  shuffle: number;
  /** An invocation's worker is killed, by function logical name prefix: `{ Enrich: 0.1 }`. */
  kill: Readonly<Record<string, number>>;
  /** Share of kills that fall between a streaming function's answer and what it would do after it; the rest are random. */
  killAtAnswer: number;
  /** Longest delay of a random kill, in milliseconds. */
  killWithinMs: number;
}

export const noFaults: FaultRates = {
  seed: 1,
  duplicate: 0,
  regroup: 0,
  shuffle: 0,
  kill: {},
  killAtAnswer: 0,
  killWithinMs: 200,
};

export interface Faults {
  rates: FaultRates;
  /** How often each has happened. */
  counts: { duplicated: number; regrouped: number; shuffled: number; killed: Record<string, number> };
  planKill: (functionName: string) => KillPlan | undefined;
  /** What the poller delivers instead of a batch: the batches in order, and messages held for a later one. */
  disturb: <T>(batch: readonly T[], held: T[]) => T[][];
}

export function createFaults(rates: FaultRates): Faults {
  const random = createRandom(rates.seed);
  const counts: Faults['counts'] = { duplicated: 0, regrouped: 0, shuffled: 0, killed: {} };
  function happens(probability: number): boolean {
    return probability > 0 && random() < probability;
  }

  const faults: Faults = {
    rates,
    counts,
    planKill: (functionName) => {
      const [name, probability] = Object.entries(faults.rates.kill).find(([each]) => functionName.includes(each)) ?? [];
      if (name === undefined || !happens(probability ?? 0)) return undefined;
      counts.killed[name] = (counts.killed[name] ?? 0) + 1;
      if (happens(faults.rates.killAtAnswer)) return { at: 'answer' };
      return { at: 'delay', ms: Math.floor(random() * faults.rates.killWithinMs) };
    },
    disturb: (batch, held) => {
      const again = held.splice(0);
      const duplicates = batch.filter(() => happens(faults.rates.duplicate));
      counts.duplicated += duplicates.length;
      held.push(...duplicates);
      let messages = [...batch, ...again];
      if (happens(faults.rates.shuffle)) {
        counts.shuffled += 1;
        messages = shuffle(messages, random);
      }
      if (messages.length < 2 || !happens(faults.rates.regroup)) return [messages];
      counts.regrouped += 1;
      const cut = 1 + Math.floor(random() * (messages.length - 1));
      return [messages.slice(0, cut), messages.slice(cut)];
    },
  };
  return faults;
}

import type { HourDelta } from './count-events.ts';

/** One update of one item: a whole delta, or a part of one that is too large for one update. */
export type Step = HourDelta;

/** An UpdateExpression has at most 300 operators. One sets the expiry, and one is spare. */
export const maxNumbersPerUpdate = 298;

/** DynamoDB's limit of actions in a transaction. */
export const maxActions = 100;

/** How the deltas of some files are written. */
export interface GroupPlan {
  /** Updates in the transaction that claims the files. */
  first: Step[];
  /** Updates of each later transaction, which the first one stores. */
  later: Step[][];
}

/**
 * Plans the transactions of a group of files. The first has one action per file, one per later transaction, and updates in
 * the rest; each later one has a marker and updates. Returns undefined if the first needs more than `most` actions.
 */
export function planGroup(deltas: readonly HourDelta[], files: number, most = maxActions): GroupPlan | undefined {
  const steps = deltas.flatMap(split);
  const fewest = Math.max(0, Math.ceil((steps.length + files - most) / (most - 2)));
  for (let count = fewest; files + count <= most; count++) {
    const { chunk: first, rest } = takeChunk(steps, most - files - count);
    const later = chunksOf(rest, most - 1);
    if (later.length === count) return { first, later };
  }
  return undefined;
}

function split(delta: HourDelta): Step[] {
  const numbers = Object.entries(delta.add);
  if (numbers.length <= maxNumbersPerUpdate) return [delta];
  return Array.from({ length: Math.ceil(numbers.length / maxNumbersPerUpdate) }, (_, part) => ({
    ...delta,
    add: Object.fromEntries(numbers.slice(part * maxNumbersPerUpdate, (part + 1) * maxNumbersPerUpdate)),
  }));
}

function chunksOf(steps: readonly Step[], size: number): Step[][] {
  const chunks: Step[][] = [];
  for (let left = steps; left.length > 0; ) {
    const { chunk, rest } = takeChunk(left, size);
    chunks.push(chunk);
    left = rest;
  }
  return chunks;
}

/** A transaction may update an item only once, so a second part of an item waits for the next transaction. */
function takeChunk(steps: readonly Step[], size: number): { chunk: Step[]; rest: Step[] } {
  const chunk: Step[] = [];
  const rest: Step[] = [];
  let last: Step | undefined;
  for (const step of steps) {
    // Parts of one item are adjacent.
    const again = last !== undefined && last.entity === step.entity && last.hour === step.hour;
    if (chunk.length < size && !again) {
      chunk.push(step);
      last = step;
    } else {
      rest.push(step);
    }
  }
  return { chunk, rest };
}

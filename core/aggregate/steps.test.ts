import { describe, expect, it } from 'vitest';
import type { HourDelta } from './count-events.ts';
import { maxActions, maxNumbersPerUpdate, planGroup } from './steps.ts';

function createDeltas(count: number, numbers = 1): HourDelta[] {
  return Array.from({ length: count }, (_, at) => ({
    entity: `link#${String(at).padStart(5, '0')}`,
    hour: '2026-11-22T07+01:00',
    add: Object.fromEntries(Array.from({ length: numbers }, (_, name) => [`c.${name}`, 1])),
  }));
}

describe('the plan of a group', () => {
  it.each([
    // [deltas, files, updates of the first transaction, of the later ones]
    [0, 1, 0, []],
    [99, 1, 99, []],
    [100, 1, 98, [2]],
    [197, 1, 98, [99]],
    [198, 1, 97, [99, 2]],
    [25, 75, 25, []],
    [26, 75, 24, [2]],
    [2475, 75, 0, Array(25).fill(99)],
    [9801, 1, 0, Array(99).fill(99)],
  ])('of %i deltas of %i files', (deltas, files, first, later) => {
    const plan = planGroup(createDeltas(deltas), files);
    expect(plan?.first).toHaveLength(first);
    expect(plan?.later.map((steps) => steps.length)).toEqual(later);
  });

  it.each([
    [2476, 75],
    [9802, 1],
    [1, 100],
    [0, 101],
  ])('does not exist for %i deltas of %i files', (deltas, files) => {
    expect(planGroup(createDeltas(deltas), files)).toBeUndefined();
  });

  it('updates an item with more numbers than an update takes in several transactions, and loses none', () => {
    const deltas = createDeltas(40, 2 * maxNumbersPerUpdate + 1);
    const plan = planGroup(deltas, 3);
    const transactions = [plan?.first ?? [], ...(plan?.later ?? [])];
    for (const steps of transactions) expect(new Set(steps.map(({ entity }) => entity)).size).toBe(steps.length);
    const numbers = transactions.flat().flatMap(({ add }) => Object.keys(add));
    expect(numbers).toHaveLength(40 * (2 * maxNumbersPerUpdate + 1));
    for (const steps of plan?.later ?? []) expect(steps.length).toBeLessThan(maxActions);
  });
});

import { expect, it } from 'vitest';
import { createFaults, type FaultOptions, type Faults, noFaults } from './faults.ts';
import type { KillPoint } from './functions/kill-points.ts';

const points: KillPoint[] = ['received', 'before PutObject', 'after PutObject', 'handled'];
const options: FaultOptions = {
  ...noFaults,
  seed: 9,
  duplicate: 0.3,
  regroup: 0.5,
  shuffle: 0.5,
  kills: { Enrich: { points, spare: 20 } },
};
const batch = Array.from({ length: 20 }, (_, index) => index);

function play() {
  const faults = createFaults(options);
  const held: number[] = [];
  const delivered = Array.from({ length: 10 }, () => faults.disturb(batch, held));
  const kills = Array.from({ length: 100 }, () => invoke(faults, () => true));
  return { delivered, kills, counts: faults.counts, held };
}

function invoke(faults: Faults, reaches: (point: KillPoint) => boolean): KillPoint | undefined {
  const plan = faults.planKill('Hopcount-EnrichFunction');
  plan?.ended(reaches(plan.point));
  return plan?.point;
}

it('disturbs alike for one seed', () => {
  expect(play()).toEqual(play());
});

it('loses no message: each is delivered, and once more when it was duplicated', () => {
  const { delivered, counts, held } = play();
  expect(delivered.flat(2)).toHaveLength(10 * batch.length + counts.duplicated - held.length);
  for (const round of delivered) expect(new Set(round.flat())).toEqual(new Set(batch));
});

it('kills once at each point, in an order of the seed, and spares invocations between', () => {
  const { kills, counts } = play();
  expect(counts.killed['Enrich']?.toSorted()).toEqual(points.toSorted());
  expect(counts.killed['Enrich']).toEqual(kills.filter((point) => point !== undefined));
  const spared = kills
    .slice(
      0,
      kills.findLastIndex((point) => point !== undefined),
    )
    .filter((point) => !point);
  expect(spared.length).toBeGreaterThan(0);
});

it('plans a kill again until an invocation reaches its point', () => {
  const faults = createFaults({ ...noFaults, kills: { Enrich: { points: ['after PutObject'] } } });
  expect(invoke(faults, () => false)).toBe('after PutObject');
  expect(faults.killsLeft()).toBe(1);
  expect(invoke(faults, () => true)).toBe('after PutObject');
  expect(faults.killsLeft()).toBe(0);
  expect(invoke(faults, () => true)).toBeUndefined();
});

it('plans one kill of a function at a time, and none of another', () => {
  const faults = createFaults({ ...noFaults, kills: { Enrich: { points } } });
  expect(faults.planKill('Hopcount-RollupFunction')).toBeUndefined();
  expect(faults.planKill('Hopcount-EnrichFunction')).toBeDefined();
  expect(faults.planKill('Hopcount-EnrichFunction')).toBeUndefined();
});

it('kills at once where a test asks for it', () => {
  const faults = createFaults(options);
  faults.killNext('Enrich', 'after GetItem');
  expect(invoke(faults, () => true)).toBe('after GetItem');
  faults.killNext('Redirect', 'answered');
  expect(faults.planKill('Hopcount-RedirectFunction')?.point).toBe('answered');
});

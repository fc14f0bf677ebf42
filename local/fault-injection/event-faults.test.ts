import { expect, it } from 'vitest';
import { createEventFaults, type EventFaultOptions, type EventFaults, noEventFaults } from './event-faults.ts';
import type { KillPoint } from '../functions/kill-points.ts';

const points: KillPoint[] = ['received', 'before PutObject', 'after PutObject', 'handled'];
const options: EventFaultOptions = {
  ...noEventFaults,
  seed: 9,
  duplicate: 0.3,
  regroup: 0.5,
  shuffle: 0.5,
  kills: { Enrich: { points, spare: 20 } },
};
const batch = Array.from({ length: 20 }, (_, index) => index);

function play() {
  const eventFaults = createEventFaults(options);
  const held: number[] = [];
  const delivered = Array.from({ length: 10 }, () => eventFaults.disturb(batch, held));
  const kills = Array.from({ length: 100 }, () => invoke(eventFaults, () => true));
  return { delivered, kills, counts: eventFaults.counts, held };
}

function invoke(eventFaults: EventFaults, reaches: (point: KillPoint) => boolean): KillPoint | undefined {
  const plan = eventFaults.planKill('Hopcount-EnrichFunction');
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
  const eventFaults = createEventFaults({ ...noEventFaults, kills: { Enrich: { points: ['after PutObject'] } } });
  expect(invoke(eventFaults, () => false)).toBe('after PutObject');
  expect(eventFaults.killsLeft()).toBe(1);
  expect(invoke(eventFaults, () => true)).toBe('after PutObject');
  expect(eventFaults.killsLeft()).toBe(0);
  expect(invoke(eventFaults, () => true)).toBeUndefined();
});

it('plans one kill of a function at a time, and none of another', () => {
  const eventFaults = createEventFaults({ ...noEventFaults, kills: { Enrich: { points } } });
  expect(eventFaults.planKill('Hopcount-RollupFunction')).toBeUndefined();
  expect(eventFaults.planKill('Hopcount-EnrichFunction')).toBeDefined();
  expect(eventFaults.planKill('Hopcount-EnrichFunction')).toBeUndefined();
});

it('kills at once where a test asks for it', () => {
  const eventFaults = createEventFaults(options);
  eventFaults.killNext('Enrich', 'after GetItem');
  expect(invoke(eventFaults, () => true)).toBe('after GetItem');
  eventFaults.killNext('Redirect', 'answered');
  expect(eventFaults.planKill('Hopcount-RedirectFunction')?.point).toBe('answered');
});

import { expect, it } from 'vitest';
import { createFaults, noFaults } from './faults.ts';

const rates = { ...noFaults, seed: 9, duplicate: 0.3, regroup: 0.5, shuffle: 0.5, kill: { Enrich: 0.5 } };
const batch = Array.from({ length: 20 }, (_, index) => index);

function play() {
  const faults = createFaults(rates);
  const held: number[] = [];
  const delivered = Array.from({ length: 10 }, () => faults.disturb(batch, held));
  const kills = Array.from({ length: 10 }, () => faults.planKill('Hopcount-EnrichFunction'));
  return { delivered, kills, counts: faults.counts, held };
}

it('disturbs alike for one seed', () => {
  expect(play()).toEqual(play());
});

it('loses no message: each is delivered, and once more when it was duplicated', () => {
  const { delivered, counts, held } = play();
  expect(delivered.flat(2)).toHaveLength(10 * batch.length + counts.duplicated - held.length);
  for (const round of delivered) expect(new Set(round.flat())).toEqual(new Set(batch));
});

it('kills only whom it was told to', () => {
  const faults = createFaults({ ...rates, kill: { Enrich: 1 } });
  expect(faults.planKill('Hopcount-RollupFunction')).toBeUndefined();
  expect(faults.planKill('Hopcount-EnrichFunction')).toMatchObject({ at: 'delay' });
});

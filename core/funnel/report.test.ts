import { expect, it } from 'vitest';
import { buildFunnelSteps } from './report.ts';

function counts(...reached: readonly number[]) {
  return reached.map((count, at) => ({ step: at + 1, reached: count, open: 0, medianSeconds: at === 0 ? null : 30 }));
}

it('divides by the first and the previous step', () => {
  const steps = buildFunnelSteps(counts(8, 4, 1), { length: 3, smallest: 1 });
  expect(steps.map(({ ofFirst, ofPrevious, lost }) => [ofFirst, ofPrevious, lost])).toEqual([
    [1, 1, 4],
    [0.5, 0.5, 3],
    [0.125, 0.25, 0],
  ]);
});

it('has no rate of a step with 0, and shows missing steps as 0', () => {
  const steps = buildFunnelSteps([], { length: 2, smallest: 1 });
  expect(steps).toEqual([
    { step: 1, reached: 0, ofFirst: null, ofPrevious: null, open: 0, lost: 0, medianSeconds: null },
    { step: 2, reached: 0, ofFirst: null, ofPrevious: null, open: 0, lost: 0, medianSeconds: null },
  ]);
});

it('does not lose those who can still go on', () => {
  const open = counts(8, 4).map((count) => ({ ...count, open: 3 }));
  expect(buildFunnelSteps(open, { length: 2, smallest: 1 })[0]).toMatchObject({ open: 3, lost: 1 });
});

it('hides fewer than five people, and what would tell how many they are', () => {
  const [first, second, third] = buildFunnelSteps(counts(10, 5, 4), { length: 3, smallest: 5 });
  expect(first).toMatchObject({ reached: 10, lost: 5 });
  expect(second).toMatchObject({ reached: 5, ofFirst: 0.5, ofPrevious: 0.5, lost: null });
  expect(third).toEqual({
    step: 3,
    reached: '<5',
    ofFirst: null,
    ofPrevious: null,
    open: null,
    lost: null,
    medianSeconds: null,
  });
  const waiting = counts(10, 0).map((count) => ({ ...count, open: 4 }));
  expect(buildFunnelSteps(waiting, { length: 2, smallest: 5 })[0]).toMatchObject({ open: null, lost: null });
});

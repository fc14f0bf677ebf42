import { expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import { clickThroughRate, sharedClickThroughRate, shownRate } from './counters.ts';

it('is never above 100%, and unknown without views', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (views, clicks) => {
      const rate = clickThroughRate(views, clicks);
      if (views === 0) expect(rate).toBeNull();
      else expect(rate).toBe(Math.min(1, clicks / views));
    }),
  );
});

it.each([
  [0, 0, null],
  [0, 1, null],
  [10, 0, 0],
  [10, 40, 1],
  [10, 41, null],
  [1, 1_834, null],
])('of %i views and %i clicks is shown as %s', (views, clicks, rate) => {
  expect(shownRate({ views, clicks })).toBe(rate);
});

it.each([
  [
    'leaves out pages without views',
    [
      [0, 900],
      [50, 10],
    ],
    0.2,
  ],
  [
    'leaves out pages whose links are followed elsewhere',
    [
      [1, 1_834],
      [50, 10],
    ],
    0.2,
  ],
  [
    'is at most 100%',
    [
      [10, 40],
      [0, 5],
    ],
    1,
  ],
  [
    'is unknown if no page has views',
    [
      [0, 3],
      [0, 0],
    ],
    null,
  ],
  ['is unknown without pages', [], null],
] as const)('the rate of several pages %s', (_what, pages, rate) => {
  expect(sharedClickThroughRate(pages.map(([views, clicks]) => ({ views, clicks })))).toBe(rate);
});

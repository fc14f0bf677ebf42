import { describe, expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import { boundCells, cellNames, cellOfLink, linkCells, withoutCells } from './link-cells.ts';

describe('cells of links', () => {
  it('stay the same: stored counters depend on them', () => {
    expect(['', 'k3x9', 'k3x9~0a1B2c3D', 'spring~Zz9_-abc'].map(cellOfLink)).toMatchInlineSnapshot(`
      [
        197,
        166,
        101,
        213,
      ]
    `);
  });

  it('are bounded and evenly used', () => {
    const used = Array.from({ length: linkCells }, () => 0);
    for (let at = 0; at < 25_600; at++) {
      const cell = cellOfLink(`link-${at}~${(at * 7919).toString(36)}`);
      used[cell] = (used[cell] ?? 0) + 1;
    }
    expect(used).toHaveLength(linkCells);
    expect(Math.min(...used)).toBeGreaterThan(50);
    expect(Math.max(...used)).toBeLessThan(150);
  });

  it('bound the clicks of every link, however the hours were counted', () => {
    const hour = fc.record({
      clicks: fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 99 })),
      withCells: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(hour), (hours) => {
        const bounds = boundCells(hours.map(({ clicks, withCells }) => countersOf(clicks, withCells)));
        for (const id of new Set(hours.flatMap(({ clicks }) => Object.keys(clicks)))) {
          const total = hours.reduce((sum, { clicks }) => sum + (Object.hasOwn(clicks, id) ? (clicks[id] ?? 0) : 0), 0);
          expect(bounds[cellOfLink(id)]).toBeGreaterThanOrEqual(total);
        }
      }),
    );
  });

  it('are left out of settled dates, nothing else is', () => {
    expect(withoutCells({ k00: 1, kff: 2, kg0: 3, 'c.k0': 4, clicks: 5 })).toEqual({ kg0: 3, 'c.k0': 4, clicks: 5 });
  });
});

function countersOf(clicks: Readonly<Record<string, number>>, withCells: boolean): Record<string, number> {
  const counters: Record<string, number> = { clicks: 0 };
  for (const [id, count] of Object.entries(clicks)) {
    counters['clicks'] = (counters['clicks'] ?? 0) + count;
    const name = cellNames[cellOfLink(id)] ?? '';
    if (withCells) counters[name] = (counters[name] ?? 0) + count;
  }
  return counters;
}

import type { Numbers } from '#core/ledger/outcomes.ts';

/**
 * Clicks of a page's hour by link, in a bounded number of counters: each link belongs to one of 256 cells, and a cell counts
 * the clicks of all its links. So a cell is an upper bound of each link's clicks, which tells which links are worth reading.
 * It is one row of a count-min sketch (Cormode and Muthukrishnan, 2005).
 */
export const linkCells = 256;

/** Returns the cell of a link: bits of the 32-bit FNV-1a hash of its id. Stored counters depend on it. */
export function cellOfLink(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (linkCells - 1);
}

/** Names of the cells' counters: `k00` to `kff`. */
export const cellNames: readonly string[] = Array.from(
  { length: linkCells },
  (_, cell) => `k${cell.toString(16).padStart(2, '0')}`,
);

const cellPattern = /^k[0-9a-f]{2}$/;

/** A settled date has top lists instead. */
export function withoutCells(numbers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).filter(([name]) => !cellPattern.test(name)));
}

/**
 * Returns, for each cell, the most clicks that one of its links can have in some hours of a page. All clicks of an hour
 * without cells count for each: earlier versions wrote none.
 */
export function boundCells(hours: readonly Numbers[]): Float64Array {
  const bounds = new Float64Array(linkCells);
  for (const numbers of hours) {
    const clicks = numbers['clicks'] ?? 0;
    if (clicks === 0) continue;
    const counts = cellNames.map((name) => numbers[name] ?? 0);
    const known = counts.some((count) => count > 0);
    for (let cell = 0; cell < linkCells; cell++)
      bounds[cell] = (bounds[cell] ?? 0) + (known ? (counts[cell] ?? 0) : clicks);
  }
  return bounds;
}

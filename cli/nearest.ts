/** Returns the candidate that was probably meant: `typed` is its prefix or at most two edits away. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  const prefixed = candidates.filter((candidate) => typed.length > 1 && candidate.startsWith(typed));
  if (prefixed.length === 1) return prefixed[0];
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(typed, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.min(2, typed.length - 1) ? best.candidate : undefined;
}

/** Counts the edits from `a` to `b`: insertions, deletions, replacements and swaps of neighbors. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  function at(i: number, j: number): number {
    return rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  }
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const replace = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(replace, at(i - 1, j) + 1, at(i, j - 1) + 1, swapped ? at(i - 2, j - 2) + 1 : replace));
    }
  }
  return at(a.length, b.length);
}

/** Levels of nested JSON that the edge reads. To write a deeper value again could exceed the stack. */
export const jsonLevels = 100;

/** Returns whether a parsed value has more levels of objects and arrays. */
export function isDeeper(value: unknown, levels: number = jsonLevels): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const inner of Object.values(value)) if (typeof inner === 'object' && isDeeper(inner, levels - 1)) return true;
  return false;
}

import type { CachedResponse } from '#stores/cache/response-cache.ts';

/** A part of an answer: what was read, or what stands in for it, or null. */
export interface PartResult<T> {
  value: T | null;
  /** When it was read, in milliseconds since the epoch, where it is from an earlier answer. */
  at: number | undefined;
  /** What to tell, where it could not be read. */
  error: string | undefined;
}

/** Reads a part; where that fails, takes it from the last whole answer, at most 24 hours old. */
export async function readPart<T, Answer>(
  read: () => Promise<T>,
  earlier: () => Promise<CachedResponse<Answer> | undefined>,
  of: (answer: Answer) => T | null,
): Promise<PartResult<T>> {
  try {
    return { value: await read(), at: undefined, error: undefined };
  } catch {
    const kept = await earlier();
    const value = kept ? of(kept.value) : null;
    if (kept === undefined || value === null)
      return { value: null, at: undefined, error: 'Cannot be read at the moment.' };
    const at = new Date(kept.at).toISOString();
    return { value, at: kept.at, error: `Cannot be read at the moment; as it was at ${at}.` };
  }
}

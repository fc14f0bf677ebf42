import type { CachedResponse } from '#stores/cache/response-cache.ts';

/** A part of a response: fresh, stale or missing. */
export interface PartResult<T> {
  /** Null if missing. */
  value: T | null;
  /** When a stale part was read, in milliseconds since the epoch. */
  at: number | undefined;
  /** Message for the response, unless the part is fresh. */
  error: string | undefined;
}

/** Reads a part. If that fails, takes it from the last complete response, at most 24 hours old. */
export async function readPart<T, Response>(
  read: () => Promise<T>,
  earlier: () => Promise<CachedResponse<Response> | undefined>,
  of: (response: Response) => T | null,
): Promise<PartResult<T>> {
  try {
    return { value: await read(), at: undefined, error: undefined };
  } catch {
    const cached = await earlier();
    const value = cached ? of(cached.value) : null;
    if (cached === undefined || value === null)
      return { value: null, at: undefined, error: 'Temporarily unavailable.' };
    const at = new Date(cached.at).toISOString();
    return { value, at: cached.at, error: `Temporarily unavailable. Showing the data of ${at}.` };
  }
}

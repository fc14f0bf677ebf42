import { StoreUnavailable } from '../errors.ts';

interface RememberedOptions {
  /** What is read, for the error: `secret arn:…`. */
  what: string;
  read: () => Promise<string>;
  now: () => number;
  /** Milliseconds after which it is read again. */
  fresh: number;
}

/**
 * Reads a text and remembers it. While it cannot be read again, the last one stays valid.
 * @returns a function that throws {@link StoreUnavailable} only if the text was never read
 */
export function remember({ what, read, now, fresh }: RememberedOptions): () => Promise<string> {
  let known: { text: string; readAt: number } | undefined;
  return async () => {
    if (known !== undefined && now() - known.readAt < fresh) return known.text;
    try {
      known = { text: await read(), readAt: now() };
    } catch (cause) {
      if (known === undefined) throw new StoreUnavailable(`${what} could not be read`, { cause });
      known = { ...known, readAt: now() };
    }
    return known.text;
  };
}

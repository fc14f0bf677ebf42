import { seal, unseal } from '#core/seal.ts';

const purpose = 'hopcount pulls';

/** Encrypts the token of a pull. It opens for this pull only. @param iv 12 random bytes, never used twice */
export function sealToken(token: string, pull: string, { secret, iv }: { secret: string; iv: Uint8Array }): string {
  return seal(token, { secret, iv, purpose, context: pull });
}

/** Returns the token; undefined with another secret, or of another pull. */
export function openToken(sealed: string, pull: string, secret: string): string | undefined {
  try {
    return unseal(sealed, { secret, purpose, context: pull });
  } catch {
    return undefined;
  }
}

import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

export interface SealOptions {
  /** The stack's secret, from which the key is derived. */
  secret: string;
  /** What is sealed: each purpose has a key of its own. */
  purpose: string;
  /** Whom it is sealed for: a text that is copied elsewhere does not open. */
  context: string;
}

const ivBytes = 12;
const tagBytes = 16;

/** Encrypts a text with AES-256-GCM. @param iv 12 random bytes, never used twice */
export function seal(text: string, { iv, context, ...key }: SealOptions & { iv: Uint8Array }): string {
  const cipher = createCipheriv('aes-256-gcm', deriveKey(key), iv).setAAD(Buffer.from(context));
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64url');
}

/** @throws {Error} with another secret, purpose or context, or if it was changed */
export function unseal(sealed: string, { context, ...key }: SealOptions): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(key), bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
    .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    .setAAD(Buffer.from(context));
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
}

function deriveKey({ secret, purpose }: Pick<SealOptions, 'secret' | 'purpose'>): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32));
}

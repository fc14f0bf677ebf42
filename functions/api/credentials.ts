import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Keys and share tokens: an id by which they are found, and a secret of which only a hash is stored. */
export interface Credential {
  id: string;
  secret: string;
}

export function newCredential(random: (bytes: number) => Uint8Array = randomBytes): Credential {
  return {
    id: Buffer.from(random(12)).toString('base64url'),
    secret: Buffer.from(random(32)).toString('base64url'),
  };
}

export function formatKey({ id, secret }: Credential): string {
  return `hck_${id}_${secret}`;
}

const keyPattern = /^hck_([A-Za-z0-9_-]{16})_([A-Za-z0-9_-]{43})$/;

export function parseKey(text: string): Credential | undefined {
  return parse(keyPattern, text);
}

function parse(pattern: RegExp, text: string): Credential | undefined {
  const [, id, secret] = pattern.exec(text) ?? [];
  return id && secret ? { id, secret } : undefined;
}

export function formatShareToken({ id, secret }: Credential): string {
  return `${id}.${secret}`;
}

const sharePattern = /^([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/;

export function parseShareToken(text: string): Credential | undefined {
  return parse(sharePattern, text);
}

export function matchesHash(secret: string, hash: string): boolean {
  const given = Buffer.from(hashSecret(secret), 'hex');
  const stored = Buffer.from(hash, 'hex');
  return given.length === stored.length && timingSafeEqual(given, stored);
}

/** SHA-256, hex: a secret of 256 random bits cannot be guessed, so no slow hash is needed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

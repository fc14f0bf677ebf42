import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The content of an API key or a share token: an id to find it by, and a secret of which only a hash is stored. */
export interface Credential {
  id: string;
  secret: string;
}

export function createCredential(random: (bytes: number) => Uint8Array = randomBytes): Credential {
  return {
    id: Buffer.from(random(12)).toString('base64url'),
    secret: Buffer.from(random(32)).toString('base64url'),
  };
}

/** @example `hck_…_…` */
export function formatKey({ id, secret }: Credential): string {
  return `hck_${id}_${secret}`;
}

const keyPattern = /^hck_([A-Za-z0-9_-]{16})_([A-Za-z0-9_-]{43})$/;

export function parseKey(text: string): Credential | undefined {
  return parse(keyPattern, text);
}

/** @example `….…` */
export function formatShareToken({ id, secret }: Credential): string {
  return `${id}.${secret}`;
}

const shareTokenPattern = /^([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})(?:\.(\d{1,16}\.[A-Za-z0-9_-]{43}))?$/;

/** Parses a token, and the proof after it that its owner gave the password of the share. */
export function parseShareToken(text: string): (Credential & { proof: string }) | undefined {
  const credential = parse(shareTokenPattern, text);
  return credential && { ...credential, proof: shareTokenPattern.exec(text)?.[3] ?? '' };
}

function parse(pattern: RegExp, text: string): Credential | undefined {
  const [, id, secret] = pattern.exec(text) ?? [];
  return id && secret ? { id, secret } : undefined;
}

/** Returns the SHA-256 of a secret, hex. A secret has 256 random bits, so no slow hash is needed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares in constant time. */
export function matchesHash(secret: string, hash: string): boolean {
  const actual = Buffer.from(hashSecret(secret), 'hex');
  const expected = Buffer.from(hash, 'hex');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

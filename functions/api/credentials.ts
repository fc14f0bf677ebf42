import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Keys and share tokens: an id by which they are found, and a secret of which only a hash is stored. */
export interface Credential {
  id: string;
  secret: string;
}

const keyPattern = /^hck_([A-Za-z0-9_-]{16})_([A-Za-z0-9_-]{43})$/;
const sharePattern = /^([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/;

export const newCredential = (random: (bytes: number) => Uint8Array = randomBytes): Credential => ({
  id: Buffer.from(random(12)).toString('base64url'),
  secret: Buffer.from(random(32)).toString('base64url'),
});

const parse = (pattern: RegExp, text: string): Credential | undefined => {
  const [, id, secret] = pattern.exec(text) ?? [];
  return id && secret ? { id, secret } : undefined;
};

export const keyText = ({ id, secret }: Credential): string => `hck_${id}_${secret}`;
export const parseKey = (text: string): Credential | undefined => parse(keyPattern, text);
export const shareText = ({ id, secret }: Credential): string => `${id}.${secret}`;
export const parseShare = (text: string): Credential | undefined => parse(sharePattern, text);

/** SHA-256, hex: a secret of 256 random bits cannot be guessed, so no slow hash is needed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const isSecret = (secret: string, hash: string): boolean => {
  const given = Buffer.from(hashSecret(secret), 'hex');
  const stored = Buffer.from(hash, 'hex');
  return given.length === stored.length && timingSafeEqual(given, stored);
};

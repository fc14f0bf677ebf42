import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * Memory and time of one hash: 32 MB, and about 0.2 s of the API's processor. One of the settings that OWASP recommends
 * (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
 */
const cost = { N: 2 ** 15, r: 8, p: 3 } as const;
const hashBytes = 32;

/**
 * Returns a hash of a link's password with its parameters: `scrypt$32768$8$3$<salt>$<hash>`.
 * @param salt at least 16 random bytes
 */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const hash = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, encode(salt), encode(hash)].join('$');
}

/** Compares in constant time. Returns false for a stored text that is not a hash. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [name, N, r, p, salt = '', hash = ''] = stored.split('$');
  const expected = Buffer.from(hash, 'base64url');
  if (name !== 'scrypt' || expected.length !== hashBytes) return false;
  const actual = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return timingSafeEqual(actual, expected);
}

/** In one Unicode form: a phone and a computer may type `é` differently (NIST SP 800-63B, 3.1.1.2). */
function derive(password: string, salt: Uint8Array, { N, r, p }: { N: number; r: number; p: number }) {
  return scryptAsync(password.normalize('NFKC'), salt, hashBytes, { N, r, p, maxmem: 256 * N * r });
}

const scryptAsync = promisify<string, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

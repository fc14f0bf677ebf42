import { createHash } from 'node:crypto';
import { type HmacKey, hmac64 } from './hmac.ts';
import { memoize } from '#core/memoize.ts';

/** Keyed hashes with the secret of one page-local date. */
export interface Salt {
  visitor: (text: string) => bigint;
  repeat: (text: string) => bigint;
}

export interface Requester {
  address: string;
  /** NULL if the source does not provide it. */
  port: number | null;
  userAgent: string;
}

export function createSalt(key: HmacKey): Salt {
  return {
    visitor: memoize(visitorsKept, (text: string) => hmac64(key, text)),
    repeat: (text) => hmac64(key, text),
  };
}

/** Visitors cached per batch. Each batch creates its salts, so that no address stays in memory longer. */
const visitorsKept = 1024;

/** Returns the first 64 bits of HMAC-SHA-256(salt, address and user agent). */
export function visitorIdOf(salt: Salt, { address, userAgent }: Requester): bigint {
  return salt.visitor(`visitor\n${address}\n${userAgent}`);
}

/**
 * Returns the first 63 bits of HMAC-SHA-256(salt, address, port if known, user agent, target); the lowest bit is 1
 * (odd) if the port was known. Settle merges two events within 10 seconds if it is odd, within 2 seconds if it is even.
 */
export function repeatKeyOf(salt: Salt, { address, port, userAgent }: Requester, target: string): bigint {
  const bits = salt.repeat(`repeat\n${address}\n${port ?? ''}\n${target}\n${userAgent}`);
  return port === null ? bits & ~1n : bits | 1n;
}

/** Returns 63 bits of the tracker's session id, random per tab. Even, because settle derives odd ones. */
export function sessionIdOf(page: string | null, session: string): bigint {
  return createHash('sha256').update(`session\n${page}\n${session}`).digest().readBigInt64BE(0) & ~1n;
}

const mappedPattern = /^(?:::|(?:0{1,4}:){5})ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/;

/** `::ffff:203.0.113.7` → `203.0.113.7`, `2001:DB8::1%eth0` → `2001:db8::1`: one spelling per address. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address;
  const plain = address.toLowerCase().replace(/%.*$/, '');
  const [, text, high, low] = mappedPattern.exec(plain) ?? [];
  if (text) return text;
  return high && low ? dotted(high, low) : plain;
}

function dotted(high: string, low: string): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

import { createHash, createHmac, type KeyObject } from 'node:crypto';

/** The 256 random bits of one page-local date. */
export type Salt = KeyObject;

export interface Requester {
  address: string;
  /** NULL where the source does not tell it. */
  port: number | null;
  userAgent: string;
}

const first64 = (hexDigest: string): bigint => BigInt.asIntN(64, BigInt(`0x${hexDigest.slice(0, 16)}`));

// A digest as hex is cheaper than as a Buffer, which costs an allocation outside the heap: 2.2 against 3.8 µs.
const keyed = (salt: Salt, text: string): bigint => first64(createHmac('sha256', salt).update(text).digest('hex'));

/** First 64 bits of HMAC-SHA-256(salt, address and user agent). */
export const visitorIdOf = (salt: Salt, { address, userAgent }: Requester): bigint =>
  keyed(salt, `visitor\n${address}\n${userAgent}`);

/**
 * First 63 bits of HMAC-SHA-256(salt, address, port where known, user agent, target). The lowest bit says whether the
 * port was known: odd where it was. Settle takes two events within 10 seconds as one where it is odd, 2 where it is even.
 */
export const repeatKeyOf = (salt: Salt, { address, port, userAgent }: Requester, target: string): bigint => {
  const bits = keyed(salt, `repeat\n${address}\n${port ?? ''}\n${target}\n${userAgent}`);
  return port === null ? bits & ~1n : bits | 1n;
};

/** 64 bits of the tracker's session id, which is random and lives as long as a tab. */
export const sessionIdOf = (page: string | null, session: string): bigint =>
  first64(createHash('sha256').update(`session\n${page}\n${session}`).digest('hex'));

const dotted = (high: string, low: string): string => {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
};

const mappedPrefix = /^(?:::|(?:0{1,4}:){5})ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/;

/** `::ffff:203.0.113.7` → `203.0.113.7`, `2001:DB8::1%eth0` → `2001:db8::1`: one person, one spelling. */
export const canonicalAddress = (address: string): string => {
  if (!address.includes(':')) return address;
  const plain = address.toLowerCase().replace(/%.*$/, '');
  const [, text, high, low] = mappedPrefix.exec(plain) ?? [];
  if (text) return text;
  return high && low ? dotted(high, low) : plain;
};

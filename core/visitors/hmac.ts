import { hash } from 'node:crypto';

/** A secret made ready for many messages: its two padded blocks. */
export interface HmacKey {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

/** Longest text that can be authenticated, in UTF-16 code units; each is at most 3 bytes of UTF-8. */
export const hmacTextLimit = 16_384;

/** @param secret at most 64 bytes */
export function hmacKey(secret: Uint8Array): HmacKey {
  if (secret.byteLength > blockBytes) throw new RangeError(`an HMAC secret of ${secret.byteLength} bytes; at most 64`);
  return { inner: padded(secret, 0x36), outer: padded(secret, 0x5c) };
}

const blockBytes = 64;

function padded(secret: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(blockBytes).fill(pad);
  for (const [index, byte] of secret.entries()) block[index] = byte ^ pad;
  return block;
}

const digestBytes = 32;

const innerMessage = Buffer.alloc(blockBytes + 3 * hmacTextLimit);

const outerMessage = Buffer.alloc(blockBytes + digestBytes);

/**
 * First 64 bits of HMAC-SHA-256 (RFC 2104) of a text, as a signed integer.
 *
 * Two one-shot hashes instead of `createHmac`, whose object costs more than its work: 2.1 against 2.9 µs, and every
 * event needs two. A test holds it equal to `createHmac`.
 * @throws {RangeError} when the text is longer than `hmacTextLimit`
 */
export function hmac64({ inner, outer }: HmacKey, text: string): bigint {
  if (text.length > hmacTextLimit) throw new RangeError(`an HMAC text of ${text.length} characters`);
  innerMessage.set(inner);
  const end = blockBytes + innerMessage.write(text, blockBytes, 'utf8');
  outerMessage.set(outer);
  outerMessage.write(hash('sha256', innerMessage.subarray(0, end), 'binary'), blockBytes, 'latin1');
  outerMessage.write(hash('sha256', outerMessage, 'binary'), 0, 8, 'latin1');
  return outerMessage.readBigInt64BE(0);
}

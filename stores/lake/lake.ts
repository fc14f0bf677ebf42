import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { parseRawKey, type RawKey, rawPrefix } from '#schemas/lake-keys.ts';
import { StoreUnavailable } from '../errors.ts';

/** A listed raw file; `rows` is the number that its key states. */
export interface RawFile extends RawKey {
  key: string;
  /** Size in bytes. */
  size: number;
}

/** Reads and writes objects of the lake's bucket. */
export interface Lake {
  /** Writes one immutable object. @throws {StoreUnavailable} */
  put: (key: string, bytes: Uint8Array) => Promise<void>;
  /** @throws {StoreUnavailable} also if the object does not exist */
  get: (key: string) => Promise<Uint8Array>;
  /** Lists the raw files of a UTC hour by key, and skips other objects. @throws {StoreUnavailable} */
  listRawHour: (partition: { dt: string; hr: string }) => Promise<RawFile[]>;
}

export function createLake({ client, bucket }: { client: S3Client; bucket: string }): Lake {
  return {
    put: async (key, bytes) => {
      try {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
      } catch (cause) {
        throw new StoreUnavailable(`s3://${bucket}/${key} could not be written`, { cause });
      }
    },
    get: (key) => readObject(client, bucket, key),
    listRawHour: async ({ dt, hr }) => {
      const files: RawFile[] = [];
      try {
        const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: `${rawPrefix}dt=${dt}/hr=${hr}/` });
        for await (const { Contents } of pages)
          files.push(...(Contents ?? []).flatMap(({ Key, Size }) => parseRawFile(Key, Size)));
      } catch (cause) {
        throw new StoreUnavailable(`raw files of ${dt} hour ${hr} could not be listed`, { cause });
      }
      return files;
    },
  };
}

/** Reads an object of any bucket. @throws {StoreUnavailable} */
export async function readObject(client: S3Client, bucket: string, key: string): Promise<Uint8Array> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!Body) throw new StoreUnavailable(`s3://${bucket}/${key} has no body`);
    return await Body.transformToByteArray();
  } catch (cause) {
    throw new StoreUnavailable(`s3://${bucket}/${key} could not be read`, { cause });
  }
}

function parseRawFile(key: string | undefined, size: number | undefined): RawFile[] {
  const parsed = key === undefined ? undefined : parseRawKey(key);
  return key !== undefined && parsed ? [{ ...parsed, key, size: size ?? 0 }] : [];
}

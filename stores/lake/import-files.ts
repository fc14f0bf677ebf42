import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../errors.ts';

/** Objects of imports in the lake's bucket. */
export interface ImportFiles {
  /** Returns the size of an object in bytes; undefined if there is none. */
  size: (key: string) => Promise<number | undefined>;
  /** Reads an object, or bytes of it from `start` to before `end`, in pieces. */
  read: (key: string, range?: { start: number; end: number }) => AsyncIterable<Uint8Array>;
  get: (key: string) => Promise<Uint8Array | undefined>;
  put: (key: string, bytes: Uint8Array) => Promise<void>;
  list: (prefix: string) => Promise<string[]>;
  delete: (keys: readonly string[]) => Promise<void>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createImportFiles({ client, bucket }: { client: S3Client; bucket: string }): ImportFiles {
  async function open(key: string, range?: { start: number; end: number }) {
    const Range = range && `bytes=${range.start}-${range.end - 1}`;
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...(Range && { Range }) }));
    if (!Body) throw new StoreUnavailable(`s3://${bucket}/${key} has no body`);
    return Body;
  }
  return {
    size: async (key) => {
      try {
        const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return ContentLength ?? 0;
      } catch (cause) {
        if (isMissing(cause)) return undefined;
        throw new StoreUnavailable(`${bucket} did not describe ${key}`, { cause });
      }
    },
    read: async function* (key, range) {
      try {
        const body = await open(key, range);
        for await (const piece of body.transformToWebStream()) yield piece as Uint8Array;
      } catch (cause) {
        throw new StoreUnavailable(`s3://${bucket}/${key} could not be read`, { cause });
      }
    },
    get: async (key) => {
      try {
        return await (await open(key)).transformToByteArray();
      } catch (cause) {
        if (isMissing(cause)) return undefined;
        throw new StoreUnavailable(`s3://${bucket}/${key} could not be read`, { cause });
      }
    },
    put: async (key, bytes) => {
      try {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
      } catch (cause) {
        throw new StoreUnavailable(`s3://${bucket}/${key} could not be written`, { cause });
      }
    },
    list: async (prefix) => {
      const keys: string[] = [];
      try {
        for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
          keys.push(...(Contents ?? []).flatMap(({ Key }) => Key ?? []));
      } catch (cause) {
        throw new StoreUnavailable(`${bucket} did not list ${prefix}`, { cause });
      }
      return keys;
    },
    delete: async (keys) => {
      for (let from = 0; from < keys.length; from += keysPerRequest) {
        const Objects = keys.slice(from, from + keysPerRequest).map((Key) => ({ Key }));
        const { Errors } = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        );
        if (Errors?.[0]) throw new StoreUnavailable(`${bucket} did not delete ${Errors[0].Key ?? 'objects'}`);
      }
    },
  };
}

/** Limit of DeleteObjects. */
const keysPerRequest = 1000;

function isMissing(error: unknown): boolean {
  return (
    error instanceof NoSuchKey ||
    error instanceof NotFound ||
    (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404)
  );
}

import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../errors.ts';

/** The raw file does not exist: it was deleted, or never written. */
export class FileMissing extends Error {
  override readonly name = 'FileMissing';
}

export interface RawFiles {
  /** @throws {FileMissing} {@link StoreUnavailable} */
  read: (key: string) => Promise<Uint8Array>;
}

export function createRawFiles({ client, bucket }: { client: S3Client; bucket: string }): RawFiles {
  return {
    read: async (key) => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (cause) {
        if (cause instanceof NoSuchKey) throw new FileMissing(`${key} is not in ${bucket}`, { cause });
        throw new StoreUnavailable(`${bucket} did not return ${key}`, { cause });
      }
    },
  };
}

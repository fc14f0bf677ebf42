import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../errors.ts';

/** The raw file does not exist: it was deleted, or never written. */
export class FileMissing extends Error {
  override readonly name = 'FileMissing';
}

export interface RawFiles {
  /**
   * Reads a whole file.
   * @param milliseconds after which the read fails, in whatever state it is
   * @throws {FileMissing} {@link StoreUnavailable}
   */
  read: (key: string, milliseconds: number) => Promise<Uint8Array>;
}

export function createRawFiles({ client, bucket }: { client: S3Client; bucket: string }): RawFiles {
  return {
    read: async (key, milliseconds) => {
      if (milliseconds <= 0) throw new StoreUnavailable(`${key} was not read: no time was left`);
      try {
        // Also ends the transfer of the body.
        const abortSignal = AbortSignal.timeout(Math.ceil(milliseconds));
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (cause) {
        if (cause instanceof NoSuchKey) throw new FileMissing(`${key} is not in ${bucket}`, { cause });
        throw new StoreUnavailable(`${bucket} did not return ${key}`, { cause });
      }
    },
  };
}

import {
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { failedPrefix } from '#schemas/lake-keys.ts';
import type { FailedFiles } from './failed-events.ts';

/** Opens `failed/` of the lake's bucket. */
export function openFailedFiles(client: S3Client, bucket: string): FailedFiles {
  return {
    keys: async () => {
      const keys: string[] = [];
      for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: failedPrefix }))
        keys.push(...(Contents ?? []).flatMap(({ Key }) => Key ?? []));
      return keys;
    },
    read: async (key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (!Body) throw new TypeError(`s3://${bucket}/${key} has no body`);
      return Body.transformToByteArray();
    },
    write: async (key, bytes) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },
    remove: async (key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
}

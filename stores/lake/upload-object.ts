import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../errors.ts';

/** At least 5 MiB (S3); the local S3 takes bodies of up to 11 MiB. A file of 2 GB has 239 parts. */
const partBytes = 8 * 1024 * 1024;

/** Writes an object of any size in parts, of which one is in memory. @throws {StoreUnavailable} */
export async function uploadObject(
  client: S3Client,
  target: { Bucket: string; Key: string },
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    await upload(client, target, pieces);
  } catch (cause) {
    throw new StoreUnavailable(`s3://${target.Bucket}/${target.Key} could not be written`, { cause });
  }
}

async function upload(client: S3Client, target: { Bucket: string; Key: string }, pieces: AsyncIterable<Uint8Array>) {
  const parts = partsOf(pieces);
  const first = await parts.next();
  const whole = first.done === true ? new Uint8Array() : first.value;
  if (whole.length < partBytes) return void (await client.send(new PutObjectCommand({ ...target, Body: whole })));
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  try {
    const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
    for (let Body: Uint8Array | undefined = whole; Body !== undefined; ) {
      const PartNumber = Parts.length + 1;
      const { ETag } = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
      Parts.push({ ETag, PartNumber });
      const next = await parts.next();
      Body = next.done === true ? undefined : next.value;
    }
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
    throw error;
  }
  return undefined;
}

/** Joins and divides pieces into parts; all but the last have the same size. */
async function* partsOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    rest = Buffer.concat([rest, piece]);
    for (; rest.length >= partBytes; rest = rest.subarray(partBytes)) yield rest.subarray(0, partBytes);
  }
  if (rest.length > 0) yield rest;
}

import type { IncomingMessage } from 'node:http';
import type { buildApp } from 'fauxqs';
import { z } from 'zod';
import { S3Error, SqsError } from '../../node_modules/fauxqs/dist/common/errors.js';
import { sendMessage } from '../../node_modules/fauxqs/dist/sqs/actions/sendMessage.js';
import type { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import type { SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import type { PassedOn } from '../aws/service-gate.ts';

/**
 * Returns a function that passes a request to fauxqs within this process. The call that each click makes goes straight to
 * its queue.
 */
export function createPassOn(app: ReturnType<typeof buildApp>, queues: SqsStore, objects: S3Store) {
  return async (incoming: IncomingMessage, body: Buffer): Promise<PassedOn> => {
    const { url = '/', headers } = incoming;
    if (body.length > largestBody && incoming.method === 'PUT') return putLarge(objects, url, body);
    const sent = headers['x-amz-target'] === 'AmazonSQS.SendMessage' ? trySend(body, queues) : undefined;
    if (sent) return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: sent };
    const {
      statusCode,
      headers: answered,
      rawPayload,
    } = await app.inject({
      method: methodSchema.parse(incoming.method),
      url,
      headers,
      payload: body,
    });
    return { status: statusCode, headers: answered, body: rawPayload };
  };
}

/** Bytes that fauxqs takes in a request. S3 takes objects of 5 GB. */
const largestBody = 11 * 1024 * 1024;

/** Stores a whole object: parts of an upload and copies are smaller, or have no body. */
function putLarge(objects: S3Store, url: string, body: Buffer): PassedOn {
  const [, bucket = '', ...key] = new URL(url, 'http://local').pathname.split('/').map(decodeURIComponent);
  try {
    const { etag } = objects.putObject(bucket, key.join('/'), body);
    return { status: 200, headers: { etag }, body: '' };
  } catch (cause) {
    if (!(cause instanceof S3Error)) throw cause;
    return { status: cause.statusCode, headers: { 'content-type': 'text/plain' }, body: cause.message };
  }
}

const methodSchema = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE']);

/** Returns the response, or undefined for a request that SQS refuses: fauxqs then responds. */
function trySend(body: Buffer, queues: SqsStore): string | undefined {
  try {
    return JSON.stringify(sendMessage(JSON.parse(body.toString()), queues));
  } catch (cause) {
    if (cause instanceof SqsError || cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

import type { IncomingMessage } from 'node:http';
import type { buildApp } from 'fauxqs';
import { z } from 'zod';
import { SqsError } from '../../node_modules/fauxqs/dist/common/errors.js';
import { sendMessage } from '../../node_modules/fauxqs/dist/sqs/actions/sendMessage.js';
import type { SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import type { PassedOn } from '../aws/service-gate.ts';

/**
 * Returns a function that passes a request to fauxqs within this process. The call that each click makes goes straight to
 * its queue.
 */
export function createPassOn(app: ReturnType<typeof buildApp>, queues: SqsStore) {
  return async (incoming: IncomingMessage, body: Buffer): Promise<PassedOn> => {
    const { url = '/', headers } = incoming;
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

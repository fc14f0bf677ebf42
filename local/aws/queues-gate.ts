import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { FaultService, ServiceFaults } from '../fault-injection/service-faults.ts';
import type { Access } from '../iam/access.ts';
import { readBucketCalls, readListingCall } from '../iam/bucket-calls.ts';
import { readQueueCalls } from '../iam/service-calls.ts';
import type { CrossOriginRule } from '../template/model.ts';
import { readCrossOrigin } from './cross-origin.ts';
import type { Listening } from './listen.ts';
import { type ErrorFate, type ServiceGateOptions, startServiceGate } from './service-gate.ts';

export interface QueuesGateOptions {
  /** SQS and S3. */
  passOn: ServiceGateOptions['passOn'];
  /** Returns the service of a queue or bucket. Called when a request arrives, because the template is read later. */
  serviceOf: (name: string) => FaultService | undefined;
  /** Called when a request arrives, like `serviceOf`. */
  crossOriginRulesOf: (bucket: string) => readonly CrossOriginRule[];
  serviceFaults: ServiceFaults;
  /** Called when a request arrives, like `serviceOf`. */
  access: () => Access;
}

/** Starts a server in front of SQS and S3 that enforces the roles of functions, and injects faults into requests for a faulty queue or bucket. */
export function startQueuesGate(options: QueuesGateOptions): Promise<Listening> {
  const { passOn, serviceOf, crossOriginRulesOf, serviceFaults, access } = options;
  return startServiceGate({
    passOn,
    readCrossOrigin: (incoming) => readCrossOrigin(incoming, crossOriginRulesOf(readBucketName(incoming) ?? '')),
    serviceFaults,
    access,
    readCalls: (incoming, body) =>
      isQueueRequest(incoming)
        ? readQueueCalls(String(incoming.headers['x-amz-target']).split('.')[1] ?? '', body.toString())
        : readBucketCalls(incoming, body),
    readMissingCall: (incoming) => (isQueueRequest(incoming) ? undefined : readListingCall(incoming)),
    sendDenial: (incoming, outgoing, message) =>
      isQueueRequest(incoming)
        ? sendQueueDenial(outgoing, message)
        : sendBucketResponse(incoming, outgoing, { status: 403, code: 'AccessDenied', message }),
    readServices: (incoming, body) => {
      const name = isQueueRequest(incoming) ? readQueueName(body.toString()) : readBucketName(incoming);
      const service = name === undefined ? undefined : serviceOf(name);
      return service === undefined ? [] : [service];
    },
    sendError: (incoming, outgoing, fate) =>
      isQueueRequest(incoming)
        ? sendQueueError(outgoing, fate)
        : sendBucketResponse(incoming, outgoing, bucketErrors[fate]),
  });
}

function isQueueRequest({ headers }: IncomingMessage): boolean {
  return String(headers['x-amz-target']).startsWith('AmazonSQS.');
}

const inputSchema = z.looseObject({ QueueUrl: z.string().optional() });

/** Returns `Hopcount-Clicks` for the URL `http://127.0.0.1:4001/000000000000/Hopcount-Clicks`. */
function readQueueName(body: string): string | undefined {
  return inputSchema.parse(JSON.parse(body)).QueueUrl?.split('/').at(-1);
}

/** Clients of the local stack put the bucket's name into the path. */
function readBucketName({ url = '/' }: IncomingMessage): string | undefined {
  return /^\/([^/?]+)/.exec(url)?.[1];
}

const queueErrors: Readonly<Record<ErrorFate, { status: number; type: string; message: string; fault: string }>> = {
  failing: { status: 500, type: 'InternalFailure', message: 'The request processing has failed.', fault: 'Receiver' },
  throttled: { status: 400, type: 'RequestThrottled', message: 'Request is throttled.', fault: 'Sender' },
};

function sendQueueError(outgoing: ServerResponse, fate: ErrorFate): void {
  const { status, type, message, fault } = queueErrors[fate];
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${type};${fault}` };
  outgoing.writeHead(status, headers).end(JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message }));
}

function sendQueueDenial(outgoing: ServerResponse, message: string): void {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': 'AccessDenied;Sender' };
  outgoing
    .writeHead(403, headers)
    .end(JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message }));
}

interface BucketError {
  status: number;
  code: string;
  message: string;
}

const bucketErrors: Readonly<Record<ErrorFate, BucketError>> = {
  failing: { status: 500, code: 'InternalError', message: 'We encountered an internal error. Please try again.' },
  throttled: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
};

function sendBucketResponse(
  { method }: IncomingMessage,
  outgoing: ServerResponse,
  { status, code, message }: BucketError,
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  outgoing.writeHead(status, { 'content-type': 'application/xml' }).end(method === 'HEAD' ? undefined : body);
}

import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buildApp } from 'fauxqs';
import { z } from 'zod';
// fauxqs exports only a server that listens on every interface, syncs the disk for each message and has no bucket
// notifications. So we import its modules directly; package.json pins the version.
import { PersistenceManager } from '../../node_modules/fauxqs/dist/persistence.js';
import { FileS3Persistence } from '../../node_modules/fauxqs/dist/s3/fileS3Persistence.js';
import { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import type { S3Object } from '../../node_modules/fauxqs/dist/s3/s3Types.js';
import { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
import { type SqsQueue, SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { startQueuesGate } from '../aws/queues-gate.ts';
import type { ServiceFaults } from '../fault-injection/service-faults.ts';
import { createAccess, unrestricted } from '../iam/access.ts';
import { createPassOn } from './pass-on.ts';
import {
  type Declaration,
  declarationSchema,
  localPaths,
  messagesOrderSchema,
  type QueueDepth,
  type ReceivedMessage,
  type ReceiveOrder,
  receiveOrderSchema,
} from './protocol.ts';

/** File storage that queues bucket notifications before the upload is acknowledged. */
class NotifyingObjects extends FileS3Persistence {
  readonly #created: (bucket: string, object: S3Object) => void;

  constructor(directory: string, created: (bucket: string, object: S3Object) => void) {
    super(directory);
    this.#created = created;
  }

  override upsertObject(bucket: string, object: S3Object): void {
    super.upsertObject(bucket, object);
    this.#created(bucket, object);
  }
}

export interface FauxqsOptions {
  dataDirectory: string;
  region: string;
  serviceFaults: ServiceFaults;
  /** Receives the message of each call that a role does not allow. */
  denied: (message: string) => void;
}

export interface Fauxqs {
  url: string;
  /** For functions and clients: enforces roles and injects faults. */
  gateUrl: string;
  stop: () => Promise<void>;
}

/** Serves SQS and S3 on two loopback ports, from files below `dataDirectory`. */
export async function startFauxqs({ dataDirectory, region, serviceFaults, denied }: FauxqsOptions): Promise<Fauxqs> {
  const queues = new SqsStore();
  const topics = new SnsStore();
  const objects = new S3Store();
  let declared: Declaration = { roles: [], resourceStatements: [], services: {}, queues: [], buckets: [] };
  // Replaced by a declaration, before any function runs.
  let access = unrestricted;

  function notify(bucket: string, object: S3Object): void {
    const notifications = declared.buckets.find((each) => each.name === bucket)?.notifications ?? [];
    for (const { queueArn, prefix, suffix } of notifications)
      if (object.key.startsWith(prefix) && object.key.endsWith(suffix))
        queues.getQueueByArn(queueArn)?.enqueue(SqsStore.createMessage(objectCreated(bucket, object, region)));
  }

  const { messages, together } = openPersistence(path.join(dataDirectory, 'queues'));
  const files = new NotifyingObjects(path.join(dataDirectory, 'objects'), notify);
  // Load before enabling persistence: writes during a load would overwrite data that isn't loaded yet.
  messages.loadSqsAndSns(queues, topics);
  files.loadS3(objects);
  queues.persistence = messages;
  objects.persistence = files;
  for (const queue of queues.allQueues()) {
    queue.persistence = messages;
    // The consumers of in-flight messages ended with the last run, so make the messages available immediately.
    for (const entry of queue.inflightMessages.values()) entry.visibilityDeadline = 0;
  }
  // The default host doesn't resolve everywhere.
  queues.host = '';

  const app = buildApp({
    logger: false,
    defaultRegion: region,
    stores: { sqsStore: queues, snsStore: topics, s3Store: objects },
  });
  let url = '';

  app.post(localPaths.declare, (request) => {
    declared = parseBody(declarationSchema, request.body);
    access = createAccess({ ...declared, denied });
    for (const queue of declared.queues) declareQueue(queues, url, queue);
    for (const bucket of declared.buckets) if (!objects.hasBucket(bucket.name)) objects.createBucket(bucket.name);
    return {};
  });
  app.post(localPaths.receive, async (request, reply) => {
    const order = parseBody(receiveOrderSchema, request.body);
    const queue = queues.getQueueByArn(order.queueArn);
    if (!queue) return reply.status(404).send({ error: `Queue not found: ${order.queueArn}` });
    const ready = together(() => take(queues, queue, order));
    if (ready.length > 0 || order.waitMs === 0) return { messages: ready };
    await queue.waitForMessages(order.waitMs / 1000);
    return { messages: together(() => take(queues, queue, order)) };
  });
  app.post(localPaths.delete, (request) => {
    const { queueArn, receiptHandles } = parseBody(messagesOrderSchema, request.body);
    const queue = queues.getQueueByArn(queueArn);
    together(() => {
      for (const handle of receiptHandles) queue?.deleteMessage(handle);
    });
    return {};
  });
  app.post(localPaths.release, (request) => {
    const { queueArn, receiptHandles } = parseBody(messagesOrderSchema, request.body);
    const queue = queues.getQueueByArn(queueArn);
    // changeVisibility(handle, 0) of fauxqs 2.4.1 fails when messages are persisted.
    for (const handle of receiptHandles) {
      const entry = queue?.inflightMessages.get(handle);
      if (entry) entry.visibilityDeadline = 0;
    }
    queue?.processTimers();
    return {};
  });
  app.get(localPaths.depths, () => {
    queues.processAllTimers();
    return [...queues.allQueues()].map(depthOf);
  });

  app.addHook('preClose', (done) => {
    messages.close();
    done();
  });
  url = await app.listen({ port: 0, host: '127.0.0.1' });
  const gate = await startQueuesGate({
    passOn: createPassOn(app, queues, objects),
    serviceOf: (name) => declared.services[name],
    crossOriginRulesOf: (bucket) => declared.buckets.find(({ name }) => name === bucket)?.crossOrigin ?? [],
    serviceFaults,
    access: () => access,
  });
  return {
    url,
    gateUrl: gate.url,
    stop: async () => {
      await gate.stop();
      await app.close();
    },
  };
}

/** Builds the S3 event notification `{"Records":[…]}`. */
function objectCreated(bucket: string, object: S3Object, region: string): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: object.lastModified.toISOString(),
        eventName: 'ObjectCreated:Put',
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          // S3 form-encodes keys: a space becomes a plus sign.
          object: {
            key: encodeURIComponent(object.key).replaceAll('%2F', '/').replaceAll('%20', '+'),
            size: object.contentLength,
            eTag: object.etag.replaceAll('"', ''),
          },
        },
      },
    ],
  });
}

function openPersistence(directory: string) {
  const messages = new PersistenceManager(directory);
  const database = z.instanceof(DatabaseSync).parse(Reflect.get(messages, 'db'));
  // Without a sync per commit, data survives SIGKILL but not a power failure: 22,000 instead of 4,500 messages per
  // second.
  database.exec('PRAGMA synchronous = NORMAL');

  /** Writes the changes of many messages at once. */
  function together<Result>(change: () => Result): Result {
    database.exec('BEGIN');
    try {
      return change();
    } finally {
      database.exec('COMMIT');
    }
  }
  return { messages, together };
}

function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  return schema.parse(JSON.parse(Buffer.isBuffer(body) ? body.toString() : String(body)));
}

function declareQueue(queues: SqsStore, url: string, { name, arn, attributes }: Declaration['queues'][number]): void {
  const existing = queues.getQueueByName(name);
  if (existing) existing.setAttributes({ RedrivePolicy: '', ...attributes });
  else queues.createQueue(name, `${url}/${arn.split(':')[4]}/${name}`, arn, attributes);
}

/** Receives the available messages up to the limits, without SQS's limit of ten per request. */
function take(queues: SqsStore, queue: SqsQueue, order: ReceiveOrder): ReceivedMessage[] {
  const taken: ReceivedMessage[] = [];
  let bytes = 0;
  while (inBatch(bytes, order, taken.length)) {
    const wanted = Math.min(10, order.maximum - taken.length);
    const received = queue.dequeue(wanted, undefined, (arn) => queues.getQueueByArn(arn));
    for (const message of received) {
      const stored = queue.inflightMessages.get(message.ReceiptHandle)?.message;
      bytes += Buffer.byteLength(message.Body);
      taken.push({
        messageId: message.MessageId,
        receiptHandle: message.ReceiptHandle,
        body: message.Body,
        md5OfBody: message.MD5OfBody,
        sentTimestamp: stored?.sentTimestamp ?? 0,
        receiveCount: stored?.approximateReceiveCount ?? 1,
        firstReceiveTimestamp: stored?.approximateFirstReceiveTimestamp ?? 0,
      });
    }
    if (received.length < wanted) break;
  }
  return taken;
}

function inBatch(bytes: number, order: ReceiveOrder, count: number): boolean {
  return count < order.maximum && bytes < order.maximumBytes;
}

function depthOf(queue: SqsQueue): QueueDepth {
  return {
    name: queue.name,
    ready: queue.messages.length,
    inFlight: queue.inflightMessages.size,
    delayed: queue.delayedMessages.length,
  };
}

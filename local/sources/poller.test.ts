import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../backends/protocol.ts';
import type { EventSourceModel } from '../template/model.ts';
import { selectCompleted, startPoller } from './poller.ts';

function message(id: string): ReceivedMessage {
  return {
    messageId: id,
    receiptHandle: `handle-${id}`,
    body: `{"id":"${id}"}`,
    md5OfBody: '',
    sentTimestamp: 1,
    receiveCount: 1,
    firstReceiveTimestamp: 2,
  };
}
const batch = ['a', 'b', 'c'].map(message);
function done(result: unknown) {
  return { kind: 'done' as const, result };
}
const failure = { kind: 'failed' as const, error: { errorType: 'E', errorMessage: 'm', trace: [] } };

describe('what a batch leaves on the queue', () => {
  it.each([
    ['no report', undefined, 'abc'],
    ['null', null, 'abc'],
    ['an empty list', { batchItemFailures: [] }, 'abc'],
    ['null as list', { batchItemFailures: null }, 'abc'],
    ['one failure', { batchItemFailures: [{ itemIdentifier: 'b' }] }, 'ac'],
    ['an identifier that the batch does not hold', { batchItemFailures: [{ itemIdentifier: 'x' }] }, ''],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }, ''],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }, ''],
    ['a misspelt key', { batchItemFailures: [{ id: 'a' }] }, ''],
  ])('%s', (_what, result, completed) => {
    const ids = selectCompleted(batch, done(result), true).map(({ messageId }) => messageId);
    expect(ids.join('')).toBe(completed);
  });

  it('everything, when the function failed', () => {
    expect(selectCompleted(batch, failure, true)).toEqual([]);
  });

  it('nothing, where the function does not report', () => {
    expect(selectCompleted(batch, done({ batchItemFailures: [{ itemIdentifier: 'b' }] }), false)).toEqual(batch);
  });
});

const source: EventSourceModel = {
  queueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
  functionName: 'f',
  batchSize: 3,
  windowSeconds: 0,
  reportsItemFailures: true,
  maximumConcurrency: 2,
  enabled: true,
};

/** Polls the queue until it is empty, with a function that fails message b the first time. */
async function pollAll(options: { releaseFailed: boolean }) {
  const queue = ['a', 'b', 'c', 'd'].map(message);
  const events: string[][] = [];
  const deleted: string[] = [];
  const released: string[] = [];
  const empty = Promise.withResolvers<void>();
  const poller = startPoller({
    source,
    region: 'us-east-1',
    concurrency: 1,
    now: Date.now,
    receive: async ({ maximum }) => {
      if (queue.length === 0) {
        empty.resolve();
        await delay(5);
      }
      return queue.splice(0, maximum);
    },
    delete: async (_arn, handles) => void deleted.push(...handles),
    release: options.releaseFailed ? async (_arn, handles) => void released.push(...handles) : undefined,
    invoke: async (event) => {
      const { Records } = event as { Records: { messageId: string }[] };
      events.push(Records.map(({ messageId }) => messageId));
      return done({ batchItemFailures: [{ itemIdentifier: 'b' }].filter(() => events.length === 1) });
    },
    disturb: (messages) => [[...messages]],
    failed: (cause) => expect.fail(String(cause)),
  });
  await empty.promise;
  await poller.stop();
  return { events, deleted, released, held: poller.held() };
}

describe('the poller', () => {
  it('hands over batches up to their size and deletes what the function completed', async () => {
    expect(await pollAll({ releaseFailed: false })).toEqual({
      events: [['a', 'b', 'c'], ['d']],
      deleted: ['handle-a', 'handle-c', 'handle-d'],
      released: [],
      held: 0,
    });
  });

  it('releases what failed, when it is told to', async () => {
    expect(await pollAll({ releaseFailed: true })).toMatchObject({
      deleted: ['handle-a', 'handle-c', 'handle-d'],
      released: ['handle-b'],
    });
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../backends/protocol.ts';
import type { EventSourceModel } from '../template/model.ts';
import { completedOf, startPoller } from './poller.ts';

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
    const ids = completedOf(batch, done(result), true).map(({ messageId }) => messageId);
    expect(ids.join('')).toBe(completed);
  });

  it('everything, when the function failed', () => {
    expect(completedOf(batch, failure, true)).toEqual([]);
  });

  it('nothing, where the function does not report', () => {
    expect(completedOf(batch, done({ batchItemFailures: [{ itemIdentifier: 'b' }] }), false)).toEqual(batch);
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

describe('the poller', () => {
  it('hands over batches up to their size and deletes what the function completed', async () => {
    const queue = ['a', 'b', 'c', 'd'].map(message);
    const events: string[][] = [];
    const deleted: string[] = [];
    const poller = startPoller({
      source,
      region: 'us-east-1',
      concurrency: 1,
      now: Date.now,
      receive: async ({ maximum }) => {
        if (queue.length === 0) await delay(5);
        return queue.splice(0, maximum);
      },
      delete: async (_arn, handles) => void deleted.push(...handles),
      invoke: async (event) => {
        const { Records } = event as { Records: { messageId: string }[] };
        events.push(Records.map(({ messageId }) => messageId));
        return done({ batchItemFailures: [{ itemIdentifier: 'b' }].filter(() => events.length === 1) });
      },
      disturb: (messages) => [[...messages]],
      failed: (cause) => expect.fail(String(cause)),
    });
    while (deleted.length < 3) await delay(5);
    await poller.stop();
    expect(events).toEqual([['a', 'b', 'c'], ['d']]);
    expect(deleted).toEqual(['handle-a', 'handle-c', 'handle-d']);
    expect(poller.held()).toBe(0);
  });
});

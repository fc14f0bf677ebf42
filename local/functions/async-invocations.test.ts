import { expect, it, vi } from 'vitest';
import type { AsyncInvokeModel } from '../template/model.ts';
import { createAsyncInvocations, type FailureRecord } from './async-invocations.ts';

const kept: AsyncInvokeModel = {
  functionName: 'job',
  maximumRetries: 2,
  maximumAgeSeconds: 3600,
  failureQueueArn: 'arn:aws:sqs:us-east-1:000000000000:failures',
};
const start = Date.parse('2026-11-22T07:00:00Z');

/** Queues one event for a function of which these attempts fail, and advances the clock past the last retry. */
async function queueOne(failing: number, settings: Partial<AsyncInvokeModel> = {}) {
  vi.useFakeTimers({ now: start });
  const [attempts, sent]: [{ at: string; requestId: string | undefined }[], [string, FailureRecord][]] = [[], []];
  const { invoke, stop } = createAsyncInvocations({
    models: [{ ...kept, ...settings }],
    invoke: async (_name, _event, { requestId }) => {
      attempts.push({ at: new Date().toISOString().slice(11, 19), requestId });
      if (attempts.length > failing) return { kind: 'done', result: null };
      return {
        kind: 'failed',
        error: { errorType: 'RangeError', errorMessage: `attempt ${attempts.length}`, trace: [] },
      };
    },
    send: async (queueArn, _name, record) => void sent.push([queueArn, record]),
    failed: (cause) => expect.unreachable(String(cause)),
    now: Date.now,
  });
  invoke('job', { time: 'now' });
  return {
    attempts,
    sent,
    stop,
    end: async () => {
      await vi.runAllTimersAsync();
      vi.useRealTimers();
    },
  };
}

it('retries a failed event after one and two minutes, with one request id, and then keeps a record', async () => {
  const { attempts, sent, end } = await queueOne(3);
  await end();
  expect(attempts.map(({ at }) => at)).toEqual(['07:00:00', '07:01:00', '07:03:00']);
  const [requestId] = new Set(attempts.map((attempt) => attempt.requestId));
  expect(attempts.every((attempt) => attempt.requestId === requestId)).toBe(true);
  expect(sent).toEqual([
    [
      kept.failureQueueArn,
      {
        version: '1.0',
        timestamp: '2026-11-22T07:03:00.000Z',
        requestContext: {
          requestId,
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:job:$LATEST',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: { time: 'now' },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: { errorType: 'RangeError', errorMessage: 'attempt 3', trace: [] },
      },
    ],
  ]);
});

it.each<[name: string, failing: number, settings: Partial<AsyncInvokeModel>, attempts: number, condition: string[]]>([
  ['a retry that succeeds', 2, {}, 3, []],
  ['no retries', 3, { maximumRetries: 0 }, 1, ['RetriesExhausted']],
  ['an event that is too old for its last retry', 3, { maximumAgeSeconds: 179 }, 2, ['EventAgeExceeded']],
  ['an event that is just young enough', 3, { maximumAgeSeconds: 180 }, 3, ['RetriesExhausted']],
  ['a function without a queue', 3, { failureQueueArn: undefined }, 3, []],
  ['a function without settings', 3, { functionName: 'other' }, 3, []],
])('%s', async (_name, failing, settings, attempts, conditions) => {
  const queued = await queueOne(failing, settings);
  await queued.end();
  expect(queued.attempts).toHaveLength(attempts);
  expect(queued.sent.map(([, { requestContext }]) => requestContext.condition)).toEqual(conditions);
});

it('does not retry after it is stopped', async () => {
  const queued = await queueOne(3);
  queued.stop();
  await queued.end();
  expect(queued.attempts).toHaveLength(1);
  expect(queued.sent).toEqual([]);
});

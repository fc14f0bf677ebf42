import { randomUUID } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AsyncInvokeModel } from '../template/model.ts';
import { localAccount, localArn, localRegion } from '../template/names.ts';
import type { Invocation, InvokeOptions } from './pool.ts';

/** Invokes functions without a caller that waits, as Lambda does for EventBridge Scheduler and `InvocationType: Event`. */
export interface AsyncInvocations {
  invoke: (functionName: string, event: unknown) => void;
  /** Forgets the retries that are due later. Lambda keeps them; the local stack loses them when it stops. */
  stop: () => void;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
export interface FailureRecord {
  version: '1.0';
  timestamp: string;
  requestContext: {
    requestId: string;
    functionArn: string;
    condition: 'RetriesExhausted' | 'EventAgeExceeded';
    approximateInvokeCount: number;
  };
  requestPayload: unknown;
  responseContext: { statusCode: number; executedVersion: string; functionError: string };
  responsePayload: unknown;
}

export interface AsyncInvocationsOptions {
  /** Settings of functions that do not have Lambda's defaults. */
  models: readonly AsyncInvokeModel[];
  invoke: (functionName: string, event: unknown, options: InvokeOptions) => Promise<Invocation>;
  /** Seconds before each retry. @default - one and two minutes, as Lambda's */
  retrySeconds?: readonly number[] | undefined;
  /** Sends a record to a queue with the permissions of the function. */
  send: (queueArn: string, functionName: string, record: FailureRecord) => Promise<void>;
  /** Receives what could not be sent. */
  failed: (cause: unknown) => void;
  now: () => number;
}

interface Attempt {
  functionName: string;
  event: unknown;
  requestId: string;
  /** Milliseconds since the epoch at which the event was queued. */
  queuedAt: number;
  /** From 1. */
  number: number;
}

/** Lambda's settings for a function that has none: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const lambdaDefaults = { maximumRetries: 2, maximumAgeSeconds: 21_600, failureQueueArn: undefined };
const lambdaRetrySeconds = [60, 120];

export function createAsyncInvocations(options: AsyncInvocationsOptions): AsyncInvocations {
  const { now, retrySeconds = lambdaRetrySeconds } = options;
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  async function run(attempt: Attempt): Promise<void> {
    const { functionName, event, requestId, number, queuedAt } = attempt;
    const invocation = await options.invoke(functionName, event, { requestId });
    if (stopped || invocation.kind === 'done') return;
    const { maximumRetries, maximumAgeSeconds } = settingsOf(functionName);
    if (number > maximumRetries) return giveUp(attempt, 'RetriesExhausted', invocation);
    const seconds = retrySeconds[number - 1] ?? 0;
    if (now() + seconds * 1000 - queuedAt > maximumAgeSeconds * 1000)
      return giveUp(attempt, 'EventAgeExceeded', invocation);
    const timer = setTimeout(() => {
      timers.delete(timer);
      start({ ...attempt, number: number + 1 });
    }, seconds * 1000);
    timers.add(timer);
  }

  function settingsOf(functionName: string) {
    return options.models.find((each) => each.functionName === functionName) ?? lambdaDefaults;
  }

  async function giveUp(
    { functionName, event, requestId, number }: Attempt,
    condition: FailureRecord['requestContext']['condition'],
    { error }: Extract<Invocation, { kind: 'failed' }>,
  ): Promise<void> {
    const { failureQueueArn } = settingsOf(functionName);
    if (failureQueueArn === undefined) return;
    await options.send(failureQueueArn, functionName, {
      version: '1.0',
      timestamp: new Date(now()).toISOString(),
      requestContext: {
        requestId,
        functionArn: localArn('lambda', `function:${functionName}:$LATEST`),
        condition,
        approximateInvokeCount: number,
      },
      requestPayload: event,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: error,
    });
  }

  function start(attempt: Attempt): void {
    run(attempt).catch(options.failed);
  }

  return {
    invoke: (functionName, event) =>
      start({ functionName, event, requestId: randomUUID(), queuedAt: now(), number: 1 }),
    stop: () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Returns a sender whose requests are evaluated with the role of the function, as Lambda's are. */
export function createFailureSender(queuesUrl: string): AsyncInvocationsOptions['send'] {
  return async (queueArn, functionName, record) => {
    const credentials = { accessKeyId: functionName, secretAccessKey: 'local' };
    const client = new SQSClient({ region: localRegion, endpoint: queuesUrl, credentials });
    const QueueUrl = `${queuesUrl}/${localAccount}/${queueArn.split(':').at(-1)}`;
    await client
      .send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(record) }))
      .finally(() => client.destroy());
  };
}

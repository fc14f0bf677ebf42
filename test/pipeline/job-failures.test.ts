import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { command } from '#cli/commands/doctor.ts';
import { runProgram } from '#cli/program.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { entityKeys } from '#schemas/counters.ts';
import { click, countReceived, receivedOf, temporaryDirectory } from './stack-facts.ts';

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    batchWindowSeconds: 0.3,
    asyncRetrySeconds: [0, 0],
  });
});
afterAll(async () => {
  await stack.stop();
  remove();
});

/** Returns the lines of `hopcount doctor` that are not ok. */
async function doctor(): Promise<string> {
  const lines: string[] = [];
  await runProgram({ doctor: async () => command }, ['doctor'], {
    stdin: process.stdin,
    print: (line) => lines.push(line),
    note: () => undefined,
    progress: () => undefined,
    environment: { HOPCOUNT_DATA: directory },
    now: Date.now,
    catchInterrupt: () => new AbortController().signal,
  });
  return lines.filter((line) => !line.startsWith('✓')).join('\n');
}

function receive() {
  const client = new SQSClient(stack.clientOptions('sqs'));
  return client.send(new ReceiveMessageCommand({ QueueUrl: stack.outputs.JobFailuresQueueUrl, VisibilityTimeout: 0 }));
}

it('a job that throws three times leaves one message, and its work is done by the next run', async () => {
  await click(`${stack.url}/spring`);
  await stack.idle();
  expect(await doctor()).not.toContain('! jobs ');
  stack.serviceFaults.set({ rollups: 'failing' });
  const payload = { time: new Date().toISOString(), includeOpen: true };
  const { StatusCode } = await new LambdaClient(stack.clientOptions('lambda')).send(
    new InvokeCommand({
      FunctionName: stack.outputs.ReceiptsFunction,
      InvocationType: 'Event',
      Payload: JSON.stringify(payload),
    }),
  );
  expect(StatusCode).toBe(202);
  const [message, ...others] = await vi.waitFor(async () => (await receive()).Messages ?? expect.unreachable(), 60_000);
  stack.serviceFaults.set({ rollups: 'working' });
  expect(others).toEqual([]);
  expect(JSON.parse(message?.Body ?? '')).toMatchObject({
    version: '1.0',
    requestContext: {
      functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${stack.outputs.ReceiptsFunction}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: payload,
    responseContext: { functionError: 'Unhandled' },
    responsePayload: { errorMessage: expect.any(String) },
  });
  expect((await stack.idle()).idle).toBe(true);
  expect(await doctor()).toMatch(/^! jobs +1 runs failed in two days$/m);
  expect(await receivedOf(stack, entityKeys.stack)).toBe(0);
  await countReceived(stack);
  expect(await receivedOf(stack, entityKeys.stack)).toBe(1);
});

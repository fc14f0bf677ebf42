import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { command } from '#cli/commands/doctor.ts';
import type { Terminal } from '#cli/command.ts';
import { importHistory } from '#cli/history/import-history.ts';
import { undoHistory } from '#cli/history/list-history.ts';
import { runProgram } from '#cli/program.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { dayLength } from '#core/time.ts';
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
  await runProgram({ doctor: async () => command }, ['doctor'], terminalOf(lines));
  return lines.filter((line) => !line.startsWith('✓')).join('\n');
}

function terminalOf(lines: string[]): Terminal {
  return {
    stdin: process.stdin,
    print: (line) => void lines.push(line),
    note: () => undefined,
    progress: () => undefined,
    environment: { HOPCOUNT_DATA: directory },
    now: Date.now,
    catchInterrupt: () => new AbortController().signal,
  };
}

/** Imports a file into the demo page, and returns what `hopcount history import` prints. */
async function importFile(text: string): Promise<string> {
  const lines: string[] = [];
  const file = path.join(directory, 'yourls.csv');
  writeFileSync(file, text);
  await importHistory.run('', [file, '--page', '/demo', '--zone', 'UTC'], terminalOf(lines));
  return lines.join('\n');
}

/** Runs a job as of a time in milliseconds since the epoch, with the permissions of its function. */
async function invoke(name: 'SettleFunction' | 'RetentionFunction', time: number): Promise<unknown> {
  const { Payload } = await new LambdaClient(stack.clientOptions('lambda')).send(
    new InvokeCommand({
      FunctionName: stack.outputs[name],
      Payload: JSON.stringify({ time: new Date(time).toISOString() }),
    }),
  );
  return JSON.parse(Buffer.from(Payload ?? []).toString('utf8'));
}

function receive() {
  const client = new SQSClient(stack.clientOptions('sqs'));
  return client.send(new ReceiveMessageCommand({ QueueUrl: stack.outputs.JobFailuresQueueUrl, VisibilityTimeout: 0 }));
}

it('an import, one that fails by its file and one that is undone leave nothing for doctor to report', async () => {
  await click(`${stack.url}/spring`);
  await stack.idle();
  await countReceived(stack);
  const before = await doctor();
  const header = 'click_id,click_time,shorturl,referrer,user_agent,ip_address,country_code';
  const recent = new Date(Date.now() - 2 * dayLength).toISOString().slice(0, 10);
  const done = await importFile(
    `${header}\n1,2024-03-05 10:00:00,spring,direct,,,AT\n2,${recent} 10:00:00,spring,direct,,,AT`,
  );
  expect(done).toContain('2 rows = 2 accepted');
  expect(await importFile('PK\u0003\u0004oops')).toContain('the archive is damaged');
  expect(await doctor()).toBe(before);
  const id = /import (\w+);/.exec(done)?.[1] ?? '';
  expect(await undoHistory.run('', [id], terminalOf([]))).toBe(0);
  await stack.idle();
  // Once its dates have settled, and a day is over, it needs no tombstone.
  expect(await invoke('SettleFunction', Date.now())).toMatchObject({ state: 'done', refused: [] });
  expect(await invoke('RetentionFunction', Date.now())).toMatchObject({ tombstones: 0, kept: [] });
  expect(await invoke('RetentionFunction', Date.now() + 2 * dayLength)).toMatchObject({ tombstones: 1, kept: [] });
  expect(await doctor()).toBe(before);
});

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
  expect(await receivedOf(stack, entityKeys.stack)).toBe(1);
  await countReceived(stack);
  expect(await receivedOf(stack, entityKeys.stack)).toBe(2);
});

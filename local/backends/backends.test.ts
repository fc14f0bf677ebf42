import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type Backends, startBackends } from './backends.ts';
import { createServiceFaults } from '../fault-injection/service-faults.ts';
import { findDynoxide } from './dynoxide.ts';

const dataDirectory = mkdtempSync(path.join(tmpdir(), 'hopcount-backends-'));
let backends: Backends | undefined;
afterAll(async () => {
  await backends?.stop();
  rmSync(dataDirectory, { recursive: true, force: true });
});

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const common = { region: 'us-east-1', credentials };
function arnOf(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}
const files = arnOf('files');

const serviceFaults = createServiceFaults();

async function start(): Promise<Backends> {
  const started = await startBackends({
    dataDirectory,
    region: 'us-east-1',
    dynoxide: findDynoxide(),
    serviceFaults,
    denied: () => undefined,
  });
  backends = started;
  const redrive = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 });
  await started.declare({
    roles: [],
    resourceStatements: [],
    services: { clicks: 'clicks' },
    queues: [
      { name: 'dead', arn: arnOf('dead'), attributes: {} },
      { name: 'files', arn: files, attributes: { VisibilityTimeout: '0', RedrivePolicy: redrive } },
      { name: 'clicks', arn: arnOf('clicks'), attributes: { VisibilityTimeout: '300' } },
    ],
    buckets: [{ name: 'lake', notifications: [{ queueArn: files, prefix: 'raw/', suffix: '' }], crossOrigin: [] }],
  });
  return started;
}

const notificationSchema = z.object({
  Records: z.array(
    z.object({ s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }) }),
  ),
});

describe('the backends', () => {
  it('announce a written object, move what fails too often, and keep everything through kill -9', async () => {
    const first = await start();
    const s3 = new S3Client({ ...common, endpoint: first.queuesUrl, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'raw/dt=1/a b.parquet', Body: 'rows' }));
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'failed/x', Body: 'no' }));
    // Larger than what fauxqs takes in a request: a browser uploads a file as a whole.
    const large = new Uint8Array(12 * 1024 * 1024).fill(7);
    const atGate = new S3Client({ ...common, endpoint: first.gateUrl, forcePathStyle: true });
    await atGate.send(new PutObjectCommand({ Bucket: 'lake', Key: 'imports/a b/upload', Body: large }));
    const nowhere = new PutObjectCommand({ Bucket: 'none', Key: 'a', Body: large });
    await expect(atGate.send(nowhere)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    atGate.destroy();
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key: 'imports/a b/upload' }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(large)).toBe(true);
    s3.destroy();
    function receive() {
      return first.receive({ queueArn: files, maximum: 10, maximumBytes: 1e6, waitMs: 0 });
    }
    const [announced, ...others] = await receive();
    expect(others).toEqual([]);
    expect(notificationSchema.parse(JSON.parse(announced?.body ?? ''))).toEqual({
      Records: [{ s3: { bucket: { name: 'lake' }, object: { key: 'raw/dt%3D1/a+b.parquet' } } }],
    });
    expect(await receive()).toHaveLength(1);
    expect(await receive()).toEqual([]);
    expect((await first.depths()).find(({ name }) => name === 'dead')).toMatchObject({ ready: 1 });

    const sqs = new SQSClient({ ...common, endpoint: first.gateUrl, maxAttempts: 1 });
    const QueueUrl = `${first.gateUrl}/000000000000/clicks`;
    const held = new SendMessageCommand({ QueueUrl, MessageBody: 'held' });
    serviceFaults.set({ clicks: 'failing' });
    await expect(sqs.send(held)).rejects.toThrow('The request processing has failed.');
    serviceFaults.set({ clicks: 'working' });
    await sqs.send(held);
    const empty = new SendMessageCommand({ QueueUrl, MessageBody: '' });
    await expect(sqs.send(empty)).rejects.toMatchObject({ name: 'AWS.SimpleQueueService.MissingParameter' });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'waiting' }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
    sqs.destroy();
    const tables = new DynamoDBClient({ ...common, endpoint: first.tablesUrl });
    await tables.send(
      new CreateTableCommand({
        TableName: 'kept',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      }),
    );
    tables.destroy();
    first.kill();
    await first.ended;

    const second = await start();
    const again = new DynamoDBClient({ ...common, endpoint: second.tablesUrl });
    expect((await again.send(new ListTablesCommand())).TableNames).toEqual(['kept']);
    again.destroy();
    // What was in flight is ready again at once: whoever held it ended with the run.
    const both = await second.receive({ queueArn: arnOf('clicks'), maximum: 10, maximumBytes: 1e6, waitMs: 0 });
    expect(both.map(({ body }) => body).sort()).toEqual(['held', 'waiting']);
    await second.delete({ queueArn: arnOf('clicks'), receiptHandles: both.map(({ receiptHandle }) => receiptHandle) });
    expect((await second.depths()).find(({ name }) => name === 'clicks')).toMatchObject({ ready: 0, inFlight: 0 });
  });

  it('end without a complaint when their parent ends before they listen', async () => {
    const directory = path.join(dataDirectory, 'left');
    const dynoxide = path.join(dataDirectory, 'waiting-dynoxide');
    const gate = path.join(dataDirectory, 'go');
    writeFileSync(dynoxide, `#!/bin/sh\nuntil [ -e "${gate}" ]; do sleep 0.02; done\nexec "${findDynoxide()}" "$@"\n`);
    chmodSync(dynoxide, 0o755);

    const child = fork(new URL('./process.ts', import.meta.url), {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk));
    const exited = once(child, 'exit');
    child.send({ dataDirectory: directory, region: 'us-east-1', dynoxide });
    await vi.waitUntil(() => existsSync(path.join(directory, 'tables.db.pid')), { timeout: 30_000 });
    child.disconnect();
    writeFileSync(gate, '');
    const [code] = await exited;
    expect({ code, output: Buffer.concat(output).toString() }).toEqual({ code: 0, output: '' });
  });
});

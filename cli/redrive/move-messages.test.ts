import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { moveMessages, queueDepth } from './move-messages.ts';

let server: FauxqsServer;
let client: SQSClient;
beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  client = new SQSClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${server.port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  client.destroy();
  await server.stop();
});

test('every message moves once, with its body', async () => {
  const from = server.createQueue('dead').queueUrl;
  const to = server.createQueue('alive').queueUrl;
  const bodies = Array.from({ length: 23 }, (_, index) =>
    JSON.stringify({ id: String(index), text: 'ü'.repeat(index) }),
  );
  for (const MessageBody of bodies) await client.send(new SendMessageCommand({ QueueUrl: from, MessageBody }));

  const progress: number[] = [];
  const move = await moveMessages(client, from, to, (moved) => progress.push(moved));

  expect(move).toEqual({ waiting: 23, moved: 23 });
  expect(progress.at(-1)).toBe(23);
  const moved = server.inspectQueue('alive')?.messages.ready.map(({ body }) => body) ?? [];
  expect(moved.sort()).toEqual(bodies.sort());
  expect(await queueDepth(client, from)).toEqual({ waiting: 0, inFlight: 0 });
});

test('an empty queue moves nothing and asks for nothing', async () => {
  const from = server.createQueue('empty').queueUrl;
  expect(await moveMessages(client, from, from, () => {})).toEqual({ waiting: 0, moved: 0 });
});

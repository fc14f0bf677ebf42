import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startQueuesAndBuckets } from '#test/emulator.ts';
import { moveMessages, queueDepth } from './move-messages.ts';

let server: Awaited<ReturnType<typeof startQueuesAndBuckets>>;
let client: SQSClient;
beforeAll(async () => {
  server = await startQueuesAndBuckets();
  client = new SQSClient({
    region: 'us-east-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  client.destroy();
  await server.stop();
});

async function createQueue(QueueName: string): Promise<string> {
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName }));
  return QueueUrl;
}

async function receiveAll(QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

test('every message moves once, with its body', async () => {
  const from = await createQueue('dead');
  const to = await createQueue('alive');
  const bodies = Array.from({ length: 23 }, (_, index) =>
    JSON.stringify({ id: String(index), text: 'ü'.repeat(index) }),
  );
  for (const MessageBody of bodies) await client.send(new SendMessageCommand({ QueueUrl: from, MessageBody }));

  const progress: number[] = [];
  const move = await moveMessages(client, from, to, (moved) => progress.push(moved));

  expect(move).toEqual({ waiting: 23, moved: 23 });
  expect(progress.at(-1)).toBe(23);
  expect((await receiveAll(to)).sort()).toEqual(bodies.sort());
  expect(await queueDepth(client, from)).toEqual({ waiting: 0, inFlight: 0 });
});

test('an empty queue moves nothing and asks for nothing', async () => {
  const from = await createQueue('empty');
  expect(await moveMessages(client, from, from, () => {})).toEqual({ waiting: 0, moved: 0 });
});

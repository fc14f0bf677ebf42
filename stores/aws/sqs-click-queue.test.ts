import { SQSClient } from '@aws-sdk/client-sqs';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createClickQueue } from './sqs-click-queue.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** SQS as far as it is used here: `respond` decides what becomes of each request. */
async function setUp(respond: (response: ServerResponse, body: string) => void, timeout = 2_500) {
  const lines: string[] = [];
  const bodies: string[] = [];
  const started = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      respond(response, body);
    });
  }).listen(0, '127.0.0.1');
  server = started;
  await once(started, 'listening');
  const address = started.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const client = new SQSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 2,
  });
  const queueUrl = `http://127.0.0.1:${port}/1/clicks`;
  const queue = createClickQueue({ client, queueUrl, writeLine: (line) => void lines.push(line), timeout });
  return { queue, lines, bodies };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}
/** The client compares the digest with what it sent. */
function taken(response: ServerResponse, body: string): void {
  const digest = createHash('md5').update(JSON.parse(body).MessageBody).digest('hex');
  answer(response, 200, { MessageId: 'm', MD5OfMessageBody: digest });
}
const event = { id: '42', version: 1, title: 'Ünïcode ☕' };

describe('click queue', () => {
  it('sends one message with the event as JSON', async () => {
    const { queue, lines, bodies } = await setUp((response, body) => taken(response, body));
    expect(await queue.send(event)).toBe('sent');
    expect(bodies.map((body) => JSON.parse(JSON.parse(body).MessageBody))).toEqual([event]);
    expect(lines).toEqual([]);
  });

  it('writes the event into one log line if SQS refuses it', async () => {
    const { queue, lines } = await setUp((response) =>
      answer(response, 403, { __type: 'AccessDenied', message: 'no' }),
    );
    expect(await queue.send(event)).toBe('unsent');
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ message: 'click.unsent', error: expect.stringContaining('AccessDenied') });
    expect(JSON.parse(line.body)).toEqual(event);
  });

  it('gives up on a queue that does not respond', async () => {
    const { queue, lines } = await setUp(() => {}, 50);
    expect(await queue.send(event)).toBe('unsent');
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['click.unsent']);
  });
});

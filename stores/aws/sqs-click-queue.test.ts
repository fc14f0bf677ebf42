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
  it('escapes the two characters that SQS does not accept', async () => {
    const { queue, bodies } = await setUp(taken);
    const odd = { ...event, title: 'a\ufffe\uffff' };
    await queue.send(odd);
    const { MessageBody } = JSON.parse(bodies[0] ?? '');
    expect(MessageBody).not.toMatch(/[\ufffe\uffff]/);
    expect(JSON.parse(MessageBody)).toEqual(odd);
  });

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

describe('several events', () => {
  function sizes(bodies: readonly string[]): number[] {
    return bodies.map((body) => JSON.parse(body).Entries.length).toSorted((a, b) => a - b);
  }
  function takenAll(response: ServerResponse, body: string, failed: readonly string[] = []): void {
    const entries: { Id: string; MessageBody: string }[] = JSON.parse(body).Entries;
    answer(response, 200, {
      Successful: entries
        .filter(({ Id }) => !failed.includes(Id))
        .map(({ Id, MessageBody }) => ({
          Id,
          MessageId: Id,
          MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
        })),
      Failed: failed.map((Id) => ({ Id, Code: 'InternalError', SenderFault: false, Message: 'no' })),
    });
  }
  function events(count: number) {
    return Array.from({ length: count }, (_each, index) => ({ id: String(index) }));
  }

  it.each([
    [0, []],
    [10, [10]],
    [11, [1, 10]],
    [100, Array(10).fill(10)],
  ])('%i are sent ten at a time', async (count, expected) => {
    const { queue, lines, bodies } = await setUp((response, body) => takenAll(response, body));
    await queue.sendAll(events(count));
    expect(sizes(bodies)).toEqual(expected);
    expect(lines).toEqual([]);
  });

  it('are at most 256 KB in a request', async () => {
    const { queue, bodies } = await setUp((response, body) => takenAll(response, body));
    const half = { id: '1', text: 'x'.repeat(131_072 - JSON.stringify({ id: '1', text: '' }).length) };
    await queue.sendAll([half, half]);
    expect(sizes(bodies)).toEqual([2]);
    await queue.sendAll([half, half, { id: '2' }]);
    expect(sizes(bodies)).toEqual([1, 2, 2]);
  });

  it('are each one log line if SQS did not take them', async () => {
    const { queue, lines } = await setUp((response, body) => takenAll(response, body, ['1', '2']));
    await queue.sendAll(events(4));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { message: 'click.unsent', error: 'InternalError: no', body: '{"id":"1"}' },
      { message: 'click.unsent', error: 'InternalError: no', body: '{"id":"2"}' },
    ]);
  });

  it('are all log lines if the request failed', async () => {
    const { queue, lines } = await setUp((response) =>
      answer(response, 403, { __type: 'AccessDenied', message: 'no' }),
    );
    await queue.sendAll(events(12));
    expect(new Set(lines.map((line) => JSON.parse(JSON.parse(line).body).id))).toEqual(
      new Set(events(12).map(({ id }) => id)),
    );
  });
});

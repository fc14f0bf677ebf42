import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createClickQueue } from './sqs-click-queue.ts';
import { createSqsRequests, readSqsSettings } from './sqs-requests.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** SQS as far as it is used here: `respond` decides what becomes of each request. */
async function setUp(respond: (response: ServerResponse, body: string) => void, timeout = 2_500) {
  const lines: string[] = [];
  const bodies: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const started = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      headers.push(request.headers);
      respond(response, body);
    });
  }).listen(0, '127.0.0.1');
  server = started;
  await once(started, 'listening');
  const address = started.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const settings = readSqsSettings(queueUrlOf('https://sqs.eu-central-1.amazonaws.com'), {
    AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_SESSION_TOKEN: 'c',
  });
  const queue = createClickQueue({
    request: createSqsRequests({ ...settings, maxAttempts: 2 }),
    queueUrl: queueUrlOf(settings.endpoint),
    writeLine: (line) => void lines.push(line),
    timeout,
  });
  return { queue, lines, bodies, headers };
}

function queueUrlOf(origin: string): string {
  return `${origin}/1/clicks`;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}
function taken(response: ServerResponse): void {
  answer(response, 200, { MessageId: 'm' });
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
    const { queue, lines, bodies } = await setUp(taken);
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

  it('signs each request for the region of the queue', async () => {
    const { queue, headers } = await setUp(taken);
    await queue.send(event);
    expect(headers).toMatchObject([{ 'x-amz-target': 'AmazonSQS.SendMessage', 'x-amz-security-token': 'c' }]);
    expect(headers[0]?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=a\/\d{8}\/eu-central-1\/sqs\/aws4_request, SignedHeaders=\S*;host;\S+, Signature=[0-9a-f]{64}$/,
    );
  });

  it.each([
    ['a fault of the service', (response: ServerResponse) => answer(response, 500, { __type: 'InternalError' })],
    [
      'throttling',
      (response: ServerResponse) => answer(response, 400, { __type: 'com.amazonaws.sqs#RequestThrottled' }),
    ],
    ['a lost connection', (response: ServerResponse) => void response.destroy()],
  ])('sends again after %s', async (_fault, fail) => {
    let failures = 1;
    const { queue, lines, bodies } = await setUp((response) => {
      failures -= 1;
      if (failures >= 0) fail(response);
      else taken(response);
    });
    expect(await queue.send(event)).toBe('sent');
    expect(bodies).toHaveLength(2);
    expect(lines).toEqual([]);
  });

  it('names the error after the last attempt, and does not repeat what SQS refuses', async () => {
    const faulty = await setUp((response) => answer(response, 500, 'no JSON object'));
    expect(await faulty.queue.send(event)).toBe('unsent');
    expect(faulty.bodies).toHaveLength(2);
    server?.close();
    const refusing = await setUp((response) =>
      answer(response, 400, { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'no queue' }),
    );
    expect(await refusing.queue.send(event)).toBe('unsent');
    expect(refusing.bodies).toHaveLength(1);
    expect(JSON.parse(refusing.lines[0] ?? '')).toMatchObject({ error: 'QueueDoesNotExist: no queue' });
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
    const entries: { Id: string }[] = JSON.parse(body).Entries;
    answer(response, 200, {
      Successful: entries.filter(({ Id }) => !failed.includes(Id)).map(({ Id }) => ({ Id, MessageId: Id })),
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

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, describe, expect, it } from 'vitest';
import type { RefusedLine, RequestLine } from '#schemas/log-lines.ts';
import { StoreUnavailable } from '../errors.ts';
import { createLogLines } from './cloudwatch-request-lines.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** CloudWatch Logs as far as one call: answers the n-th call with the n-th page, then with errors. */
async function logsOf(pages: { events: { message: string; timestamp?: number }[]; nextToken?: string }[]) {
  const calls: unknown[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      calls.push(JSON.parse(Buffer.concat(parts).toString('utf8')));
      const page = pages[calls.length - 1];
      response.writeHead(page ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(page ?? { __type: 'ResourceNotFoundException', message: 'no such group' }));
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const client = new CloudWatchLogsClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return { client, calls };
}

async function read(
  client: CloudWatchLogsClient,
  groups: string[],
  deadline = Infinity,
): Promise<(RequestLine | RefusedLine)[]> {
  const lines: (RequestLine | RefusedLine)[] = [];
  const logs = createLogLines({ client, groups, now: () => 0 });
  for await (const request of logs.requests({ start: 1_000, end: 2_000 }, deadline)) lines.push(request);
  return lines;
}

function line(id: string): RequestLine {
  return { message: 'request', id, at: 5, page: '/ada', link: null };
}
function event(value: unknown) {
  return { message: JSON.stringify(value) };
}

describe('log lines', () => {
  it('reads every page of every log group, up to but not including the end of the window', async () => {
    const { client, calls } = await logsOf([
      { events: [event(line('1'))], nextToken: 'more' },
      { events: [event(line('2'))] },
      { events: [event(line('3')), { ...event(line('next window')), timestamp: 2_000 }] },
    ]);
    expect(await read(client, ['redirect', 'collect'])).toEqual([line('1'), line('2'), line('3')]);
    const filterPattern = '{ ($.message = "request") || ($.message = "request.refused") }';
    const range = { startTime: 1_000, endTime: 2_000, filterPattern };
    expect(calls).toEqual([
      { logGroupName: 'redirect', ...range },
      { logGroupName: 'redirect', ...range, nextToken: 'more' },
      { logGroupName: 'collect', ...range },
    ]);
  });

  it('leaves out other lines', async () => {
    const noise = [
      { message: 'START RequestId' },
      event({ message: 'click.unsent' }),
      event({ message: 'request', id: 1 }),
    ];
    const refused = {
      message: 'request.refused',
      at: 5,
      rule: 'method.POST',
      count: 1,
      page: '/ada',
      link: 'k3x9',
    };
    const damaged = [
      { ...refused, rule: 'a b' },
      { ...refused, count: 0 },
      { ...refused, at: null },
    ].map(event);
    const { client } = await logsOf([{ events: [...noise, ...damaged, event(line('1')), event(refused)] }]);
    expect(await read(client, ['redirect'])).toEqual([line('1'), refused]);
  });

  it('names a log group that does not respond, and one that was not read in time', async () => {
    const { client } = await logsOf([]);
    await expect(read(client, ['redirect'])).rejects.toThrow(
      new StoreUnavailable('log group redirect did not respond'),
    );
    await expect(read(client, ['redirect'], 0)).rejects.toThrow('not read to its end in time');
  });
});

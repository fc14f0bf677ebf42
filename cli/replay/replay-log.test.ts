import { createServer, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLog } from './log-file.ts';
import { openPosition } from './position.ts';
import { replayLog, surveyLog } from './replay-log.ts';
import { createSender } from './send-request.ts';

const log = [
  '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /a?x=1&utm_source=y HTTP/1.1" 200 1 "https://example.com/" "Mozilla/5.0"',
  '2001:db8::7 - - [17/May/2015:10:05:43 +0000] "HEAD /a HTTP/1.1" 200 1 "-" "-"',
  '192.0.2.7 - - [17/May/2015:10:05:44 +0000] "POST /b HTTP/1.1" 200 1',
  '192.0.2.7 - - [17/May/2015:10:05:45 +0000] "GET /a HTTP/1.1" 200 1 "-" "Mozilla/5.0 (compatible; cut',
  '192.0.2.7 - - [17/May/2015:10:05:46 +0000] "BREW /pot HTTP/1.1" 418 1 "-" "x"',
  '192.0.2.7 - - [17/May/2015:10:05:47 +0000] "GET /hangs-up HTTP/1.1" 200 1 "-" "x"',
  '192.0.2.7 - - [17/May/2015:10:05:47 +0000] "GET /killed HTTP/1.1" 200 1 "-" "x"',
  '',
].join('\n');

const received: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
const server = createServer((request, response) => {
  const { method, url, headers } = request;
  if (url?.startsWith('/killed')) {
    response.writeHead(502).end();
    return;
  }
  if (url?.startsWith('/hangs-up')) {
    request.socket.destroy();
    return;
  }
  received.push({ method, url, headers });
  response.writeHead(method === 'POST' ? 405 : 302, { location: 'https://example.com/' }).end('see there');
});
let base = '';
let folder = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  base = `http://127.0.0.1:${address.port}`;
  folder = await mkdtemp(path.join(os.tmpdir(), 'replay-'));
});
afterAll(() => {
  server.close();
});

async function replay(file: string, speed?: number) {
  const { lines: read } = await openLog(file, { now: Date.now });
  const survey = await surveyLog(read(), '/logs', 'https://example.com');
  const { send, close } = createSender(base, 2);
  const position = openPosition({ folder, log: file, page: '/logs', now: () => 0 });
  let clock = 0;
  const lines: number[] = [];
  const report = await replayLog(read(), {
    links: survey.links,
    send,
    position,
    concurrency: 2,
    speed,
    now: () => clock++,
    onLine: (done) => lines.push(done),
    interrupted: new AbortController().signal,
  });
  close();
  position.close(report.atEnd);
  return { survey, report, lines };
}

test('each line is sent as it was logged, or accounted for by number and reason', async () => {
  const file = path.join(folder, 'access.log');
  await writeFile(file, log);
  const { survey, report, lines } = await replay(file);

  expect(survey).toMatchObject({
    lines: 7,
    first: Date.UTC(2015, 4, 17, 10, 5, 3),
    last: Date.UTC(2015, 4, 17, 10, 5, 47),
  });
  expect([...survey.links.keys()]).toEqual(['/a', '/b', '/hangs-up', '/killed']);
  expect(report.statuses).toEqual(
    new Map([
      [302, 2],
      [405, 1],
    ]),
  );
  expect([...survey.refused.reasons]).toEqual([
    ['the user agent is not between quotes', { count: 1, first: [{ line: 4, value: undefined }] }],
    ['the method cannot be sent', { count: 1, first: [{ line: 5, value: 'BREW' }] }],
  ]);
  expect(report).toMatchObject({ skipped: 2, changed: 0 });
  // The common format of line 3 has no headers, and no line has a host.
  expect(Object.fromEntries(survey.missing)).toEqual({ referrer: 1, userAgent: 1, host: 5 });
  expect(report.unanswered).toEqual([
    { line: 6, reason: expect.stringMatching(/ECONNRESET|socket hang up/) },
    { line: 7, reason: 'status 502' },
  ]);
  expect(report.answered + report.skipped + report.unanswered.length).toBe(survey.lines);
  expect(lines.at(-1)).toBe(7);

  const get = received.find(({ method }) => method === 'GET');
  expect(get?.url).toMatch(/^\/a-[0-9a-z]{10}\?x=1&utm_source=y$/);
  expect(get?.headers).toMatchObject({
    'user-agent': 'Mozilla/5.0',
    referer: 'https://example.com/',
    'x-replay-ip': '192.0.2.7',
    'x-replay-time': '2015-05-17T10:05:03.000Z',
  });
  const head = received.find(({ method }) => method === 'HEAD');
  // Known to be absent is empty; unknown is missing.
  expect(head?.headers).toMatchObject({ 'user-agent': '', referer: '', 'x-replay-ip': '2001:db8::7' });
  expect(received.find(({ method }) => method === 'POST')?.headers).not.toHaveProperty('user-agent');
});

test('a packed log, at a pace', async () => {
  const file = path.join(folder, 'access.log.gz');
  await writeFile(file, gzipSync(log));
  const { report } = await replay(file, 1_000_000);
  expect(report.answered).toBe(3);
});

test('a log that is not there names itself', async () => {
  await expect(replay(path.join(folder, 'none.log'))).rejects.toThrow('`<access-log>` must be a readable file; got');
});

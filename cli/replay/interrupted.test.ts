import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openLinesLimit, requestKey } from './replay-log.ts';
import { replayTo } from './replay-process.fixture.ts';

const lineCount = 300;
let folder = '';
let log = '';
let base = '';

/** What the edge does with a request: `hang` receives it, but the response is lost; `cut` closes the connection. */
let decide: (line: number) => 'answer' | 'refuse' | 'hang' | 'cut';
/** Lines that the edge has received, and how its log names them. */
const received: number[] = [];
const requestLines = new Map<string, number>();
/** Lines that were refused once already. */
const refused = new Set<number>();
let hanging = 0;

const server = createServer((request, response) => {
  const [code = '', query] = (request.url ?? '').slice(1).split('?');
  const line = Number(query);
  const decision = decide(line);
  if (decision === 'cut') {
    request.socket.destroy();
    return;
  }
  if (decision === 'refuse' || (line % 3 === 0 && !refused.has(line))) {
    refused.add(line);
    response.writeHead(line % 2 === 0 ? 503 : 429, { 'retry-after': '0' }).end();
    return;
  }
  received.push(line);
  const key = requestKey(code, Date.parse(String(request.headers['x-replay-time'])));
  requestLines.set(key, (requestLines.get(key) ?? 0) + 1);
  if (decision === 'hang') hanging += 1;
  else setTimeout(() => response.writeHead(302).end(), 2);
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  base = `http://127.0.0.1:${address.port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'replay-'));
  log = path.join(folder, 'access.log');
  received.length = 0;
  requestLines.clear();
  refused.clear();
  hanging = 0;
  decide = () => 'answer';
  await writeLog(lineCount);
});

/** Two links and few seconds, so that many lines look the same. */
async function writeLog(length: number): Promise<void> {
  const lines = Array.from({ length }, (_, index) => {
    const second = String(Math.floor(index / 60)).padStart(2, '0');
    return `192.0.2.7 - - [17/May/2015:10:05:${second} +0000] "GET /${index % 2}?${index} HTTP/1.1" 200 1 "-" "x"`;
  });
  await writeFile(log, lines.join('\n'));
}

function expectEachOnce(): void {
  expect(received.toSorted((a, b) => a - b)).toEqual(Array.from({ length: lineCount }, (_, index) => index));
}

test('a request that the edge refuses is sent again', async () => {
  const { report, position } = await replayTo(base, { folder, log });
  expect(report).toMatchObject({ answered: lineCount, refused: [], atEnd: true });
  expectEachOnce();
  expect(existsSync(position.file)).toBe(false);
});

test('an interrupted replay waits for its requests, and the next one continues', async () => {
  const interrupted = new AbortController();
  decide = (line) => {
    if (line === 100) interrupted.abort();
    return 'answer';
  };
  const first = await replayTo(base, { folder, log, interrupted: interrupted.signal });
  expect(first.report.atEnd).toBe(false);
  expect(first.report.answered).toBe(received.length);
  const second = await replayTo(base, { folder, log, received: new Map(requestLines) });
  expect(first.report.answered + second.report.answered).toBe(lineCount);
  expectEachOnce();
});

test('a replay that was killed sends nothing twice and skips nothing', async () => {
  const script = path.join(import.meta.dirname, 'replay-process.fixture.ts');
  const killed = spawn(process.execPath, [script, base, folder, log]);
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(60), { timeout: 20_000, interval: 2 });
  decide = () => 'hang';
  await vi.waitFor(() => expect(hanging).toBe(8), { timeout: 20_000, interval: 2 });
  const exited = once(killed, 'exit');
  killed.kill('SIGKILL');
  await exited;
  const before = received.length;
  decide = () => 'answer';
  const { report } = await replayTo(base, { folder, log, received: new Map(requestLines) });
  expect(report.answered).toBe(lineCount - before);
  expectEachOnce();
});

test('what the edge keeps refusing is counted by line, and sent by the next replay', async () => {
  let attempts = 0;
  decide = (line) => {
    if (line === 100) attempts += 1;
    return line >= 100 && line < 110 ? 'refuse' : 'answer';
  };
  const first = await replayTo(base, { folder, log });
  expect(first.report).toMatchObject({ answered: lineCount - 10, atEnd: true });
  expect(first.report.refused.map(({ line }) => line)).toEqual(Array.from({ length: 10 }, (_, index) => 101 + index));
  expect(first.report.refused[0]).toEqual({ line: 101, reason: 'status 503' });
  expect(attempts).toBe(6);
  decide = () => 'answer';
  const second = await replayTo(base, { folder, log, received: new Map(requestLines) });
  expect(second.report).toMatchObject({ answered: 10, refused: [], atEnd: true });
  expectEachOnce();
});

test('a replay stops when 1,000 requests have no outcome, because the edge is down', async () => {
  await writeLog(openLinesLimit + 50);
  decide = () => 'cut';
  const first = await replayTo(base, { folder, log });
  expect(first.report.atEnd).toBe(false);
  expect(first.report.unanswered.length).toBeGreaterThanOrEqual(openLinesLimit);
  // Others were on their way.
  expect(first.report.unanswered.length).toBeLessThan(openLinesLimit + 8);
  decide = () => 'answer';
  const second = await replayTo(base, { folder, log, received: new Map(requestLines) });
  expect(second.report).toMatchObject({ answered: openLinesLimit + 50, atEnd: true });
});

test('a log that was cut is not continued', async () => {
  decide = () => 'refuse';
  const { position } = await replayTo(base, { folder, log });
  await writeFile(log, '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /0 HTTP/1.1" 200 1 "-" "x"');
  await expect(replayTo(base, { folder, log })).rejects.toThrow(`delete ${position.file}`);
});

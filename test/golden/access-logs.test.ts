import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { type NumberedLine, openLog } from '#cli/replay/log-file.ts';
import { listedLines } from '#cli/replay/refused-lines.ts';
import { surveyLog } from '#cli/replay/replay-log.ts';
import { createLineSplitter, longestLine } from '#core/access-log/split-lines.ts';
import { logFormats } from '#core/access-log/formats.ts';

/** A log of each format, and what must come of each line: `<format>/normal.log` and `<format>/normal.out.json`. */
const root = path.join(import.meta.dirname, 'access-logs');
const formats = readdirSync(root);
const samples = formats.flatMap((format) => ['normal', 'hostile'].map((name) => path.join(format, name)));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'access-logs-'));
});

function now(): number {
  return Date.UTC(2026, 10, 30);
}

async function readAll(file: string) {
  const { format, lines } = await openLog(file, { now });
  return { format: format.name, lines: await collect(lines()) };
}

async function collect(lines: AsyncIterable<NumberedLine>) {
  const found = [];
  for await (const line of lines) found.push(describe(line));
  return found;
}

function describe(line: NumberedLine) {
  switch (line.kind) {
    case 'request':
      return { line: line.number, ...line.request, time: new Date(line.request.time).toISOString() };
    case 'heading':
      return { line: line.number, heading: true };
    case 'unusable':
      return { line: line.number, refused: line.reason, ...(line.value !== undefined && { value: line.value }) };
    default:
      return line satisfies never;
  }
}

async function save(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

test('every format has samples', () => {
  const names = new Set(
    formats.map(
      (format): unknown => JSON.parse(readFileSync(path.join(root, format, 'normal.out.json'), 'utf8')).format,
    ),
  );
  expect(names).toEqual(new Set(logFormats.map(({ name }) => name)));
});

test.each(samples)('%s: each line is a request, a heading or refused with a reason', async (sample) => {
  const file = path.join(root, `${sample}.log`);
  const expected: unknown = JSON.parse(await readFile(path.join(root, `${sample}.out.json`), 'utf8'));
  expect(await readAll(file)).toEqual(expected);
  // Neither its name nor gzip says what a file is.
  const bytes = await readFile(file);
  const copy = await save('upload.txt', gzipSync(bytes));
  expect(await readAll(copy)).toEqual(expected);
});

test.each(samples)('%s: the survey accounts for every line, and what is read can be sent', async (sample) => {
  const file = path.join(root, `${sample}.log`);
  const { lines } = await openLog(file, { now });
  const survey = await surveyLog(lines(), '/logs', 'https://example.com');
  const filled = (await readFile(file, 'latin1')).split('\n').filter((line) => line.replace('\r', '') !== '').length;
  expect(survey.lines).toBe(filled);
  expect(survey.requests + survey.headings + survey.refused.count).toBe(filled);
  const refusals = [...survey.refused.reasons.values()].reduce((sum, { count }) => sum + count, 0);
  expect(refusals).toBe(survey.refused.count);
  if (sample.endsWith('normal')) expect(survey.refused.count).toBe(0);
  else expect(survey.refused.count).toBeGreaterThan(0);
  for await (const line of lines()) {
    if (line.kind !== 'request') continue;
    const { address, path: target, query, referrer, userAgent } = line.request;
    expect(isIP(address)).not.toBe(0);
    expect(`${target}?${query}`).toMatch(/^\/[\x21-\x7e]*$/);
    // oxlint-disable-next-line no-control-regex -- what a header may contain
    for (const header of [referrer, userAgent]) expect(header ?? '').toMatch(/^[\t\x20-\x7e\u0080-\u00ff]*$/);
  }
});

test('a file that changes its format is read in the one that most lines have; the others are refused', async () => {
  const contents = await Promise.all(formats.map((format) => readFile(path.join(root, format, 'normal.log'))));
  const file = await save('mixed.log', Buffer.concat(contents));
  const { format, lines } = await openLog(file, { now });
  const survey = await surveyLog(lines(), '/logs', 'https://example.com');
  expect(format.name).toBe('nginx or Apache (combined, common, virtual host first)');
  expect(survey.requests).toBe(8);
  expect(survey.lines).toBe(survey.requests + survey.refused.count);
});

test.each([
  ['nothing', ''],
  ['blank lines', '\n\r\n\n'],
])('a file with %s says so', async (_, content) => {
  await expect(openLog(await save('empty.log', content), { now })).rejects.toThrow('has no lines');
  await expect(openLog(await save('empty.gz', gzipSync(content)), { now })).rejects.toThrow('has no lines');
});

test('a log of headings alone has no requests', async () => {
  const { lines } = await openLog(await save('idle.log', '#Version: 1.0\n#Fields: date time c-ip cs-uri-stem\n'), {
    now,
  });
  expect(await surveyLog(lines(), '/logs', 'https://example.com')).toMatchObject({
    lines: 2,
    headings: 2,
    requests: 0,
  });
});

test('a file in no known format is told from each of them', async () => {
  const file = await save('photo.log', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x0a, 0x00, 0x01]));
  await expect(openLog(file, { now })).rejects.toThrow(/in no format that replay reads.*Cloudflare Logpush/s);
});

test('a packed file that ends too early names the last line', async () => {
  const line = await readFile(path.join(root, 'combined', 'normal.log'));
  const packed = gzipSync(Buffer.concat(Array.from({ length: 5_000 }, () => line)), { level: 0 });
  const { lines } = await openLog(await save('cut.gz', packed.subarray(0, packed.length / 2)), { now });
  await expect(surveyLog(lines(), '/logs', 'https://example.com')).rejects.toThrow(/beyond line [1-9]\d*: /);
});

test('columns of a real-time log with few fields are given', async () => {
  const file = await save('few.log', '1795330800.123\t203.0.113.7\tGET\t/a?x=1\n1795330801.123\t203.0.113.7\tGET\n');
  await expect(openLog(file, { now })).rejects.toThrow('name them with `--columns`');
  const columns = ['timestamp', 'c-ip', 'cs-method', 'cs-uri-stem'];
  const { format, lines } = await openLog(file, { now, columns });
  expect(format.name).toBe('CloudFront real-time log');
  expect(await collect(lines())).toMatchObject([
    { line: 1, path: '/a', query: 'x=1' },
    { line: 2, refused: expect.stringContaining('--columns') },
  ]);
});

test('one host of several is replayed alone', async () => {
  const { lines } = await openLog(path.join(root, 'vhost', 'normal.log'), { now, host: 'blog.example' });
  const survey = await surveyLog(lines(), '/logs', 'https://example.com');
  expect(survey.requests).toBe(1);
  expect([...survey.refused.reasons.keys()]).toEqual(['the host is not `--host`']);
});

test('a huge line is refused by its number, and is never in memory', async () => {
  const splitter = createLineSplitter();
  const part = 'x'.repeat(65_536);
  const found: unknown[] = [];
  let held = 0;
  for (let at = 0; at < 200; at++) {
    found.push(...splitter.push(at === 150 ? `${part}\nafter\n` : part));
    held = Math.max(held, splitter.held());
  }
  expect(found).toEqual([
    { number: 1, text: undefined },
    { number: 2, text: 'after' },
  ]);
  expect(held).toBeLessThanOrEqual(longestLine);
  expect([...splitter.end()]).toEqual([{ number: 3, text: undefined }]);
});

test('a line may be as long as the limit', () => {
  for (const [length, isRead] of [
    [longestLine, true],
    [longestLine + 1, false],
  ] as const) {
    const splitter = createLineSplitter();
    const [line] = splitter.push(`${'x'.repeat(length)}\n`);
    expect(line?.text === undefined).toBe(!isRead);
  }
});

test('a survey lists the first lines of each reason, and counts all', async () => {
  const line = await readFile(path.join(root, 'combined', 'normal.log'), 'utf8');
  const file = await save('bad.log', line + 'bad\n'.repeat(listedLines + 5));
  const { lines } = await openLog(file, { now });
  const { refused } = await surveyLog(lines(), '/logs', 'https://example.com');
  const [reason] = refused.reasons.values();
  expect(reason).toMatchObject({ count: listedLines + 5 });
  expect(reason?.first).toHaveLength(listedLines);
});

test('a log with more paths than a page has links is refused at that line', async () => {
  const start = '203.0.113.7 - - [22/Nov/2026:07:00:00 +0000] "GET';
  const file = await save(
    'paths.log',
    Array.from({ length: 10_001 }, (_, at) => `${start} /${at} HTTP/1.1" 200 1\n`).join(''),
  );
  const { lines } = await openLog(file, { now });
  await expect(surveyLog(lines(), '/logs', 'https://example.com')).rejects.toThrow(
    /line 10001: .*more than 10000 paths/,
  );
});

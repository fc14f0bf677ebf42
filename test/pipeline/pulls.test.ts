import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { command } from '#cli/commands/history.ts';
import { runProgram } from '#cli/program.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { plausibleApi, shlinkApi } from '#test/pulls/tool-apis.ts';
import { startToolServer, type ToolServer } from '#test/pulls/tool-server.ts';
import { storedTexts, temporaryDirectory } from './stack-facts.ts';

// Its functions may ask this machine, which no other stack of the tests allows.
const token = 'shl1nk-s3cret-k3y';
const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let server: ToolServer;
let plausible: ToolServer;
let folder: string;

beforeAll(async () => {
  const visits = ['2024-03-05T10:00:00+01:00', '2024-03-06T10:00:00+01:00'].map((date) => ({
    date,
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36',
    country: 'AT',
  }));
  const links = [
    { shortCode: 'pulled', longUrl: 'https://shop.example/a', tags: ['games'], visits },
    { shortCode: 'größe', longUrl: 'https://shop.example/b', visits: [] },
  ];
  server = await startToolServer(shlinkApi({ links, orphans: 4 }, token));
  const views = ['2024-03-05', '2024-03-05', '2024-03-07'].map((date) => ({ date, page: '/shop', country: 'AT' }));
  plausible = await startToolServer(plausibleApi({ site: 'shop.example', views }, token));
  const functionVariables = { PRIVATE_DESTINATIONS: '127.0.0.1' };
  stack = await startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    seed: false,
    functionVariables,
  });
  folder = await mkdtemp(path.join(tmpdir(), 'hopcount-pulls-'));
  const { url, outputs, endpoints } = stack;
  const file = JSON.stringify({ url, region: 'us-east-1', allowReplay: false, outputs, endpoints });
  await writeFile(path.join(folder, 'stack.json'), file);
});
afterAll(async () => {
  server.stop();
  plausible.stop();
  await stack.stop();
  await rm(folder, { recursive: true });
  remove();
});

async function run(line: string, input = token): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  const code = await runProgram({ history: async () => command }, ['history', ...line.split(' ')], {
    stdin: Readable.from([`${input}\n`]),
    print: (text) => lines.push(text),
    note: (text) => lines.push(text),
    progress: () => undefined,
    environment: { HOPCOUNT_DATA: folder },
    now: Date.now,
    catchInterrupt: () => new AbortController().signal,
  });
  return { code, output: lines.join('\n') };
}

it('pulls links and visits of an instance of Shlink into a page, by a preview first', async () => {
  const preview = await run(`pull shlink --server ${server.url} --page /pulled --token-file - --dry-run`);
  expect(preview.output).toContain('2 links = 1 accepted + 0 repeated + 1 refused');
  expect(preview.output).toContain('2 clicks or views in 2 rows, from 2024-03-05 to 2024-03-06');
  expect(preview.output).toContain('4 × orphan visits');
  expect(await stack.catalog.getLink('pulled')).toBeUndefined();
  const asked = server.requests.length;
  const [, id = ''] = /^pull (\w+)$/m.exec(preview.output) ?? [];
  const imported = await run(`resume ${id}`);
  expect(imported.output).toContain('2 links = 1 accepted + 0 repeated + 1 refused');
  expect(server.requests).toHaveLength(asked);
  expect(await stack.catalog.getLink('pulled')).toMatchObject({ url: 'https://shop.example/a', tags: ['games'] });
  await vi.waitFor(
    async () => expect((await run('list --page /pulled')).output).toMatch(/shlink\.ndjson\.gz +done +2 of 2 rows/),
    { timeout: 60_000, interval: 500 },
  );
}, 180_000);

it('pulls the days of a site of Plausible into the counts of a page, which no event is made of', async () => {
  const pulled = await run(
    `pull plausible --server ${plausible.url} --site shop.example --page /counted --token-file -`,
  );
  expect(pulled.output).toContain('3 clicks or views in ');
  await vi.waitFor(
    async () => expect((await run('list --page /counted')).output).toMatch(/plausible\.ndjson\.gz +done/),
    { timeout: 60_000, interval: 500 },
  );
  const answer = await fetch(`${stack.url}/_local/token?as=creator&for=/counted`);
  const access = z.object({ token: z.string() }).parse(await answer.json());
  const counts = await fetch(
    `${stack.url}/api/v1/pages/counted/imported-counts?from=2024-03-01&to=2024-03-31&interval=day`,
    { headers: { authorization: `Bearer ${access.token}` } },
  );
  expect(await counts.json()).toMatchObject({
    totals: { views: 3, clicks: null },
    series: [
      { start: '2024-03-05', views: 2 },
      { start: '2024-03-07', views: 1 },
    ],
    tools: ['Plausible'],
    lists: { page: { rows: [{ value: '/shop', count: 3 }] }, country: { rows: [{ value: 'AT', count: 3 }] } },
  });
}, 180_000);

it('pauses with a wrong key, and goes on with the right one; a wait is over by the clock', async () => {
  const paused = await run(`pull shlink --server ${server.url} --page /again --token-file -`, 'wr0ng');
  expect(paused).toMatchObject({ code: 1, output: expect.stringContaining('the one given was refused (HTTP 401)') });
  const [, id = ''] = /^pull (\w+)$/m.exec(paused.output) ?? [];
  expect(await run(`resume ${id}`)).toMatchObject({ code: 2, output: expect.stringContaining('`--token-file`') });
  let limited = 0;
  server.disturb = () =>
    limited++ === 0 ? { status: 429, headers: { 'retry-after': '120' }, body: { title: 'Too many' } } : undefined;
  const waiting = await run(`resume ${id} --token-file -`);
  expect(waiting).toMatchObject({ code: 3, output: expect.stringContaining('limits the rate of requests') });
  const later = new Date(Date.now() + 130_000).toISOString();
  expect(await stack.invoke(stack.outputs.PullFunction, { time: new Date().toISOString() })).toEqual({ woken: 0 });
  expect(await stack.invoke(stack.outputs.PullFunction, { time: later })).toEqual({ woken: 1 });
}, 180_000);

it('fails at once with a mistyped address, names the field, and forgets the key', async () => {
  const server = 'https://nowhere.invalid';
  const failed = await run(`pull shlink --server ${server} --page /mistyped --token-file -`);
  expect(failed.code).toBe(1);
  expect(failed.output).toMatch(/^failed: `server` must be .+; got `https:\/\/nowhere\.invalid`: its host name /m);
  const [, id = ''] = /^pull (\w+)$/m.exec(failed.output) ?? [];
  expect(await run(`resume ${id}`)).toMatchObject({ code: 1, output: expect.stringContaining('is failed') });
  expect((await run('list --page /mistyped')).output).toMatch(/pull from shlink +failed .*`server` must be/);
}, 60_000);

it('stores the key nowhere as it is', async () => {
  for (const [place, content] of await storedTexts(stack, directory)) expect(content, place).not.toContain(token);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { command } from '#cli/commands/verify.ts';
import { importHistory } from '#cli/history/import-history.ts';
import { runProgram } from '#cli/program.ts';
import { dayLength } from '#core/time.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { faultServices } from '#local/fault-injection/service-faults.ts';
import { projectRoot } from '#local/synthesize.ts';
import { announcedIds, click, hotNumbers, linkEntity, logLines, rawRows, temporaryDirectory } from './stack-facts.ts';

/** Queues, the bucket, mail and sign-in fail while people click: they are redirected all the same, and their clicks are counted later. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    batchWindowSeconds: 0.3,
    retries: 'by-hand',
  });
});
afterEach(() => stack.serviceFaults.set(Object.fromEntries(faultServices.map((service) => [service, 'working']))));
afterAll(async () => {
  await stack.stop();
  remove();
});

/** `curl -i <url>` and `curl -d <body> <url>`, for machines without curl. */
const curl = `
  const [option, ...rest] = process.argv.slice(1);
  const body = option === '-d' ? new URLSearchParams(rest[0]) : undefined;
  fetch(rest.at(-1), { method: body ? 'POST' : 'GET', body, redirect: 'manual' }).then(({ status }) => console.log(status));
`;

async function run(command: string): Promise<{ code: number; output: string }> {
  const child = spawn('sh', ['-c', `curl() { node -e "$CURL" -- "$@"; }\n${command}`], {
    cwd: projectRoot,
    env: {
      ...process.env,
      CURL: curl,
      HOPCOUNT_DATA: directory,
      PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code]: number[] = await once(child, 'exit');
  return { code: code ?? 1, output };
}

/** The commands that the README shows, for this stack. */
async function readCommands(): Promise<string[]> {
  const readme = await readFile(path.join(projectRoot, 'README.md'), 'utf8');
  const block = /<!-- outage -->\n```\n(.*?)\n```/s.exec(readme)?.[1] ?? '';
  return block
    .split('\n')
    .map((line) =>
      line.replaceAll('http://localhost:8787', stack.url).replaceAll('npm run hopcount --', 'node cli/main.ts'),
    );
}

describe('with the click queue down', () => {
  it('the commands of the README show clicks that still redirect, and recover brings them back', async () => {
    const [fail = '', follow = '', bringBack = '', ...others] = await readCommands();
    expect(others).toEqual([]);
    expect((await run(fail)).code).toBe(0);
    expect(stack.serviceFaults.modes().clicks).toBe('failing');
    expect((await run(follow)).output).toContain('302');
    for (let n = 0; n < 5; n += 1) expect((await click(`${stack.url}/duckdb`)).status).toBe(302);
    await stack.idle();
    expect(await logLines(stack, stack.outputs.RedirectLogGroup, '"click.unsent"')).toHaveLength(6);
    expect(await rawRows(stack)).toEqual([]);

    const recovered = await run(bringBack);
    expect(recovered.output).toContain('6 sent now');
    expect(recovered.code).toBe(0);
    expect((await run('node cli/main.ts recover')).output).toContain('0 sent now');
    expect((await stack.idle()).idle).toBe(true);
    expect(await hotNumbers(stack, await linkEntity(stack, 'duckdb'))).toMatchObject({ clicks: 5 });
    const rows = await rawRows(stack);
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual(['bot', ...Array.from({ length: 5 }, () => 'counted')]);
    expect(rows.map(({ event_id }) => String(event_id)).sort()).toEqual((await announcedIds(stack)).sort());
  });

  it('throttled or hanging, clicks redirect at once and are logged unsent', async () => {
    const before = (await logLines(stack, stack.outputs.RedirectLogGroup, '"click.unsent"')).length;
    for (const mode of ['throttled', 'hanging'] as const) {
      stack.serviceFaults.set({ clicks: mode });
      const start = Date.now();
      expect((await click(`${stack.url}/duckdb`)).status).toBe(302);
      expect(Date.now() - start, mode).toBeLessThan(1_000);
    }
    await stack.idle();
    stack.serviceFaults.set({ clicks: 'working' });
    expect(await logLines(stack, stack.outputs.RedirectLogGroup, '"click.unsent"')).toHaveLength(before + 2);
    expect((await run('node cli/main.ts recover')).output).toContain('2 sent now');
    expect((await stack.idle()).idle).toBe(true);
  });
});

/** Waits until everything is counted; what failed is delivered again. */
function countAll(): Promise<void> {
  return vi.waitFor(
    async () => {
      await stack.retryFailed();
      expect((await stack.idle(2_000)).idle).toBe(true);
    },
    { timeout: 60_000 },
  );
}

async function clicksOfLink(): Promise<number> {
  return (await hotNumbers(stack, await linkEntity(stack, 'duckdb')))['clicks'] ?? 0;
}

async function enrichErrors(): Promise<number> {
  const { functions } = await stack.snapshot();
  return functions.find(({ model }) => model.name === stack.outputs.EnrichFunction)?.state.errors ?? 0;
}

describe('what happens after the queue waits', () => {
  async function clickDuring(modes: Parameters<typeof stack.serviceFaults.set>[0], reached: () => Promise<void>) {
    const [clicks, rows] = [await clicksOfLink(), (await rawRows(stack)).length];
    stack.serviceFaults.set(modes);
    expect((await click(`${stack.url}/duckdb`)).status).toBe(302);
    await vi.waitFor(reached, { timeout: 30_000 });
    expect(await clicksOfLink()).toBe(clicks);
    stack.serviceFaults.set({ files: 'working', bucket: 'working' });
    await countAll();
    expect(await clicksOfLink()).toBe(clicks + 1);
    expect(await rawRows(stack)).toHaveLength(rows + 1);
  }

  it('while the files queue fails, and is counted once afterwards', async () => {
    const rows = (await rawRows(stack)).length;
    await clickDuring({ files: 'failing' }, async () => expect(await rawRows(stack)).toHaveLength(rows + 1));
  });

  it.each(['failing', 'throttled'] as const)('while the bucket is %s, and is counted once afterwards', async (mode) => {
    const errors = await enrichErrors();
    await clickDuring({ bucket: mode }, async () => expect(await enrichErrors()).toBeGreaterThan(errors));
  });
});

describe('mail', () => {
  function send(): Promise<unknown> {
    const client = new SESv2Client({
      ...stack.clientOptions('ses'),
      maxAttempts: 1,
      requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
    });
    const text = { Data: 'hello' };
    const Content = { Simple: { Subject: text, Body: { Text: text } } };
    const Destination = { ToAddresses: ['ada@example.com'] };
    return client.send(new SendEmailCommand({ FromEmailAddress: 'go@example.com', Destination, Content }));
  }

  it.each([
    ['failing', 'InternalServiceErrorException'],
    ['throttled', 'TooManyRequestsException'],
    ['hanging', 'TimeoutError'],
  ] as const)('%s is a client’s %s, and nothing is in the outbox', async (mode, name) => {
    const { mails } = await stack.snapshot();
    stack.serviceFaults.set({ mail: mode });
    await expect(send()).rejects.toMatchObject({ name });
    expect((await stack.snapshot()).mails).toBe(mails);
    stack.serviceFaults.set({ mail: 'working' });
    await expect(send()).resolves.toBeDefined();
  });
});

describe('sign-in', () => {
  function discover(): Promise<Response> {
    const signal = AbortSignal.timeout(300);
    return fetch(`${stack.url}/_local/oidc/.well-known/openid-configuration`, { signal });
  }

  it.each([
    ['failing', 500],
    ['throttled', 429],
  ] as const)('%s responds with %i', async (mode, status) => {
    stack.serviceFaults.set({ 'sign-in': mode });
    expect((await discover()).status).toBe(status);
    stack.serviceFaults.set({ 'sign-in': 'working' });
    expect((await discover()).status).toBe(200);
  });

  it('failing is a 503 of the API, which works again afterwards', async () => {
    const { token }: { token: string } = await (await fetch(`${stack.url}/_local/token?as=admin`)).json();
    async function ask(): Promise<number> {
      return (await fetch(`${stack.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;
    }
    stack.serviceFaults.set({ 'sign-in': 'failing' });
    expect(await ask()).toBe(503);
    stack.serviceFaults.set({ 'sign-in': 'working' });
    await vi.waitFor(async () => expect(await ask()).toBe(200));
  });

  it('hanging responds with nothing', async () => {
    stack.serviceFaults.set({ 'sign-in': 'hanging' });
    await expect(discover()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('hopcount verify', () => {
  /** Returns the exit code and the lines that it prints. */
  async function verify(...options: string[]): Promise<{ code: number; lines: string[] }> {
    const lines: string[] = [];
    const code = await runProgram({ verify: async () => command }, ['verify', stack.url, ...options], {
      stdin: process.stdin,
      print: (line) => lines.push(line.replace(/ +/g, ' ')),
      note: () => undefined,
      progress: () => undefined,
      environment: { HOPCOUNT_DATA: directory },
      now: Date.now,
      catchInterrupt: () => new AbortController().signal,
    });
    return { code, lines };
  }

  /** Imports clicks of the last two days into the demo page. They settle together with what `verify` sends. */
  async function importClicks(): Promise<number> {
    const file = path.join(directory, 'yourls.csv');
    const times = [1, 2].map((days) => new Date(Date.now() - days * dayLength).toISOString());
    const rows = times.map((time, at) => `${at},${time.slice(0, 19).replace('T', ' ')},aws,direct,,,AT`);
    await writeFile(
      file,
      ['click_id,click_time,shorturl,referrer,user_agent,ip_address,country_code', ...rows].join('\n'),
    );
    return importHistory.run('', [file, '--page', '/demo', '--zone', 'UTC'], {
      stdin: process.stdin,
      print: () => undefined,
      note: () => undefined,
      progress: () => undefined,
      environment: { HOPCOUNT_DATA: directory },
      now: Date.now,
      catchInterrupt: () => new AbortController().signal,
    });
  }

  it('proves after all these outages that the stack counts right, and leaves nothing behind', async () => {
    expect(await importClicks()).toBe(0);
    const { code, lines } = await verify('--settle');
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([]);
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatch(/^passed: (\d+) of \1 checks$/);
    expect(lines).toEqual(
      expect.arrayContaining(['✓ ledger: received 60', '✓ ledger: lost 0', '✓ scratch page erased']),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^– signatures not checked here: /));
    expect((await stack.catalog.listPages()).rows.map(({ path: page }) => page)).toEqual(['/demo']);
    expect((await rawRows(stack)).filter(({ page_path: page }) => page?.startsWith('/verify-'))).toEqual([]);
  }, 240_000);

  it('fails if one click is lost, and says where it is missing', async () => {
    stack.eventFaults.killNext('Redirect', 'answered');
    const { code, lines } = await verify('--timeout', '2');
    expect(code).toBe(1);
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([
      '✗ counters: clicks expected 31, measured 30',
      expect.stringMatching(/^✗ counters: link open expected 20 clicks, .+, measured 19 clicks, /),
      '✗ lake: link_click, counted expected 31, measured 30',
      '✗ ledger: lost expected 0, measured 1',
    ]);
    expect(lines.at(-1)).toMatch(/^failed: /);
    expect((await stack.catalog.listPages()).rows.map(({ path: page }) => page)).toEqual(['/demo']);
  }, 240_000);
});

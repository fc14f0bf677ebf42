import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '#local/synthesize.ts';
import { click, rawRows, temporaryDirectory } from './stack-facts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createTable } from '#stores/dynamodb/table.ts';
import { entityKeys } from '#schemas/counters.ts';
import { hourKey } from '#stores/counters/counter-items.ts';

/** Runs `npm start` as a process: its state survives SIGTERM and SIGKILL, and it rejects a second start. */

const { directory, remove } = temporaryDirectory();
const running = new Set<ChildProcess>();

interface Started {
  child: ChildProcess;
  url: string;
  output: () => string;
}

function launch(environment: Record<string, string>): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [path.join(projectRoot, 'local/main.ts'), '--no-demo'], {
    env: { ...process.env, HOPCOUNT_DATA: directory, PORT: '0', ...environment },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  running.add(child);
  child.once('exit', () => running.delete(child));
  return { child, output: () => text };
}

async function start(environment: Record<string, string> = {}): Promise<Started> {
  const { child, output } = launch(environment);
  for (;;) {
    const url = /^ready (\S+)$/m.exec(output())?.[1];
    if (url !== undefined) return { child, url, output };
    if (child.exitCode !== null) throw new Error(`the stack did not start:\n${output()}`);
    await delay(50);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return child.exitCode;
}

const statusSchema = z.object({
  queues: z.array(z.object({ ready: z.number(), inFlight: z.number(), deadLetters: z.boolean() })),
});
const idleSchema = z.object({ idle: z.boolean() });

function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  return vi.waitFor(async () => expect(await holds(), what).toBe(true), { timeout: 120_000 });
}

async function queued(url: string): Promise<number> {
  const { queues } = statusSchema.parse(await (await fetch(`${url}/_local/status.json`)).json());
  return queues
    .filter(({ deadLetters }) => !deadLetters)
    .reduce((sum, { ready, inFlight }) => sum + ready + inFlight, 0);
}

async function isIdle(url: string): Promise<boolean> {
  return idleSchema.parse(await (await fetch(`${url}/_local/idle`)).json()).idle;
}

const stackSchema = z.object({
  region: z.string(),
  outputs: z.object({ CatalogTable: z.string(), RollupsTable: z.string(), LakeBucket: z.string() }),
  endpoints: z.object({ dynamodb: z.string(), s3: z.string() }),
});

/** Counts a link's clicks: those in the lake, each once, their rows there, and the hot counter. */
async function clicksOf(code: string): Promise<{ distinct: number; rows: number; hot: number }> {
  const { region, outputs, endpoints } = stackSchema.parse(
    JSON.parse(readFileSync(path.join(directory, 'stack.json'), 'utf8')),
  );
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  const link = await createCatalogAdmin({ client, table: outputs.CatalogTable }).getLink(code);
  const table = createTable({ client, table: outputs.RollupsTable });
  const items = await table.query({ pk: entityKeys.link(link?.id ?? ''), prefix: hourKey('') });
  client.destroy();
  const hot = items.reduce((sum, item) => sum + z.number().parse(unmarshall(item)['clicks'] ?? 0), 0);
  const lake = { outputs, clientOptions: () => ({ region, endpoint: endpoints.s3, credentials }) };
  const rows = (await rawRows(lake)).filter(({ link_id, outcome }) => link_id === link?.id && outcome === 'counted');
  return { distinct: new Set(rows.map(({ event_id }) => event_id)).size, rows: rows.length, hot };
}

const clicks = 30;

afterEach(async () => {
  for (const child of running) await end(child, 'SIGKILL');
});
afterAll(remove);

describe('npm start', () => {
  it('loses nothing on kill -9, and rejects a second start while it runs', async () => {
    const first = await start();
    for (let n = 0; n < clicks; n += 1) expect((await click(`${first.url}/duckdb`)).status).toBe(302);
    await until('all clicks are in the queue', async () => (await queued(first.url)) >= clicks);

    const second = launch({});
    const [code] = await once(second.child, 'exit');
    expect(code).toBe(1);
    expect(second.output()).toContain(`another local stack (process ${first.child.pid}) is using ${directory}`);

    await end(first.child, 'SIGKILL');
    const again = await start();
    // The functions and the dashboard were built by the first start, or before.
    expect(again.output()).toMatch(/^Starting DynamoDB, SQS and S3…$/m);
    expect(again.output()).not.toContain('Building');
    await until('the pipeline is idle', () => isIdle(again.url));
    // A file that was written before the end, and whose messages were not deleted, is written and counted again until settle.
    const afterKill = await clicksOf('duckdb');
    expect(afterKill).toEqual({ distinct: clicks, rows: afterKill.hot, hot: afterKill.hot });

    // SIGTERM drains: events of finished responses are sent, and the exit code is 0.
    for (let n = 0; n < clicks; n += 1) void (await click(`${again.url}/aws`));
    expect(await end(again.child, 'SIGTERM')).toBe(0);
    const third = await start();
    await until('the pipeline is idle', () => isIdle(third.url));
    expect(await clicksOf('aws')).toEqual({ distinct: clicks, rows: clicks, hot: clicks });
    expect(await clicksOf('duckdb')).toEqual(afterKill);

    const taken = temporaryDirectory();
    const other = launch({ HOPCOUNT_DATA: taken.directory, PORT: new URL(third.url).port });
    const [otherCode] = await once(other.child, 'exit');
    taken.remove();
    expect(otherCode).toBe(1);
    expect(other.output()).toContain(`port ${new URL(third.url).port} is in use`);
    expect(await end(third.child, 'SIGTERM')).toBe(0);
  });
});

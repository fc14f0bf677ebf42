import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { FunctionModel } from '../template/model.ts';
import type { StreamedAnswer } from './messages.ts';
import type { KillPlan, KillPoint } from './kill-points.ts';
import { createFunctionPool, type FunctionPool, type PoolOptions } from './pool.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-pool-'));
const pools: FunctionPool[] = [];
afterEach(async () => void (await Promise.all(pools.splice(0).map((pool) => pool.stop()))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function create(
  name: string,
  source: string,
  changes: Partial<
    Pick<PoolOptions, 'planKill' | 'idleAfter' | 'keptWorkers' | 'eventsPerWorker' | 'inBackground' | 'maximumWorkers'>
  > & {
    timeoutSeconds?: () => number;
  } = {},
) {
  const folder = path.join(directory, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'index.mjs'), source);
  const model: FunctionModel = {
    logicalId: name,
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    description: '',
    directory: folder,
    handler: 'index.handler',
    environment: {},
    get timeoutSeconds() {
      return changes.timeoutSeconds?.() ?? 60;
    },
    memoryMegabytes: 128,
    reservedConcurrency: undefined,
    logGroup: name,
    layers: [],
  };
  const logDirectory = path.join(folder, 'logs');
  const pool = createFunctionPool({
    model,
    environment: { GREETING: 'hello' },
    logDirectory,
    maximumWorkers: 2,
    keptWorkers: 1,
    eventsPerWorker: 1,
    inBackground: false,
    ...changes,
    now: Date.now,
    planKill: changes.planKill ?? (() => undefined),
    logged: () => undefined,
  });
  pools.push(pool);
  function log(): string {
    return readdirSync(logDirectory)
      .map((file) => readFileSync(path.join(logDirectory, file), 'utf8'))
      .join('');
  }
  return { pool, log };
}

describe('a function', () => {
  it('runs with exactly its environment, and its output is in the log when it answers', async () => {
    const { pool, log } = create(
      'echo',
      `export const handler = async (event, context) => {
        process.stdout.write(JSON.stringify({ message: 'raw' }) + '\\n');
        console.log('by console');
        return { event, names: Object.keys(process.env).sort(), left: context.getRemainingTimeInMillis() > 0 };
      };`,
    );
    expect(await pool.invoke({ a: 1 })).toEqual({
      kind: 'done',
      result: { event: { a: 1 }, names: ['GREETING'], left: true },
    });
    expect(log()).toMatch(/^\d{13} \{"message":"raw"\}\n\d{13} by console\n$/);
  });

  it.each([0, 1])('ends idle workers, except for %i', async (keptWorkers) => {
    const source = `export const handler = () => new Promise((resolve) => setTimeout(resolve, 100));`;
    const { pool } = create(`idle-${keptWorkers}`, source, { keptWorkers, idleAfter: 50 });
    const both = Promise.all([pool.invoke({}), pool.invoke({})]);
    expect(pool.state().workers).toBe(2);
    await both;
    await vi.waitFor(() => expect(pool.state().workers).toBe(keptWorkers));
    expect(await pool.invoke({})).toMatchObject({ kind: 'done' });
    expect(pool.state().errors).toBe(0);
  });

  it('ends a worker that got no event', async () => {
    const { pool } = create('spare', `export const handler = async () => 'at once';`, {
      keptWorkers: 0,
      idleAfter: 50,
    });
    await Promise.all([pool.invoke({}), pool.invoke({})]);
    await vi.waitFor(() => expect(pool.state().workers).toBe(0), { timeout: 30_000 });
  });

  it('answers its viewer at end(), and is busy until its promise resolves', async () => {
    const { pool } = create(
      'stream',
      `let finished = 0;
      export const handler = awslambda.streamifyResponse(async (event, stream) => {
        const response = awslambda.HttpResponseStream.from(stream, { statusCode: 302, headers: { location: '/x' } });
        response.write(String(finished));
        response.end();
        await new Promise((resolve) => setImmediate(resolve));
        finished += 1;
      });`,
    );
    const order: string[] = [];
    const answers: StreamedAnswer[] = [];
    function answered(answer: StreamedAnswer): void {
      order.push('answered');
      answers.push(answer);
    }
    await pool.invoke({}, { answered }).then(() => order.push('done'));
    expect(order).toEqual(['answered', 'done']);
    expect(answers[0]?.metadata).toEqual({ statusCode: 302, headers: { location: '/x' } });
    expect(Buffer.from(answers[0]?.body ?? []).toString()).toBe('0');
    // The body alone, without the rest of a pool of buffers.
    expect(answers[0]?.body.buffer.byteLength).toBe(1);
  });

  it.each([
    ['without a byte', 'end()'],
    ['with its only bytes', "end('x')"],
  ])('loses status and headers when it ends %s', async (name, end) => {
    const { pool } = create(
      name.replaceAll(' ', '-'),
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
        awslambda.HttpResponseStream.from(stream, { statusCode: 404 }).${end};
      });`,
    );
    const answers: StreamedAnswer[] = [];
    await pool.invoke({}, { answered: (answer) => void answers.push(answer) });
    expect(answers[0]?.metadata).toBeUndefined();
  });

  it('fails alone: an error, a crash, a full memory and a timeout leave the next event its worker', async () => {
    const { pool } = create(
      'frail',
      `export const handler = async ({ how }) => {
        if (how === 'throw') throw new RangeError('too far');
        if (how === 'fill') { const kept = []; for (;;) kept.push(new Array(1e5).fill(Math.random())); }
        if (how === 'crash') setTimeout(() => { throw new Error('later') }, 1);
        if (how !== undefined) await new Promise(() => setInterval(() => {}, 1000));
        return 'well';
      };`,
      { timeoutSeconds: () => timeoutSeconds },
    );
    let timeoutSeconds = 60;
    expect(await pool.invoke({ how: 'throw' })).toMatchObject({
      error: { errorType: 'RangeError', errorMessage: 'too far' },
    });
    expect(await pool.invoke({ how: 'fill' })).toMatchObject({
      error: { errorMessage: expect.stringContaining('memory limit') },
    });
    expect(await pool.invoke({ how: 'crash' })).toMatchObject({ error: { errorMessage: 'later' } });
    timeoutSeconds = 0.5;
    expect(await pool.invoke({ how: 'wait' })).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } });
    timeoutSeconds = 60;
    expect(await pool.invoke({})).toEqual({ kind: 'done', result: 'well' });
    expect(pool.state()).toMatchObject({ invocations: 5, errors: 4, running: 0, waiting: 0 });
  });

  it('fails every event while its bundle does not load', async () => {
    const { pool } = create('broken', 'throw new SyntaxError("not today")');
    const results = await Promise.all([pool.invoke({}), pool.invoke({})]);
    expect(results).toMatchObject([{ error: { errorMessage: 'not today' } }, { error: { errorMessage: 'not today' } }]);
  });

  it.each<[KillPoint, string[]]>([
    ['received', []],
    ['answered', ['answered']],
    ['before SendMessage', ['answered', 'sending']],
    ['after SendMessage', ['answered', 'sending', 'arrived']],
    ['handled', ['answered', 'sending', 'arrived', 'sent']],
  ])('is killed %s when a fault says so, and the next event is not', async (point, expected) => {
    const seen: string[] = [];
    const service = createServer((request, response) => {
      seen.push('arrived');
      request.resume();
      response.end();
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const address = service.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const ended: boolean[] = [];
    const plans = [{ point, ended: (killed: boolean) => void ended.push(killed) }];
    const { pool, log } = create(
      point.replace(' ', '-'),
      `import { request } from 'node:http';
      import { once } from 'node:events';
      export const handler = awslambda.streamifyResponse(async (event, stream) => {
        awslambda.HttpResponseStream.from(stream, { statusCode: 200 }).end('x');
        await new Promise((resolve) => setImmediate(resolve));
        console.log('sending');
        const headers = { 'x-amz-target': 'AmazonSQS.SendMessage' };
        const call = request({ port: ${port}, host: '127.0.0.1', method: 'POST', headers }).end('{}');
        const [response] = await once(call, 'response');
        response.resume();
        await once(response, 'end');
        console.log('sent');
      });`,
      { planKill: () => plans.pop() },
    );
    expect(await pool.invoke({}, { answered: () => void seen.push('answered') })).toMatchObject({ kind: 'failed' });
    for (const line of log().matchAll(/sending|sent/g)) seen.push(line[0]);
    expect(seen.toSorted()).toEqual(expected.toSorted());
    expect(ended).toEqual([true]);
    expect(await pool.invoke({})).toMatchObject({ kind: 'done' });
    service.close();
  });

  it('takes several events at once, and starts its second worker before one has to wait', async () => {
    const source = `export const handler = ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms, process.pid));`;
    const { pool } = create('several', source, { eventsPerWorker: 4 });
    await pool.invoke({ ms: 0 });
    const three = Promise.all([1, 2, 3].map(() => pool.invoke({ ms: 300 })));
    expect(pool.state()).toMatchObject({ running: 3, waiting: 0, workers: 2 });
    const others = Promise.all([1, 2].map(() => pool.invoke({ ms: 300 })));
    expect(pool.state()).toMatchObject({ running: 4, waiting: 1 });
    await Promise.all([three, others]);
    expect(pool.state()).toMatchObject({ running: 0, waiting: 0, workers: 2, errors: 0 });
  });

  it('is killed alone: the worker first finishes its other events, and the next event runs in another', async () => {
    const plans: (KillPlan | undefined)[] = [undefined, { point: 'received', ended: () => undefined }];
    const source = `export const handler = ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms, 'well'));`;
    const { pool } = create('alone', source, {
      eventsPerWorker: 4,
      maximumWorkers: 1,
      planKill: () => plans.shift(),
    });
    const [first, killed, next] = await Promise.all([1, 2, 3].map(() => pool.invoke({ ms: 200 })));
    expect(first).toEqual({ kind: 'done', result: 'well' });
    expect(killed).toMatchObject({ error: { errorMessage: 'the worker ended with code 137' } });
    expect(next).toEqual({ kind: 'done', result: 'well' });
  });

  it.runIf(process.platform === 'linux')('in the background has a lower priority than this process', async () => {
    const source = `import { getPriority } from 'node:os'; export const handler = async () => getPriority();`;
    const [before, priorities] = [getPriority(), new Map<boolean, unknown>()];
    for (const inBackground of [false, true]) {
      const { pool } = create(`priority-${inBackground}`, source, { inBackground });
      const invocation = await pool.invoke({});
      priorities.set(inBackground, invocation.kind === 'done' && invocation.result);
    }
    expect([...priorities.values()]).toEqual([before, Math.min(before + 5, 19)]);
    expect(getPriority()).toBe(before);
  });

  it('times out alone: the worker ends after its other events', async () => {
    const source = `export const handler = ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms, 'well'));`;
    const { pool } = create('late', source, { eventsPerWorker: 4, maximumWorkers: 1, timeoutSeconds: () => seconds });
    let seconds = 60;
    await pool.invoke({ ms: 0 });
    const other = pool.invoke({ ms: 1500 });
    seconds = 0.5;
    expect(await pool.invoke({ ms: 60_000 })).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } });
    seconds = 60;
    expect(await pool.invoke({ ms: 0 })).toEqual({ kind: 'done', result: 'well' });
    expect(await other).toEqual({ kind: 'done', result: 'well' });
    await pool.idle();
    expect(pool.state().workers).toBe(1);
  });

  it('is not killed at a point that it does not reach', async () => {
    const ended: boolean[] = [];
    const { pool } = create('unkilled', `export const handler = async () => 'well';`, {
      planKill: () => ({ point: 'after PutObject', ended: (killed) => void ended.push(killed) }),
    });
    expect(await pool.invoke({})).toEqual({ kind: 'done', result: 'well' });
    expect(ended).toEqual([false]);
  });
});

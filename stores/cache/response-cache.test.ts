import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { type CachedRequest, createResponseCache } from './response-cache.ts';

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

let clock = Date.parse('2026-11-22T07:30:00Z');
let keys = 0;

function instance({ lease = 10_000, table = db.tables.cache } = {}) {
  return createResponseCache({
    client: db.client,
    table,
    now: () => clock,
    name: 'test',
    schema: z.number(),
    sharedFor: 60_000,
    lease,
    sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
  });
}

/** A computation that waits until it is told to end. */
function controlled(value: number) {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const started = Promise.withResolvers<undefined>();
  let calls = 0;
  const compute: CachedRequest<number>['compute'] = async () => {
    calls++;
    started.resolve(undefined);
    await promise;
    return { value, complete: true };
  };
  return { compute, started: started.promise, end: () => resolve(undefined), calls: () => calls };
}

function at(value: number): CachedRequest<number>['compute'] {
  return async () => ({ value, complete: true });
}

async function never(): Promise<never> {
  throw new Error('computed although it is cached');
}

describe('instances with a lease', () => {
  it('compute a response once, and the others wait for it', async () => {
    const key = keys++;
    const work = controlled(7);
    const readers = Array.from({ length: 8 }, () => instance()).flatMap((cached) =>
      Array.from({ length: 10 }, () => cached({ key, compute: work.compute })),
    );
    await work.started;
    work.end();
    expect(new Set((await Promise.all(readers)).map(({ value }) => value))).toEqual(new Set([7]));
    expect(work.calls()).toBe(1);
  });

  it('show the earlier response while one of them computes the next', async () => {
    const key = keys++;
    await instance()({ key, compute: at(1) });
    clock += 60_000;
    const work = controlled(2);
    const next = instance()({ key, compute: work.compute });
    await work.started;
    expect(await instance()({ key, compute: never })).toEqual({ value: 1, at: clock - 60_000 });
    work.end();
    expect(await next).toEqual({ value: 2, at: clock });
    expect((await instance()({ key, compute: never })).value).toBe(2);
  });

  it('take the lease over from one that failed, or that holds it for too long', async () => {
    const key = keys++;
    await expect(instance()({ key, compute: never })).rejects.toThrow('computed');
    const stuck = controlled(3);
    const first = instance()({ key, compute: stuck.compute });
    await stuck.started;
    clock += 9_999;
    const waiting = instance({ lease: 100 });
    const late = controlled(4);
    late.end();
    // It waits for as long as it may hold the lease itself, and computes then.
    expect((await waiting({ key, compute: late.compute })).value).toBe(4);
    clock += 60_000;
    expect((await instance()({ key, compute: at(5) })).value).toBe(5);
    stuck.end();
    expect((await first).value).toBe(3);
  });

  it('compute without a table', async () => {
    expect((await instance({ table: 'missing' })({ key: keys++, compute: at(6) })).value).toBe(6);
  });
});

describe('a response that must be current', () => {
  it('is computed again when its source has changed, and not before', async () => {
    const key = keys++;
    const cached = instance();
    expect((await cached({ key, compute: at(1), isCurrent: (value) => value === 1 })).value).toBe(1);
    expect((await instance()({ key, compute: never, isCurrent: (value) => value === 1 })).value).toBe(1);
    expect((await cached({ key, compute: never, isCurrent: (value) => value === 1 })).value).toBe(1);
    expect((await cached({ key, compute: at(2), isCurrent: (value) => value === 2 })).value).toBe(2);
    expect((await instance()({ key, compute: never, isCurrent: (value) => value === 2 })).value).toBe(2);
  });

  it('gives way to the earlier one only as a fallback', async () => {
    const key = keys++;
    await instance()({ key, compute: at(1) });
    const fallen = await instance()({
      key,
      isCurrent: (value) => value === 2,
      compute: async (earlier) => ({ value: (await earlier())?.value ?? 0, complete: false }),
    });
    expect(fallen.value).toBe(1);
    expect((await instance()({ key, isCurrent: (value) => value === 2, compute: at(2) })).value).toBe(2);
  });
});

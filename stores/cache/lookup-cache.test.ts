import { describe, expect, it } from 'vitest';
import { createLookupCache } from './lookup-cache.ts';

/** A store whose answers and failures the test decides, and a clock that it moves. */
function setUp(options: { limit?: number; missingLimit?: number; patience?: number } = {}) {
  const state = {
    time: 0,
    loads: 0,
    answer: 'one' as string | undefined,
    down: false,
    hold: undefined as Promise<void> | undefined,
  };
  const cache = createLookupCache<string>({
    load: async () => {
      state.loads += 1;
      await state.hold;
      if (state.down) throw new Error('store is down');
      return state.answer;
    },
    now: () => state.time,
    ...options,
  });
  return { state, cache };
}

describe('lookup cache', () => {
  it('reads the store once while the value is fresh', async () => {
    const { state, cache } = setUp();
    expect(await cache.get('a')).toBe('one');
    state.time = 59_999;
    expect(await cache.get('a')).toBe('one');
    expect(state.loads).toBe(1);
  });

  it('returns the old value during a refresh, and the new one after it', async () => {
    const { state, cache } = setUp();
    await cache.get('a');
    state.time = 60_000;
    state.answer = 'two';
    expect(await cache.get('a')).toBe('one');
    await cache.settled();
    expect(await cache.get('a')).toBe('two');
    expect(state.loads).toBe(2);
  });

  it('waits for the store when the old value is too old', async () => {
    const { state, cache } = setUp();
    await cache.get('a');
    state.time = 360_000;
    state.answer = 'two';
    expect(await cache.get('a')).toBe('two');
  });

  it('returns a value of any age while the store fails, and retries at most once a second', async () => {
    const { state, cache } = setUp();
    await cache.get('a');
    state.time = 86_400_000;
    state.down = true;
    expect(await cache.get('a')).toBe('one');
    state.time += 999;
    expect(await cache.get('a')).toBe('one');
    expect(state.loads).toBe(2);
    state.time += 1;
    state.down = false;
    state.answer = 'two';
    expect(await cache.get('a')).toBe('two');
  });

  it('returns a value of any age while the store hangs, and waits for it at most once a second', async () => {
    const { state, cache } = setUp({ patience: 20 });
    await cache.get('a');
    state.time = 86_400_000;
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    state.answer = 'two';
    expect(await cache.get('a')).toBe('one');
    const startedAt = performance.now();
    for (let visit = 0; visit < 20; visit++) expect(await cache.get('a')).toBe('one');
    expect(performance.now() - startedAt).toBeLessThan(20);
    expect(state.loads).toBe(2);
    resolve();
    await cache.settled();
    expect(await cache.get('a')).toBe('two');
  });

  it('returns a changed value at once if the store responds in time, whatever the age of the old one', async () => {
    const { state, cache } = setUp({ patience: 1_000 });
    await cache.get('a');
    state.time = 86_400_000;
    state.answer = undefined;
    expect(await cache.get('a')).toBeUndefined();
  });

  it("throws the store's error if it holds no value, and retries at once", async () => {
    const { state, cache } = setUp();
    state.down = true;
    await expect(cache.get('a')).rejects.toThrow('store is down');
    state.down = false;
    expect(await cache.get('a')).toBe('one');
  });

  it('remembers for 5 seconds that a key does not exist', async () => {
    const { state, cache } = setUp();
    state.answer = undefined;
    expect(await cache.get('a')).toBeUndefined();
    state.answer = 'one';
    state.time = 4_999;
    expect(await cache.get('a')).toBeUndefined();
    expect(state.loads).toBe(1);
    state.time = 5_000;
    expect(await cache.get('a')).toBe('one');
  });

  it('forgets a value that was deleted', async () => {
    const { state, cache } = setUp();
    await cache.get('a');
    state.answer = undefined;
    state.time = 60_000;
    await cache.get('a');
    await cache.settled();
    expect(await cache.get('a')).toBeUndefined();
  });

  it('loads a key once for parallel callers', async () => {
    const { state, cache } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    const answers = Promise.all([cache.get('a'), cache.get('a'), cache.get('a'), cache.get('b')]);
    resolve();
    expect(await answers).toEqual(['one', 'one', 'one', 'one']);
    expect(state.loads).toBe(2);
  });

  it('keeps its values during a flood of keys that do not exist, and remembers few of those', async () => {
    const { state, cache } = setUp({ limit: 2, missingLimit: 3 });
    await cache.get('a');
    state.answer = undefined;
    for (let n = 0; n < 100; n += 1) await cache.get(`guess${n}`);
    expect(state.loads).toBe(101);
    expect(await cache.get('a')).toBe('one');
    for (const n of [97, 98, 99]) await cache.get(`guess${n}`);
    expect(state.loads).toBe(101);
    await cache.get('guess96');
    expect(state.loads).toBe(102);
  });

  it('finds a record that is created, and misses one that is deleted', async () => {
    const { state, cache } = setUp();
    for (const [time, answer] of [
      [0, undefined],
      [5_000, 'one'],
      [400_000, undefined],
      [405_000, 'two'],
    ] as const) {
      state.time = time;
      state.answer = answer;
      expect(await cache.get('a')).toBe(answer);
    }
  });

  it('holds at most its limit', async () => {
    const { state, cache } = setUp({ limit: 2 });
    for (const key of ['a', 'b', 'c', 'c', 'b', 'a']) await cache.get(key);
    expect(state.loads).toBe(4);
  });
});

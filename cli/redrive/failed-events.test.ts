import { expect, test } from 'vitest';
import {
  type FailedEvent,
  type FailedFiles,
  formatFailedFile,
  parseFailedFile,
  redriveFailed,
} from './failed-events.ts';

function event(reason: string, body: string): FailedEvent {
  return { reason, body, field: 'f', value: 'v', sentAt: 1 };
}

function bucketOf(objects: Map<string, Uint8Array>): FailedFiles {
  return {
    keys: () => Promise.resolve([...objects.keys()]),
    read: (key) => Promise.resolve(objects.get(key) ?? new Uint8Array()),
    write: (key, bytes) => Promise.resolve(void objects.set(key, bytes)),
    remove: (key) => Promise.resolve(void objects.delete(key)),
  };
}

test('the originals are sent once, and their files are gone', async () => {
  const objects = new Map([
    ['a', formatFailedFile([event('invalid.address', 'one'), event('time.future', 'two')])],
    ['b', formatFailedFile([event('invalid.address', 'three')])],
  ]);
  const bodies: string[] = [];
  function send(events: readonly FailedEvent[]) {
    bodies.push(...events.map(({ body }) => body));
    return Promise.resolve(events);
  }
  const first = await redriveFailed({ files: bucketOf(objects), send, reason: undefined });
  expect(first).toMatchObject({ sent: 3, kept: 0 });
  expect(first.reasons).toEqual(
    new Map([
      ['invalid.address', 2],
      ['time.future', 1],
    ]),
  );
  expect(await redriveFailed({ files: bucketOf(objects), send, reason: undefined })).toMatchObject({ sent: 0 });
  expect(bodies).toEqual(['one', 'two', 'three']);
  expect(objects.size).toBe(0);
});

test('other reasons, and what the queue refuses, stay in their file as they were', async () => {
  const kept = event('time.future', 'two');
  const refused = event('invalid.address', 'three');
  const objects = new Map([['a', formatFailedFile([event('invalid.address', 'one'), kept, refused])]]);
  const result = await redriveFailed({
    files: bucketOf(objects),
    send: (events) => Promise.resolve(events.slice(0, 1)),
    reason: 'invalid.address',
  });
  expect(result).toMatchObject({ sent: 1, kept: 2 });
  expect(parseFailedFile(objects.get('a') ?? new Uint8Array())).toEqual([kept, refused]);
});

test('a file that cannot be read is named and left alone', async () => {
  const objects = new Map([['bad', new Uint8Array([1, 2, 3])]]);
  function send(events: readonly FailedEvent[]) {
    return Promise.resolve(events);
  }
  const result = await redriveFailed({ files: bucketOf(objects), send, reason: undefined });
  expect(result.unreadable.map(({ key }) => key)).toEqual(['bad']);
  expect(objects.has('bad')).toBe(true);
});

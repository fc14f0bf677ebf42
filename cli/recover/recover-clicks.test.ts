import { expect, test } from 'vitest';
import { sendBatches } from '#cli/queue-batches.ts';
import { unsentMessage } from '#schemas/log-lines.ts';
import { recoverClicks } from './recover-clicks.ts';
import { parseUnsentLine, type UnsentClick } from './unsent-clicks.ts';

function clickOf(id: number): UnsentClick {
  return { id: String(id), body: JSON.stringify({ id: String(id) }), error: 'e' };
}

function memory() {
  const ids = new Set<string>();
  return {
    ids,
    known: (asked: readonly string[]) => Promise.resolve(new Set(asked.filter((id) => ids.has(id)))),
    remember: (sent: readonly string[]) => {
      for (const id of sent) ids.add(id);
      return Promise.resolve();
    },
  };
}

test('everything is sent once, however often it is recovered', async () => {
  const clicks = Array.from({ length: 23 }, (_, id) => clickOf(id));
  const queue: string[] = [];
  const recovered = memory();
  const options = {
    recovered,
    send: (batch: readonly UnsentClick[]) => {
      queue.push(...batch.map(({ body }) => body));
      return Promise.resolve(batch);
    },
    now: () => 0,
    onSent: () => {},
  };
  expect(await recoverClicks(clicks, options)).toEqual({ found: 23, before: 0, sent: 23, refused: 0 });
  expect(await recoverClicks(clicks, options)).toEqual({ found: 23, before: 23, sent: 0, refused: 0 });
  expect(queue).toEqual(clicks.map(({ body }) => body));
});

test('what the queue refuses is not remembered', async () => {
  const clicks = [clickOf(1), clickOf(2)];
  const recovered = memory();
  function send(batch: readonly UnsentClick[]) {
    return Promise.resolve(batch.slice(0, 1));
  }
  const options = { recovered, send, now: () => 0, onSent: () => {} };
  expect(await recoverClicks(clicks, options)).toEqual({ found: 2, before: 0, sent: 1, refused: 1 });
  expect([...recovered.ids]).toEqual(['1']);
});

test('a line gives exactly the body that it holds; other and cut lines give nothing', () => {
  const body = '{"id":"-9223372036854775808","query":"ü"}';
  const line = JSON.stringify({ message: unsentMessage, error: 'TimeoutError', body });
  expect(parseUnsentLine(line)).toEqual({ id: '-9223372036854775808', body, error: 'TimeoutError' });
  expect(parseUnsentLine(line.slice(0, -3))).toBeUndefined();
  expect(parseUnsentLine(JSON.stringify({ message: 'request', id: '1' }))).toBeUndefined();
  expect(parseUnsentLine(JSON.stringify({ message: unsentMessage, error: '', body: '{}' }))).toBeUndefined();
});

test('a batch holds ten messages and stays below the queue’s limit', () => {
  const small = Array.from({ length: 25 }, () => ({ body: 'x' }));
  expect(sendBatches(small).map((batch) => batch.length)).toEqual([10, 10, 5]);
  const large = Array.from({ length: 5 }, () => ({ body: 'x'.repeat(100_000) }));
  expect(sendBatches(large).map((batch) => batch.length)).toEqual([2, 2, 1]);
});

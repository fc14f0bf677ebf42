import { expect, test } from 'vitest';
import type { HttpResponse } from '#cli/http-request.ts';
import { stepsFor } from './steps.ts';

const good: HttpResponse = {
  status: 302,
  headers: { location: 'https://example.com/', 'cache-control': 'no-store' },
  body: '',
};
const steps = stepsFor({ code: 'k3x9', url: 'https://example.com/', status: 302 });
function problems(name: string, reply: HttpResponse): string[] {
  return steps.find((step) => step.name.startsWith(name))?.check(reply) ?? ['no such step'];
}

test('a correct response has no problems', () => {
  expect(problems('GET', good)).toEqual([]);
  expect(problems('HEAD', good)).toEqual([]);
  expect(problems('a prefetch', { ...good, status: 503 })).toEqual([]);
  expect(problems('an unknown', { status: 404, headers: {}, body: '' })).toEqual([]);
});

test('a problem names the actual and the expected value', () => {
  expect(problems('GET', { status: 200, headers: {}, body: '' })).toEqual([
    'status is 200, expected 302',
    'location is missing',
    'cache-control is missing, expected no-store',
  ]);
  expect(problems('GET', { ...good, headers: { ...good.headers, location: 'https://evil.example/' } })).toEqual([
    'location is https://evil.example/, expected https://example.com/',
  ]);
  expect(problems('HEAD', { ...good, body: 'x' })).toEqual(['it has a body']);
});

test('a permanent redirect may be cached privately', () => {
  const [get] = stepsFor({ code: 'k', url: undefined, status: 301 });
  expect(
    get?.check({
      ...good,
      status: 301,
      headers: { location: 'https://a.example', 'cache-control': 'private, max-age=90' },
    }),
  ).toEqual([]);
});

test('four of the requests are events', () => expect(steps.filter(({ event }) => event)).toHaveLength(4));

import { describe, expect, it } from 'vitest';
import type { BehaviorModel } from '../template/model.ts';
import { createDistribution, pathMatcher } from './distribution.ts';
import type { EdgeRequest } from './request.ts';

function request(path: string, changes: Partial<EdgeRequest> = {}): EdgeRequest {
  return {
    id: 'r1',
    method: 'GET',
    path,
    query: '',
    headers: {},
    body: Buffer.alloc(0),
    viewerIp: '203.0.113.7',
    receivedAt: 1_795_000_000_000,
    replay: {},
    ...changes,
  };
}

function behavior(pattern: string, functionName: string, changes: Partial<BehaviorModel> = {}): BehaviorModel {
  return {
    pattern,
    methods: ['GET', 'HEAD'],
    origin: { kind: 'function', functionName, streaming: false, path: '', customHeaders: { 'x-from': 'edge' } },
    viewerRequest: undefined,
    viewerResponse: undefined,
    forwardedHeaders: { kind: 'only', names: ['user-agent', 'sec-gpc'] },
    forwardedQuery: { kind: 'only', names: ['b'] },
    forwardedCookies: { kind: 'none' },
    responseHeaders: [
      { name: 'x-kept', value: 'policy', override: false },
      { name: 'x-new', value: 'policy', override: true },
    ],
    removedHeaders: ['server'],
    compress: false,
    ...changes,
  };
}

interface SeenEvent {
  rawPath: string;
  rawQueryString: string;
  headers: Record<string, string>;
}

async function run(behaviors: BehaviorModel[], received: EdgeRequest) {
  const seen: { functionName: string; event: SeenEvent }[] = [];
  const distribution = createDistribution(
    { domain: 'd.cloudfront.net', defaultRootObject: '', behaviors },
    {
      objectsUrl: 'http://127.0.0.1:9',
      invoke: async (functionName, event) => {
        seen.push({ functionName, event: event as SeenEvent });
        return { kind: 'done', result: { statusCode: 201, headers: { Server: 'x', 'X-Kept': 'own' }, body: 'hi' } };
      },
    },
  );
  return { response: await distribution(received), seen };
}

describe('a distribution', () => {
  it.each([
    ['/e', '/e', true],
    ['/e', '/e/', false],
    ['/api/*', '/api/v1/me', true],
    ['/api/*', '/api', false],
    ['*.gif', '/a/b.gif', true],
    ['/?x', '/ax', true],
    ['*', '/anything', true],
  ])('pattern %s and path %s', (pattern, path, matches) => {
    expect(pathMatcher(pattern)(path)).toBe(matches);
  });

  it('takes the first behaviour that matches, and shows the origin only what its policies forward', async () => {
    const headers = { 'user-agent': 'UA', 'x-secret': 'mine', cookie: 'a=1' };
    const received = request('/e', { headers, query: 'a=1&b=2', replay: { 'x-replay-time': '2026-01-01T00:00:00Z' } });
    const { seen, response } = await run([behavior('/e', 'collect'), behavior('*', 'redirect')], received);
    expect(seen).toMatchObject([{ functionName: 'collect', event: { rawPath: '/e', rawQueryString: 'b=2' } }]);
    expect(seen[0]?.event.headers).toEqual({
      'user-agent': 'UA',
      'x-from': 'edge',
      'x-replay-time': '2026-01-01T00:00:00Z',
      host: 'collect.lambda-url.us-east-1.on.aws',
    });
    expect(response).toMatchObject({ status: 201, headers: { 'x-kept': 'own', 'x-new': 'policy' } });
    expect(response.headers).not.toHaveProperty('server');
  });

  it('adds a header of CORS only to a request with an origin', async () => {
    const cors = { name: 'access-control-allow-origin', value: '*', override: true, toRequestsWith: 'origin' };
    const behaviors = [behavior('*', 'redirect', { responseHeaders: [cors] })];
    const across = await run(behaviors, request('/a', { headers: { origin: 'https://ada.example' } }));
    expect(across.response.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    const direct = await run(behaviors, request('/a', { headers: {} }));
    expect(direct.response.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('runs the viewer function first, which may change the request or answer it', async () => {
    const viewerRequest = `function handler(event) {
      const request = event.request;
      if (request.uri === '/stop') return { statusCode: 418, headers: { 'x-ip': { value: event.viewer.ip } }, body: 'no' };
      request.headers['sec-gpc'] = { value: request.querystring.b.value };
      request.uri = '/changed';
      return request;
    }`;
    const behaviors = [behavior('*', 'redirect', { viewerRequest })];
    const changed = await run(behaviors, request('/a', { query: 'b=1' }));
    expect(changed.seen[0]?.event).toMatchObject({ rawPath: '/changed', headers: { 'sec-gpc': '1' } });
    const answered = await run(behaviors, request('/stop'));
    expect(answered.seen).toEqual([]);
    expect(answered.response).toMatchObject({ status: 418, headers: { 'x-ip': '203.0.113.7' } });
  });

  it('refuses a method that the behaviour does not take', async () => {
    const { response, seen } = await run([behavior('*', 'redirect')], request('/a', { method: 'POST' }));
    expect(response.status).toBe(403);
    expect(seen).toEqual([]);
  });
});

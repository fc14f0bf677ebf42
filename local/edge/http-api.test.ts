import { expect, it } from 'vitest';
import { createRouter } from './http-api.ts';

const route = createRouter({
  host: 'api',
  routes: [
    { key: '$default', functionName: 'rest' },
    { key: 'ANY /api/{proxy+}', functionName: 'api' },
    { key: 'GET /api/links/{code}', functionName: 'link' },
    { key: 'POST /e', functionName: 'collect' },
    { key: 'GET /e.gif', functionName: 'pixel' },
  ],
});

it.each([
  ['POST', '/e', 'POST /e', {}],
  ['GET', '/e.gif', 'GET /e.gif', {}],
  ['GET', '/exgif', '$default', {}],
  ['GET', '/api/links/k3', 'GET /api/links/{code}', { code: 'k3' }],
  ['PUT', '/api/links/k3', 'ANY /api/{proxy+}', { proxy: 'links/k3' }],
  ['GET', '/api/a/b/c', 'ANY /api/{proxy+}', { proxy: 'a/b/c' }],
  ['DELETE', '/e', '$default', {}],
])('%s %s goes to %s', (method, path, key, pathParameters) => {
  expect(route(method, path)).toMatchObject({ key, pathParameters });
});

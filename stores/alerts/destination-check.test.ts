import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isPublicAddress } from '#core/alerts/public-address.ts';
import { createDestinationCheck } from './destination-check.ts';

let server: Server;
let port: number;
const requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.headers.host} ${request.url}`);
    const [, word, rest] = (request.url ?? '').split('/');
    if (word === 'silent') return;
    if (word === 'to') response.writeHead(302, { location: decodeURIComponent(rest ?? '') }).end();
    else if (word === 'get-only') response.writeHead(request.method === 'GET' ? 200 : 405).end('x');
    else if (word === 'loop') response.writeHead(301, { location: '/loop' }).end();
    else response.writeHead(Number(word) || 200).end('x');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Treats this machine's loopback address as public. */
const options: Parameters<typeof createDestinationCheck>[0] = {
  resolve: async (host) => {
    if (host === 'shop.example') return ['127.0.0.1'];
    if (host === 'inside.example') return ['10.0.0.7'];
    if (host === 'both.example') return ['127.0.0.1', '169.254.169.254'];
    throw Object.assign(new Error(host), { code: 'ENOTFOUND' });
  },
  isAllowed: (address) => address === '127.0.0.1' || isPublicAddress(address),
  timeout: 60_000,
};
const check = createDestinationCheck(options);
function at(path: string, host = 'shop.example'): string {
  return `http://${host}:${port}/${path}`;
}

it.each([
  ['200', undefined],
  ['get-only', undefined],
  ['403', undefined],
  ['429', undefined],
  ['404', 'returns HTTP 404'],
  ['503', 'returns HTTP 503'],
  ['loop', 'redirects more than 5 times'],
])('/%s: %s', async (path, problem) => {
  expect(await check(at(path))).toBe(problem);
});

it('stops at its timeout', async () => {
  const check300 = createDestinationCheck({ ...options, timeout: 300 });
  expect(await check300(at('silent'))).toBe('does not respond within 0.3 s');
});

it('ends a destination in time, however slow its name server and its redirects are', async () => {
  const hanging = createDestinationCheck({ ...options, resolve: () => new Promise(() => {}), total: 200 });
  expect(await hanging(at('200'))).toBe('does not respond within 0.2 s');
  const slow = createDestinationCheck({ ...options, timeout: 150, total: 500 });
  const hops = [1, 2, 3, 4].reduce((inner) => at(`to/${encodeURIComponent(inner)}`), at('silent'));
  expect(await slow(hops)).toMatch(/^does not respond within 0\.(15|5) s$/);
});

it('sends the host name, and connects to the checked address', async () => {
  requests.length = 0;
  await check(at('404'));
  expect(requests).toEqual([`HEAD shop.example:${port} /404`, `GET shop.example:${port} /404`]);
});

it('follows redirects, to public addresses only', async () => {
  expect(await check(at(`to/${encodeURIComponent(at('404'))}`))).toBe('returns HTTP 404');
  requests.length = 0;
  for (const inside of [
    'http://10.0.0.1/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest',
    at('200', 'inside.example'),
  ])
    expect(await check(at(`to/${encodeURIComponent(inside)}`))).toBe('leads to an address that is not public');
  expect(requests.every((line) => line.includes('/to/'))).toBe(true);
});

it('sends no request to a host that also has a private address', async () => {
  requests.length = 0;
  expect(await check(at('200', 'both.example'))).toBe('leads to an address that is not public');
  expect(requests).toEqual([]);
});

it('describes what is wrong with an invalid destination', async () => {
  expect(await check('https://gone.example/')).toBe('its host name does not exist');
  expect(await check('no url')).toBe('is not a valid URL');
  expect(await check(at(`to/${encodeURIComponent('file:///etc/passwd')}`))).toBe('leads to file:');
});

it('rejects this machine by default', async () => {
  const real = createDestinationCheck({ timeout: 60_000 });
  requests.length = 0;
  expect(await real(`http://127.0.0.1:${port}/200`)).toBe('leads to an address that is not public');
  expect(await real(`http://localhost:${port}/200`)).toBe('leads to an address that is not public');
  expect(requests).toEqual([]);
});

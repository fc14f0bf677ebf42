import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { advance } from '#core/history/pulls/advance.ts';
import { createSource } from '#core/history/pulls/create-source.ts';
import { readOutcome } from '#core/history/pulls/outcome.ts';
import { beginProgress, type Source } from '#core/history/pulls/source.ts';
import { certificate, privateKey } from '#test/pulls/self-signed.ts';
import { shlinkApi } from '#test/pulls/tool-apis.ts';
import { startToolServer, type ToolServer } from '#test/pulls/tool-server.ts';
import { allowBesides } from './public-request.ts';
import { createToolApi } from './tool-api.ts';

const now = Date.parse('2026-11-22T09:00:00Z');

let server: ToolServer;
let source: Source;

beforeAll(async () => {
  server = await startToolServer(shlinkApi({ links: [], orphans: 3 }, 'secret'));
  source = createSource({ tool: 'shlink', server: server.url, history: true }, now);
});
beforeEach(() => {
  server.requests.length = 0;
  server.disturb = () => undefined;
});
afterAll(() => server.stop());

async function ask(options: Parameters<typeof createToolApi>[0] = { isAllowed: allowBesides('127.0.0.1') }) {
  const response = await createToolApi(options)(source.ask(source.start()), source.authorize, 'secret');
  return readOutcome(response, { attempts: 1, now });
}

describe('the API of a tool', () => {
  it('is asked with the token, for JSON', async () => {
    expect(await ask()).toMatchObject({ kind: 'answer', body: { visits: { orphanVisits: { total: 3 } } } });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-api-key': 'secret', 'user-agent': 'hopcount-import/1' });
  });

  it('may pack its answers', async () => {
    server.disturb = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"visits":{}}'));
      return 'handled';
    };
    expect(await ask()).toEqual({ kind: 'answer', body: { visits: {} } });
  });

  it('is not asked at an address that is not public', async () => {
    expect(await ask({})).toMatchObject({ kind: 'pause', reason: 'leads to an address that is not public' });
    expect(server.requests).toEqual([]);
  });

  it.each(['http://169.254.169.254/latest/meta-data/', 'http://10.0.0.1/', 'https://elsewhere.example/'])(
    'is not followed to %s, nor is the token sent there',
    async (location) => {
      server.disturb = () => ({ status: 302, headers: { location }, body: '' });
      expect(await ask()).toMatchObject({ kind: 'pause', reason: expect.stringContaining('redirects (HTTP 302)') });
      expect(server.requests).toHaveLength(1);
    },
  );

  it.each([
    ['ends the connection before its answer', (at: number) => at],
    ['ends the connection within its answer', (at: number) => at + 20],
  ])('is asked again when it %s', async (_, cut) => {
    server.disturb = (_count, response) => {
      if (cut(0) > 0) response.writeHead(200, { 'content-length': 1_000 }).write('{"visits":{'.slice(0, cut(0)));
      setImmediate(() => response.destroy());
      return 'handled';
    };
    expect(await ask()).toMatchObject({ kind: 'wait', reason: 'ends the connection' });
  });

  it('is asked again when it does not answer in time', async () => {
    server.disturb = () => 'handled';
    expect(await ask({ isAllowed: allowBesides('127.0.0.1'), timeout: 50 })).toMatchObject({
      kind: 'wait',
      reason: 'does not respond within 0.05 s',
    });
  });

  it.each([
    ['as it is', false],
    ['packed into 100 KB', true],
  ])('may answer with 100 MB, %s, which are not read', async (_, isPacked) => {
    server.disturb = (_count, response) => {
      const body = Buffer.alloc(100_000_000, ' ');
      response.writeHead(200, isPacked ? { 'content-encoding': 'gzip' } : {}).end(isPacked ? gzipSync(body) : body);
      return 'handled';
    };
    expect(await ask()).toEqual({ kind: 'pause', reason: 'answered with more than 20 MB' });
  });

  it('may answer with what is no JSON', async () => {
    server.disturb = () => ({ status: 200, body: '{"visits":' });
    expect(await ask()).toMatchObject({ kind: 'wait', reason: 'did not answer with JSON' });
  });
});

describe('an address that has never answered', () => {
  async function firstStep(server: string) {
    const mistyped = createSource({ tool: 'shlink', server, history: true }, now);
    const progress = beginProgress(mistyped);
    const response = await createToolApi({ isAllowed: allowBesides('127.0.0.1') })(
      mistyped.ask(progress.cursor),
      mistyped.authorize,
      'secret',
    );
    return advance(mistyped, progress, readOutcome(response, { attempts: 1, now }), 0).state;
  }

  function refused(address: string, why: RegExp) {
    const reason = new RegExp(`^\`server\` must be the https address .+; got \`${address}\`: ${why.source}$`);
    return { kind: 'failed', reason: expect.stringMatching(reason) };
  }

  it('fails at once if its name does not exist', async () => {
    const address = 'https://nowhere.invalid';
    // A machine without a resolver cannot say that it does not exist.
    const why = /its host name (does not exist|could not be looked up)/;
    expect(await firstStep(address)).toEqual(refused(address, why));
  });

  it('fails at once if it refuses connections', async () => {
    const closed = await startToolServer(() => ({ status: 200, body: {} }));
    closed.stop();
    expect(await firstStep(closed.url)).toEqual(refused(closed.url, /refuses connections/));
  });

  it('fails at once if its certificate is not trusted', async () => {
    const secure = createServer({ key: privateKey, cert: certificate }, (_, response) => response.end('{}'));
    await once(secure.listen(0, '127.0.0.1'), 'listening');
    const address = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
    expect(await firstStep(address)).toEqual(refused(address, /its certificate is not trusted/));
    secure.close();
  });

  it('fails at once if it is not public', async () => {
    const address = 'https://10.0.0.1';
    expect(await firstStep(address)).toEqual(refused(address, /leads to an address that is not public/));
  });
});

import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { plainLink } from '#core/links/link.fixture.ts';
import { createServedDomains } from '#core/links/served-domains.ts';
import { createRedirect } from './redirect.ts';
import { createStreamResponse } from './stream-response.ts';

class TestStream extends Writable {
  setContentType(): void {}
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

function event(method = 'GET', path = '/k3x9') {
  return {
    rawPath: path,
    requestContext: { timeEpoch: 1_795_000_000_000, http: { method } },
  };
}

/** Records in order what leaves the function. */
function setUp(changes: { end?: () => void; settled?: () => Promise<void>; originSecret?: string } = {}) {
  const order: string[] = [];
  function writeLine(line: string) {
    return void order.push(`line ${JSON.parse(line).message}`);
  }
  const handler = createStreamResponse({
    redirect: createRedirect({
      findLink: async (code) => (code === 'k3x9' ? plainLink : undefined),
      findPage: async () => undefined,
      takeClick: async () => true,
      keepsRefused: () => true,
      nextId: () => '1',
      askedDomain: createServedDomains({ domains: [], main: 'go.example' }),
      ignoreCase: false,
      homeUrl: undefined,
      writeLine,
    }),
    send: async ({ id }) => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`sent ${id}`);
    },
    settled: async () => {},
    end: (_stream, { status }) => void order.push(`answered ${status}`),
    writeLine,
    allowReplay: false,
    ...changes,
  });
  return { handler, order };
}

describe('the streaming adapter', () => {
  it('writes the line, ends the answer, and has sent the event when it resolves', async () => {
    const { handler, order } = setUp();
    await handler(event(), new TestStream());
    expect(order).toEqual(['line request', 'answered 302', 'sent 1']);
  });

  it('refuses a request without the origin secret, if there is one, before it is counted', async () => {
    const { handler, order } = setUp({ originSecret: 'known to CloudFront' });
    for (const headers of [undefined, {}, { 'x-origin-secret': 'guessed' }])
      await handler({ ...event(), ...(headers && { headers }) }, new TestStream());
    expect(order).toEqual(['answered 403', 'answered 403', 'answered 403']);
    await handler({ ...event(), headers: { 'x-origin-secret': 'known to CloudFront' } }, new TestStream());
    expect(order.slice(3)).toEqual(['line request', 'answered 302', 'sent 1']);
  });

  it('sends nothing where there is no event', async () => {
    const { handler, order } = setUp();
    await handler(event('GET', '/unknown'), new TestStream());
    expect(order).toEqual(['answered 404']);
  });

  it('sends the event of a viewer who has gone away', async () => {
    const broken = setUp({
      end: () => {
        throw new Error('stream is closed');
      },
    });
    await broken.handler(event(), new TestStream());
    expect(broken.order).toEqual(['line request', 'line response.broken', 'sent 1']);
  });

  it('lets no error of the stream escape', async () => {
    const { handler, order } = setUp();
    const stream = new TestStream();
    await handler(event(), stream);
    stream.destroy(new Error('reset by viewer'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(order.at(-1)).toBe('line response.broken');
  });

  it('waits for a refresh that was begun', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { handler, order } = setUp({ settled: () => promise });
    const done = handler(event(), new TestStream()).then(() => order.push('resolved'));
    await new Promise((next) => setImmediate(next));
    expect(order).not.toContain('resolved');
    resolve();
    await done;
    expect(order.at(-1)).toBe('resolved');
  });
});

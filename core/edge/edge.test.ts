import { describe, expect, it } from 'vitest';
import { clickMessageSchema } from '#schemas/click-message.ts';
import { createEventIds } from './event-id.ts';
import { metricLines } from './metric-line.ts';
import { parseEdgeRequest, headerLimit, messageOf } from './edge-request.ts';
import { requireCloudFront } from './origin-secret.ts';
import { createRefusedLimit } from './refused-limit.ts';
import { parseViewerAddress } from './viewer-address.ts';

describe('parseViewerAddress', () => {
  it.each([
    ['203.0.113.7:46532', false, { address: '203.0.113.7', port: 46532 }],
    ['2001:db8::8a2e:46532', false, { address: '2001:db8::8a2e', port: 46532 }],
    ['2001:db8:0:0:0:0:0:1:80', false, { address: '2001:db8:0:0:0:0:0:1', port: 80 }],
    ['2001:db8::1', true, { address: '2001:db8::1', port: null }],
    ['203.0.113.7', true, { address: '203.0.113.7', port: null }],
    ['203.0.113.7', false, { address: '203.0.113.7', port: null }],
    ['203.0.113.7:70000', false, { address: '203.0.113.7:70000', port: null }],
    ['not an address', false, { address: 'not an address', port: null }],
    ['', false, { address: null, port: null }],
    [undefined, false, { address: null, port: null }],
  ])('%s', (value, portOptional, expected) => {
    expect(parseViewerAddress(value, portOptional)).toEqual(expected);
  });
});

describe('a handler behind CloudFront', () => {
  const handled: unknown[] = [];
  async function handle(event: { headers?: Record<string, string | undefined> }) {
    handled.push(event);
    return { statusCode: 200 };
  }
  const guarded = requireCloudFront(handle, async () => 'known to CloudFront');

  it('handles requests with the secret', async () => {
    expect(await guarded({ headers: { 'x-origin-secret': 'known to CloudFront' } })).toEqual({ statusCode: 200 });
    expect(handled.splice(0)).toHaveLength(1);
  });

  it.each([{}, { headers: {} }, { headers: { 'x-origin-secret': '' } }, { headers: { 'x-origin-secret': 'guessed' } }])(
    'sees nothing of %j',
    async (event) => {
      expect(await guarded(event)).toMatchObject({
        statusCode: 403,
        headers: { 'content-type': 'application/problem+json' },
        body: expect.stringContaining('did not come through CloudFront'),
      });
      expect(handled).toEqual([]);
    },
  );

  it('sees nothing while the secret is unknown, not even what has none', async () => {
    const failing = requireCloudFront(handle, () => Promise.reject(new Error('Secrets Manager did not respond')));
    expect(await failing({})).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(handled).toEqual([]);
  });
});

describe('the limit of refused requests', () => {
  const at = Date.parse('2026-11-22T07:00:00Z');
  const limits = { perAddress: 3, perPage: 5, keys: 4 };

  function kept(requests: readonly { address?: string; page?: string; at?: number }[], options = limits): boolean[] {
    const keeps = createRefusedLimit(options);
    return requests.map((request) => keeps({ address: '203.0.113.7', page: '/ada', at, ...request }));
  }
  function times<T>(count: number, value: (n: number) => T): T[] {
    return Array.from({ length: count }, (_, n) => value(n));
  }

  it('keeps as many of an address as it may, and as many again in the next minute', () => {
    expect(kept(times(4, () => ({})))).toEqual([true, true, true, false]);
    expect(kept([...times(4, () => ({})), { at: at + 59_999 }, { at: at + 60_000 }]).slice(4)).toEqual([false, true]);
  });

  it('keeps as many of a page as it may, from however many addresses', () => {
    const twice = [1, 1, 2, 2, 3, 3].map((n) => ({ address: `203.0.113.${n}` }));
    expect(kept(twice)).toEqual([true, true, true, true, true, false]);
    expect(kept([...twice, { page: '/bob' }]).at(-1)).toBe(true);
  });

  it('lets one address use no more than its own share of a page', () => {
    const requests = [...times(100, () => ({})), { address: '198.51.100.1' }, { address: '198.51.100.1' }];
    expect(kept(requests).slice(100)).toEqual([true, true]);
  });

  it('takes the first 64 bits of an IPv6 address as one address', () => {
    expect(kept(times(4, (n) => ({ address: `2001:db8:1:2::${n}` })))).toEqual([true, true, true, false]);
    expect(kept(times(4, (n) => ({ address: `2001:db8:1:${n}::1` })))).toEqual([true, true, true, true]);
  });

  it('counts at most so many addresses and pages at once', () => {
    const perPage = 1_000;
    expect(
      kept(
        times(5, (n) => ({ address: `203.0.113.${n}` })),
        { ...limits, perPage },
      ),
    ).toEqual([...times(4, () => true), false]);
    expect(
      kept(
        times(5, (n) => ({ page: `/p${n}` })),
        { ...limits, perAddress: 1_000 },
      ),
    ).toEqual([...times(4, () => true), false]);
  });

  it('holds 10,000 keys by default', () => {
    const keeps = createRefusedLimit({ perPage: 100_000 });
    const all = times(10_001, (n) => keeps({ address: `10.0.${n >> 8}.${n & 255}`, page: '/ada', at }));
    expect(all.filter(Boolean)).toHaveLength(10_000);
    expect(all.at(-1)).toBe(false);
  });
});

function gatewayEvent(headers: Record<string, string>) {
  return {
    rawPath: '/k3x9',
    rawQueryString: 'utm_source=bio',
    headers,
    requestContext: { timeEpoch: 1_795_000_000_000, http: { method: 'GET' } },
  };
}

describe('messageOf', () => {
  it('trusts only the address from CloudFront', () => {
    const headers = {
      'cloudfront-viewer-address': '203.0.113.7:46532',
      'x-forwarded-for': '198.51.100.1',
      'x-replay-ip': '198.51.100.2',
    };
    expect(messageOf(parseEdgeRequest(gatewayEvent(headers), false), '1')).toMatchObject({
      address: '203.0.113.7',
      port: 46532,
    });
    const forwarded = { 'x-forwarded-for': '198.51.100.1' };
    expect(messageOf(parseEdgeRequest(gatewayEvent(forwarded), false), '1')).toMatchObject({
      address: null,
      port: null,
    });
  });

  it('matches the contract', () => {
    const headers = {
      'user-agent': 'a',
      referer: 'https://r.example/',
      'sec-gpc': '1',
      'cloudfront-viewer-country': 'DE',
      'cloudfront-viewer-asn': '64500',
    };
    const message = messageOf(parseEdgeRequest(gatewayEvent(headers), false), '-5');
    expect(clickMessageSchema.parse(message)).toEqual(message);
    expect(message).toMatchObject({
      country: 'DE',
      asn: 64_500,
      privacy: true,
      query: 'utm_source=bio',
      replayed: false,
    });
  });

  it('sets an absent header to null, and leaves it out in a replay', () => {
    const replay = { 'x-replay-time': '2026-01-01T00:00:00Z', 'user-agent': 'a' };
    expect(messageOf(parseEdgeRequest(gatewayEvent({}), true), '1').headers).toEqual({
      userAgent: null,
      referrer: null,
      accept: null,
      acceptLanguage: null,
    });
    const replayed = messageOf(parseEdgeRequest(gatewayEvent(replay), true), '1');
    expect(replayed.replayed).toBe(true);
    expect(JSON.parse(JSON.stringify(replayed.headers))).toEqual({ userAgent: 'a' });
  });

  it.each([
    ['of their own header', { 'x-client-hints': 'sec-ch-ua-mobile=%3F1' }],
    ['behind the headers of an SDK', { 'x-sdk-headers': 'authorization=Basic%20x&sec-ch-ua-mobile=%3F1' }],
    ['alone in the header of an SDK', { 'x-sdk-headers': 'sec-ch-ua-mobile=%3F1' }],
  ])('keeps client hints %s, and nothing else of it', (_, headers) =>
    expect(messageOf(parseEdgeRequest(gatewayEvent(headers), false), '1').headers.hints).toBe('sec-ch-ua-mobile=%3F1'),
  );

  it('keeps no secret of an SDK that only holds the name of a hint', () => {
    const headers = { 'x-sdk-headers': `authorization=${encodeURIComponent('Bearer sec-ch-ua&sec-ch-ua=x')}` };
    expect(messageOf(parseEdgeRequest(gatewayEvent(headers), false), '1').headers).not.toHaveProperty('hints');
  });

  it('ignores the replay header unless replay is allowed', () => {
    const replay = { 'x-replay-time': '2026-01-01T00:00:00Z' };
    expect(messageOf(parseEdgeRequest(gatewayEvent(replay), false), '1').replayed).toBe(false);
  });

  it('cuts a header of 300 KB', () => {
    const headers = { 'user-agent': 'x'.repeat(300_000) };
    expect(messageOf(parseEdgeRequest(gatewayEvent(headers), false), '1').headers.userAgent).toHaveLength(headerLimit);
  });
});

describe('createEventIds', () => {
  it('creates signed 64-bit decimals, each from its own 8 bytes', () => {
    let calls = 0;
    const nextId = createEventIds((buffer) => {
      calls += 1;
      for (let n = 0; n < buffer.length / 8; n++) buffer.writeBigInt64LE(BigInt(n - 2), n * 8);
    });
    expect(Array.from({ length: 4 }, nextId)).toEqual(['-2', '-1', '0', '1']);
    for (let n = 4; n < 513; n++) nextId();
    expect(calls).toBe(2);
  });

  it('does not repeat', () => {
    const ids = Array.from({ length: 5_000 }, createEventIds());
    expect(new Set(ids).size).toBe(5_000);
    for (const id of ids) expect(BigInt.asIntN(64, BigInt(id)).toString()).toBe(id);
  });
});

describe('metricLines', () => {
  it('is one line of the embedded metric format, with the counts that are not zero', () => {
    expect(metricLines(5, { Lost: 2, LakeProblems: 0 }).map((line): unknown => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: 5,
          CloudWatchMetrics: [{ Namespace: 'Hopcount', Dimensions: [[]], Metrics: [{ Name: 'Lost', Unit: 'Count' }] }],
        },
        Lost: 2,
      },
    ]);
  });

  it('is no line when all counts are zero: CloudWatch bills an hour in which a metric is sent', () => {
    expect(metricLines(5, { Lost: 0, LakeProblems: 0 })).toEqual([]);
  });
});

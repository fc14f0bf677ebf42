import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  clientHintHeaders,
  edgeHeaders,
  olderPurposeHeaders,
  replayHeaders,
  sdkHeader,
  viewerAddressHeader,
} from '#schemas/edge-headers.ts';
import { packedHeaderLimit, packedHeaders } from './forwarded-headers.ts';

const source = readFileSync(path.join(import.meta.dirname, 'viewer-request.js'), 'utf8');
const context = createContext({});
runInContext(source, context);

const requestSchema = z.object({ uri: z.string(), headers: z.record(z.string(), z.object({ value: z.string() })) });

/** Runs the function as CloudFront does: header names in lower case, each with a value. */
function run(uri: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
  const request = {
    uri,
    method,
    querystring: {},
    cookies: {},
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }])),
  };
  const event = { version: '1.0', viewer: { ip: '203.0.113.7' }, request };
  const result = requestSchema.parse(runInContext(`handler(${JSON.stringify(event)})`, context));
  const values = Object.entries(result.headers).map(([name, { value }]) => [name, value]);
  return { uri: result.uri, headers: z.record(z.string(), z.string()).parse(Object.fromEntries(values)) };
}

describe('the viewer request function', () => {
  it.each(olderPurposeHeaders)('folds %s into sec-purpose', (name) => {
    expect(run('/k3x9', { [name]: 'prefetch' }).headers).toEqual({ [edgeHeaders.purpose]: 'prefetch' });
    expect(run('/k3x9', { [name]: 'Preview' }).headers).toEqual({ [edgeHeaders.purpose]: 'prefetch' });
    expect(run('/k3x9', { [name]: 'navigate' }).headers).toEqual({});
  });

  it('keeps sec-purpose as the browser sent it', () => {
    const sent = { [edgeHeaders.purpose]: 'prefetch;prerender', purpose: 'prefetch' };
    expect(run('/k3x9', sent).headers).toEqual({ [edgeHeaders.purpose]: 'prefetch;prerender' });
  });

  it('folds DNT into sec-gpc, only if it is 1', () => {
    expect(run('/k3x9', { dnt: '1' }).headers).toEqual({ [edgeHeaders.privacy]: '1' });
    expect(run('/k3x9', { dnt: '0' }).headers).toEqual({});
    expect(run('/k3x9', { [edgeHeaders.privacy]: '1', dnt: '0' }).headers).toEqual({ [edgeHeaders.privacy]: '1' });
  });

  it.each(clientHintHeaders)('folds %s into x-client-hints', (name) => {
    const { headers } = run('/k3x9', { [name]: '"Chromium";v="130"' });
    expect(headers).toEqual({ [edgeHeaders.hints]: expect.any(String) });
    expect([...new URLSearchParams(headers[edgeHeaders.hints])]).toEqual([[name, '"Chromium";v="130"']]);
  });

  it('folds client hints in the order of the table, and drops those that a visitor packed', () => {
    const sent = Object.fromEntries(clientHintHeaders.toReversed().map((name) => [name, '?1']));
    const { headers } = run('/k3x9', { ...sent, [edgeHeaders.hints]: 'sec-ch-ua-mobile=%3F0' });
    expect([...new URLSearchParams(headers[edgeHeaders.hints]).keys()]).toEqual([...clientHintHeaders]);
    expect(run('/k3x9', { [edgeHeaders.hints]: 'sec-ch-ua-mobile=%3F0' }).headers).toEqual({});
  });

  it.each(Object.values(replayHeaders))('removes %s, which only replays may set', (name) => {
    expect(run('/k3x9', { [name]: '2026-11-22T07:00:00Z' }).headers).toEqual({});
  });

  it('tells the API the address of the viewer, whatever a request says, and nobody else', () => {
    const forged = { [viewerAddressHeader]: '198.51.100.1' };
    expect(run('/api/v1/shares/unlock', forged).headers).toEqual({ [viewerAddressHeader]: '203.0.113.7' });
    expect(run('/k3x9').headers).toEqual({});
  });

  it('removes nothing else', () => {
    const headers = {
      'user-agent': 'Mozilla/5.0',
      referer: 'https://example.com/',
      accept: 'text/html',
      'accept-language': 'de-AT',
      origin: 'https://ada.example',
      authorization: 'Bearer x',
      host: 'go.example.com',
    };
    const packed = { [edgeHeaders.hints]: 'host=go.example.com' };
    expect(run('/k3x9', headers)).toEqual({ uri: '/k3x9', headers: { ...headers, ...packed } });
  });

  it('tells redirect the host that the visitor asked, whatever a request says, and the SDK routes nothing', () => {
    const forged = { host: 'demo.localhost:8787', [edgeHeaders.hints]: 'host=go.other.example' };
    const hints = run('/k3x9', { ...forged, 'sec-ch-ua-mobile': '?1' }).headers[edgeHeaders.hints];
    expect([...new URLSearchParams(hints)]).toEqual([
      ['host', 'demo.localhost:8787'],
      ['sec-ch-ua-mobile', '?1'],
    ]);
    const long = run('/k3x9', { host: 'a'.repeat(300) }).headers[edgeHeaders.hints];
    expect(long).toBe(`host=${'a'.repeat(255)}`);
    expect(run('/e/ada', forged, 'POST').headers).not.toHaveProperty(edgeHeaders.hints);
  });

  it.each([
    ['/app', '/app/index.html'],
    ['/app/', '/app/index.html'],
    ['/app/pages/ada', '/app/index.html'],
    ['/app/pages/ada.lovelace/', '/app/index.html'],
    ['/app/assets/index-4f2a.js', '/app/assets/index-4f2a.js'],
    ['/app/embed/s1', '/app/embed/s1'],
    ['/apple', '/apple'],
    ['/@ada.b', '/@ada.b'],
    ['/', '/'],
    ['/api/v1/me', '/api/v1/me'],
  ])('maps %s to %s', (uri, expected) => {
    expect(run(uri).uri).toBe(expected);
  });

  it('is small enough for CloudFront: 10 KB', () => {
    expect(Buffer.byteLength(source)).toBeLessThan(10_240);
  });
});

describe('headers of SDKs', () => {
  it.each(packedHeaders)('packs %s below /e/', (name) => {
    const { headers } = run('/e/ada/v1/t', { [name]: 'Basic a=b&c ü' }, 'OPTIONS');
    expect(headers).toEqual({ [sdkHeader]: expect.any(String) });
    expect([...new URLSearchParams(headers[sdkHeader])]).toEqual([[name, 'Basic a=b&c ü']]);
  });

  it('keeps at most 500 characters of each', () => {
    const { headers } = run('/e/ada/v1/t', { authorization: 'x'.repeat(packedHeaderLimit + 1) });
    expect(new URLSearchParams(headers[sdkHeader]).get('authorization')).toBe('x'.repeat(packedHeaderLimit));
  });

  it('fails for no value, wherever it is cut', () => {
    const { headers } = run('/e/ada/v1/t', { authorization: `${'x'.repeat(packedHeaderLimit - 1)}😀` });
    expect(new URLSearchParams(headers[sdkHeader]).get('authorization')).toBe('x'.repeat(packedHeaderLimit - 1));
  });

  it('relabels bodies, so that API Gateway does not read them as text', () => {
    expect(run('/e/ada/e/', { 'content-type': 'text/plain' }, 'POST').headers).toEqual({
      'content-type': 'application/octet-stream',
    });
    expect(run('/e/ada/e/', {}, 'POST').headers).toEqual({ 'content-type': 'application/octet-stream' });
    expect(run('/e', { 'content-type': 'text/plain' }, 'POST').headers).toEqual({ 'content-type': 'text/plain' });
  });

  it('drops a packed header of the visitor', () => {
    expect(run('/e/ada/e/', { [sdkHeader]: 'authorization=x' }).headers).toEqual({});
    expect(run('/k3x9', { [sdkHeader]: 'authorization=x' }).headers).toEqual({});
  });

  it('packs client hints after everything that may be secret', () => {
    const sent = Object.fromEntries(packedHeaders.map((name) => [name, 'x']));
    const [first] = clientHintHeaders;
    expect(run('/e/ada/e/', sent).headers[sdkHeader]).toMatch(
      new RegExp(`^authorization=x&.*&${first}=x&[^&]*&[^&]*$`),
    );
  });
});

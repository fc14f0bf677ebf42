import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { edgeHeaders, olderPurposeHeaders, replayHeaders } from '#schemas/edge-headers.ts';

const source = readFileSync(path.join(import.meta.dirname, 'viewer-request.js'), 'utf8');
const context = createContext({});
runInContext(source, context);

const requestSchema = z.object({ uri: z.string(), headers: z.record(z.string(), z.object({ value: z.string() })) });

/** Runs the function as CloudFront does: header names in lower case, each with a value. */
function edge(uri: string, headers: Readonly<Record<string, string>> = {}) {
  const request = {
    uri,
    method: 'GET',
    querystring: {},
    cookies: {},
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }])),
  };
  const event = { version: '1.0', viewer: { ip: '203.0.113.7' }, request };
  const answer = requestSchema.parse(runInContext(`handler(${JSON.stringify(event)})`, context));
  const values = Object.entries(answer.headers).map(([name, { value }]) => [name, value]);
  return { uri: answer.uri, headers: z.record(z.string(), z.string()).parse(Object.fromEntries(values)) };
}

describe('the viewer request', () => {
  it.each(olderPurposeHeaders)('folds %s into sec-purpose', (name) => {
    expect(edge('/k3x9', { [name]: 'prefetch' }).headers).toEqual({ [edgeHeaders.purpose]: 'prefetch' });
    expect(edge('/k3x9', { [name]: 'Preview' }).headers).toEqual({ [edgeHeaders.purpose]: 'prefetch' });
    expect(edge('/k3x9', { [name]: 'navigate' }).headers).toEqual({});
  });

  it('keeps sec-purpose as the browser sent it', () => {
    const sent = { [edgeHeaders.purpose]: 'prefetch;prerender', purpose: 'prefetch' };
    expect(edge('/k3x9', sent).headers).toEqual({ [edgeHeaders.purpose]: 'prefetch;prerender' });
  });

  it('folds DNT into sec-gpc, and only where it is set', () => {
    expect(edge('/k3x9', { dnt: '1' }).headers).toEqual({ [edgeHeaders.privacy]: '1' });
    expect(edge('/k3x9', { dnt: '0' }).headers).toEqual({});
    expect(edge('/k3x9', { [edgeHeaders.privacy]: '1', dnt: '0' }).headers).toEqual({ [edgeHeaders.privacy]: '1' });
  });

  it.each(Object.values(replayHeaders))('lets no viewer set %s', (name) => {
    expect(edge('/k3x9', { [name]: '2026-11-22T07:00:00Z' }).headers).toEqual({});
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
    expect(edge('/k3x9', headers)).toEqual({ uri: '/k3x9', headers });
  });

  it.each([
    ['/app', '/app/index.html'],
    ['/app/', '/app/index.html'],
    ['/app/pages/ada', '/app/index.html'],
    ['/app/pages/ada.lovelace/', '/app/index.html'],
    ['/app/assets/index-4f2a.js', '/app/assets/index-4f2a.js'],
    ['/apple', '/apple'],
    ['/@ada.b', '/@ada.b'],
    ['/', '/'],
    ['/api/v1/me', '/api/v1/me'],
  ])('leads %s to %s', (uri, expected) => {
    expect(edge(uri).uri).toBe(expected);
  });

  it('is small enough for CloudFront: 10 KB', () => {
    expect(Buffer.byteLength(source)).toBeLessThan(10_240);
  });
});

import { describe, expect, it } from 'vitest';
import type { EdgeRequest } from '#core/edge/edge-request.ts';
import type { Link } from '#schemas/catalog.ts';
import { decideLink } from './decide.ts';
import { plainLink } from './link.fixture.ts';

const at = Date.parse('2026-11-22T07:00:00Z');
function facts(changes: Partial<EdgeRequest> = {}): EdgeRequest {
  return {
    method: 'GET',
    path: '/k3x9',
    query: '',
    at,
    headers: {},
    replayed: false,
    ...changes,
  };
}
function decide(link: Partial<Link>, changes?: Partial<EdgeRequest>) {
  return decideLink({ ...plainLink, ...link }, facts(changes));
}
const prefetch = { 'sec-purpose': 'prefetch;prerender' };

describe('decideLink', () => {
  it('redirects a plain visit and leaves the outcome to enrich', () => {
    expect(decide({})).toEqual({
      response: { kind: 'redirect', status: 302, location: plainLink.url },
      outcome: null,
      rule: null,
    });
  });

  it.each([
    [{ enabled: false }, 'disabled', 'link.disabled'],
    [{ startsAt: '2026-11-22T07:00:00.001Z' }, 'disabled', 'link.not-started'],
    [{ startsAt: '2026-11-22T07:00:00Z' }, null, null],
    [{ expiresAt: '2026-11-22T08:00:00+01:00' }, 'expired', 'link.expired'],
    [{ expiresAt: '2026-11-22T07:00:00.001Z' }, null, null],
    [{ url: 'javascript:alert(1)' }, 'refused', 'destination.scheme'],
    [{ url: 'https://ok.example/\r\nset-cookie: a' }, 'refused', 'destination.scheme'],
  ] as const)('%j: %s by %s', (link, outcome, rule) => {
    expect(decide(link)).toMatchObject({ outcome, rule });
  });

  it('shows a link with a card to programs that make previews, and redirects everyone else', () => {
    const card = { title: 'Spring', description: null, image: null };
    function seenBy(userAgent: string, link: Partial<Link> = {}) {
      return decide({ card, ...link }, { headers: { 'user-agent': userAgent } }).response;
    }
    const whatsApp = 'WhatsApp/2.23.20.0';
    expect(seenBy(whatsApp)).toEqual({ kind: 'card', card });
    expect(seenBy(whatsApp, { card: null })).toMatchObject({ kind: 'redirect' });
    expect(seenBy(whatsApp, { enabled: false })).toMatchObject({ kind: 'closed' });
    // An in-app browser, an assistant and a crawler.
    const inApp =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS]';
    for (const other of [inApp, 'ChatGPT-User/1.0', 'Googlebot/2.1', ''])
      expect(seenBy(other), other).toMatchObject({ kind: 'redirect' });
  });

  it('leads to the expiry destination with a 302, whatever the link says of its status', () => {
    const link = { status: 301, expiresAt: '2026-11-01T00:00:00Z', expiredUrl: 'https://shop.example/over' } as const;
    expect(decide(link)).toEqual({
      response: { kind: 'redirect', status: 302, location: 'https://shop.example/over' },
      outcome: 'expired',
      rule: 'link.expired-destination',
    });
  });

  it('closes where the expiry destination may not be emitted', () => {
    const link = { expiresAt: '2026-11-01T00:00:00Z', expiredUrl: 'data:text/html,x' };
    expect(decide(link)).toMatchObject({ response: { kind: 'closed', why: 'expired' }, outcome: 'expired' });
  });

  it('answers HEAD as GET, with the outcome head', () => {
    expect(decide({}, { method: 'HEAD' })).toEqual({
      response: { kind: 'redirect', status: 302, location: plainLink.url },
      outcome: 'head',
      rule: 'method.HEAD',
    });
    expect(decide({ enabled: false }, { method: 'HEAD' })).toMatchObject({ outcome: 'head' });
  });

  it.each(['prefetch', 'prefetch;prerender', 'Preview'])('does not lead a %s anywhere', (purpose) => {
    expect(decide({}, { headers: { 'sec-purpose': purpose } })).toEqual({
      response: { kind: 'prefetch' },
      outcome: 'prefetch',
      rule: 'header.sec-purpose',
    });
  });

  it('gives one request one outcome: method before purpose before link', () => {
    expect(decide({ enabled: false }, { method: 'POST', headers: prefetch })).toMatchObject({ rule: 'method.POST' });
    expect(decide({ enabled: false }, { method: 'HEAD', headers: prefetch })).toMatchObject({ outcome: 'head' });
    expect(decide({ enabled: false }, { headers: prefetch })).toMatchObject({ outcome: 'prefetch' });
  });

  it.each(['POST', 'OPTIONS', 'PUT', 'get'])('refuses %s', (method) => {
    expect(decide({}, { method })).toMatchObject({
      response: { kind: 'method' },
      outcome: 'refused',
      rule: `method.${method}`,
    });
  });
});

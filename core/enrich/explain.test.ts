import { expect, test } from 'vitest';
import { unknownPage } from './enrich-event.ts';
import { explainRequest, explanationText, type ExplainedRequest } from './explain.ts';

const phone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const options = {
  context: {
    geography: (address: string) => (address === '2001:db8::1' ? { country: 'AT', region: null, city: 'Wien' } : null),
    settingsOf: () => unknownPage,
    saltOf: () => null,
  },
  now: Date.UTC(2026, 10, 22, 7),
};
function explain(request: ExplainedRequest) {
  return explainRequest(request, options);
}

test.for<[string, ExplainedRequest, string, string]>([
  ['a phone', { ip: '203.0.113.7', userAgent: phone, referrer: null, method: 'GET' }, 'counted', 'counted'],
  ['headers unknown', { userAgent: phone, headers: {} }, 'counted', 'counted'],
  ['headers listed, none a browser’s', { userAgent: phone, headers: { host: 'x' } }, 'bot', 'headers.no-language'],
  ['any language', { userAgent: phone, headers: { 'accept-language': '*' } }, 'bot', 'headers.any-language'],
  ['headers as sent', { headers: { 'User-Agent': phone, 'Accept-Language': 'de' } }, 'counted', 'counted'],
  ['a user agent known to be absent', { userAgent: null }, 'bot', 'user-agent.absent'],
  ['an empty one', { userAgent: '' }, 'bot', 'user-agent.absent'],
  ['an unknown one', {}, 'counted', 'counted'],
  ['a preview', { userAgent: 'WhatsApp/2.24.1 A' }, 'preview', 'user-agent.preview'],
  ['HEAD', { userAgent: phone, method: 'HEAD' }, 'head', 'method.HEAD'],
  ['POST', { userAgent: phone, method: 'POST' }, 'refused', 'method.POST'],
  [
    'a prefetch',
    { userAgent: phone, headers: { 'sec-purpose': 'prefetch', 'accept-language': 'de' } },
    'prefetch',
    'header.sec-purpose',
  ],
  [
    'an older prefetch',
    { userAgent: phone, headers: { 'X-Moz': 'prefetch', 'accept-language': 'de' } },
    'prefetch',
    'header.sec-purpose',
  ],
  ['a mail scanner', { userAgent: phone, asn: 22_843 }, 'bot', 'network.mail-scanner'],
  ['a mail scanner whose network is unknown', { userAgent: phone }, 'counted', 'counted'],
  [
    'Office before it starts the browser',
    { userAgent: 'Mozilla/4.0 (compatible; ms-office; MSOffice 16)' },
    'prefetch',
    'network.mail-scanner',
  ],
  ['no address at all', { ip: 'localhost', userAgent: phone }, 'failed', 'invalid.address'],
])('%s', ([, request, outcome, rule]) => {
  expect(explain(request)).toMatchObject({ outcome, rule, event: { outcome, outcome_rule: rule } });
});

test('accepts an address with a port, and hides the city under Do Not Track', () => {
  expect(explain({ ip: '2001:db8::1', port: 4711, userAgent: phone }).event).toMatchObject({
    country: 'AT',
    city: 'Wien',
  });
  expect(
    explain({ ip: '2001:db8::1', userAgent: phone, headers: { DNT: '1', 'accept-language': 'de' } }).event,
  ).toMatchObject({
    country: 'AT',
    city: null,
  });
});

test('reads client hints as the edge does', () => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36';
  const headers = { 'accept-language': 'de', 'Sec-CH-UA': '"Chromium";v="136", "Brave";v="136"' };
  expect(explain({ userAgent: chrome, headers }).event.browser).toBe('Brave');
});

test('an explanation is one line of JSON', () => {
  expect(JSON.parse(explanationText(explain({ userAgent: phone })))).toMatchObject({
    event: { event_id: '0', browser: 'Safari' },
    outcome: 'counted',
  });
});

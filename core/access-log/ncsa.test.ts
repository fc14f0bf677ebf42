import { describe, expect, test } from 'vitest';
import type { LoggedRequest } from './log-format.ts';
import { ncsaFormat } from './ncsa.ts';

const read = ncsaFormat.open();

function parsed(line: string): LoggedRequest {
  const result = read(line);
  if (result.kind !== 'request') throw new Error(JSON.stringify(result));
  return result.request;
}
function reason(line: string): string {
  const result = read(line);
  if (result.kind !== 'unusable') throw new Error(JSON.stringify(result));
  return `${result.reason}: ${result.value ?? ''}`;
}

const start = '192.0.2.7 - - [17/May/2015:10:05:03 +0000]';

describe('a line of a combined log', () => {
  test('gives address, time, method, path, query and both headers', () => {
    expect(parsed(`${start} "GET /a/b.html?x=1&y HTTP/1.1" 200 203 "https://example.com/" "Mozilla/5.0"`)).toEqual({
      address: '192.0.2.7',
      time: Date.UTC(2015, 4, 17, 10, 5, 3),
      method: 'GET',
      path: '/a/b.html',
      query: 'x=1&y',
      referrer: 'https://example.com/',
      userAgent: 'Mozilla/5.0',
    });
  });

  test('reads IPv6, a user name with a space and an offset', () => {
    const request = parsed('2001:db8::7 - ada love [17/May/2015:10:05:03 -0730] "GET / HTTP/2" 200 - "-" "x"');
    expect(request.address).toBe('2001:db8::7');
    expect(request.time).toBe(Date.UTC(2015, 4, 17, 17, 35, 3));
  });

  test('a dash is a header known to be absent; a common log does not know it', () => {
    expect(parsed(`${start} "GET / HTTP/1.1" 200 1 "-" "-"`)).toMatchObject({ referrer: null, userAgent: null });
    expect(parsed(`${start} "GET / HTTP/1.1" 200 1`)).not.toHaveProperty('userAgent');
  });

  test('undoes escapes: quotes, backslashes and bytes', () => {
    const request = parsed(String.raw`${start} "GET / HTTP/1.1" 200 1 "http://\xe4/" "say \"hi\" \\ there"`);
    expect(request.referrer).toBe('http://ä/');
    expect(request.userAgent).toBe('say "hi" \\ there');
  });

  test('keeps case and percent-encoding, and encodes other bytes', () => {
    expect(parsed(`${start} "GET /Blog/Life%20Hacks HTTP/1.1" 200 1`).path).toBe('/Blog/Life%20Hacks');
    const bytes = Buffer.from('/größe?ü=ß').toString('latin1');
    expect(parsed(`${start} "GET ${bytes} HTTP/1.1" 200 1`)).toMatchObject({
      path: '/gr%C3%B6%C3%9Fe',
      query: '%C3%BC=%C3%9F',
    });
  });

  test('a target with spaces, a fragment, a second question mark', () => {
    expect(parsed(`${start} "GET /a b?c?d#e HTTP/1.1" 200 1`)).toMatchObject({ path: '/a%20b', query: 'c?d' });
  });

  test('the absolute form of a proxy gives its path', () => {
    expect(parsed(`${start} "GET http://example.com?x=1 HTTP/1.1" 200 1`)).toMatchObject({ path: '/', query: 'x=1' });
  });

  test('ignores what follows the user agent', () => {
    expect(parsed(`${start} "GET / HTTP/1.1" 200 1 "-" "x" "203.0.113.9" 0.004`).userAgent).toBe('x');
  });

  test('reads a value of a megabyte', () => {
    const long = 'a\\"'.repeat(400_000);
    expect(parsed(`${start} "GET / HTTP/1.1" 200 1 "-" "${long}"`).userAgent).toHaveLength(800_000);
  });
});

describe('a line that cannot be sent says why', () => {
  test.each([
    ['', /does not start with an address/],
    ['hello', /does not start with an address/],
    [`crawler.example - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1`, /not an IP address: crawler.example/],
    [`192.0.2.7 - - [31/Jun/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1`, /31\/Jun\/2015/],
    [`192.0.2.7 - - [17/May/2015:25:05:03 +0000] "GET / HTTP/1.1" 200 1`, /the time cannot be read/],
    [`${start} "GET /`, /the request is not between quotes/],
    [`${start} "-" 408 -`, /the request is not .*: -/],
    [`${start} "OPTIONS * HTTP/1.1" 200 1`, /the target is not a path: \*/],
    [`${start} "CONNECT example.com:443 HTTP/1.1" 200 1`, /the method cannot be sent: CONNECT/],
    [`${start} "GET / HTTP/1.1" ok`, /no status and size/],
    [`${start} "GET / HTTP/1.1" 200 1 -`, /the referrer is not between quotes/],
    [`${start} "GET / HTTP/1.1" 200 1 "-" "Mozilla/5.0 (compatible`, /the user agent is not between quotes/],
  ])('%s', (line, expected) => {
    expect(reason(line)).toMatch(expected);
  });
});

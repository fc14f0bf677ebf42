import { describe, expect, it } from 'vitest';
import { readCrossOrigin } from './cross-origin.ts';

// What S3 documents: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
describe('readCrossOrigin', () => {
  const rules = [
    { methods: ['PUT'], origins: ['https://*.example.com'], headers: ['content-type', 'x-amz-*'] },
    { methods: ['GET'], origins: ['*'], headers: [] },
  ];

  function preflight(origin: string, method: string, headers = '') {
    const asked = { 'access-control-request-method': method, 'access-control-request-headers': headers };
    return readCrossOrigin({ method: 'OPTIONS', headers: { origin, ...asked } }, rules);
  }

  it('answers a preflight by the first rule that has origin, method and headers', () => {
    expect(preflight('https://go.example.com', 'PUT', 'Content-Type, x-amz-date')).toEqual({
      kind: 'preflight',
      status: 200,
      headers: {
        'access-control-allow-origin': 'https://go.example.com',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'content-type, x-amz-date',
        vary: 'origin, access-control-request-headers, access-control-request-method',
      },
    });
    expect(preflight('https://other.example', 'GET')).toMatchObject({
      headers: { 'access-control-allow-origin': '*' },
    });
  });

  it.each([
    ['another origin', 'https://example.com', 'PUT', ''],
    ['another method', 'https://go.example.com', 'DELETE', ''],
    ['another header', 'https://go.example.com', 'PUT', 'authorization'],
  ])('refuses %s', (_case, origin, method, headers) => {
    expect(preflight(origin, method, headers)).toEqual({ kind: 'preflight', status: 403, headers: {} });
  });

  it('adds headers to the response of a request that a rule allows, and none to others', () => {
    function send(method: string, origin?: string) {
      return readCrossOrigin({ method, headers: origin === undefined ? {} : { origin } }, rules);
    }
    expect(send('PUT', 'https://go.example.com')).toMatchObject({
      kind: 'request',
      headers: { 'access-control-allow-origin': 'https://go.example.com' },
    });
    expect(send('PUT', 'https://other.example')).toEqual({ kind: 'request', headers: {} });
    expect(send('PUT')).toBeUndefined();
  });
});

import { expect, it } from 'vitest';
import { signPost } from './sign-request.ts';

// Requests and signatures of AWS's own test suite for Signature Version 4.
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const scope = { region: 'us-east-1', service: 'service', now: Date.parse('2015-08-30T12:36:00Z') };
const url = new URL('https://example.amazonaws.com/');

it('signs post-vanilla as the suite does', () => {
  expect(signPost({ url, headers: {}, body: '' }, credentials, scope)['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      'SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  );
});

it('signs the headers and the body that it is given', () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const signed = signPost({ url, headers, body: 'Param1=value1' }, credentials, scope);
  expect(signed).toMatchObject({ ...headers, 'x-amz-date': '20150830T123600Z' });
  expect(signed['authorization']).toMatch(
    /SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a$/,
  );
});

it("sends and signs the token of a role's credentials", () => {
  const signed = signPost({ url, headers: {}, body: '' }, { ...credentials, sessionToken: 'token' }, scope);
  expect(signed['x-amz-security-token']).toBe('token');
  expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,');
});

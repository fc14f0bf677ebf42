import { expect, test } from 'vitest';
import { hmacKey } from './hmac.ts';
import { canonicalAddress, createSalt, repeatKeyOf, sessionIdOf, visitorIdOf } from './identity.ts';

const salt = createSalt(hmacKey(new Uint8Array(32).fill(1)));
const person = { address: '203.0.113.7', port: 1024, userAgent: 'A' };

test('a visitor id depends on address, user agent and the salt of the day', () => {
  const visitor = visitorIdOf(salt, person);
  expect(visitorIdOf(salt, { ...person, port: 9 })).toBe(visitor);
  expect(visitorIdOf(salt, { ...person, address: '203.0.113.8' })).not.toBe(visitor);
  expect(visitorIdOf(salt, { ...person, userAgent: 'B' })).not.toBe(visitor);
  expect(visitorIdOf(createSalt(hmacKey(new Uint8Array(32).fill(2))), person)).not.toBe(visitor);
  expect(BigInt.asIntN(64, visitor)).toBe(visitor);
});

test('no two of 12,000 people behind 20 carrier addresses, with 20 user agents and known ports, share a repeat key', () => {
  const keys = Array.from({ length: 12_000 }, (_, index) =>
    repeatKeyOf(
      salt,
      {
        address: `198.51.100.${index % 20}`,
        port: 1024 + Math.floor(index / 400),
        userAgent: `${Math.floor(index / 20) % 20}`,
      },
      'k3x9',
    ),
  );
  expect(new Set(keys).size).toBe(12_000);
});

test('a repeat key is odd if the port is known, and even if not', () => {
  for (let link = 0; link < 50; link++) {
    expect(repeatKeyOf(salt, person, `l${link}`) & 1n).toBe(1n);
    expect(repeatKeyOf(salt, { ...person, port: null }, `l${link}`) & 1n).toBe(0n);
  }
});

test('a session id depends on its page, and is even', () => {
  for (let tab = 0; tab < 20; tab++) expect(sessionIdOf('/ada', `s${tab}`) & 1n).toBe(0n);
  expect(sessionIdOf('/ada', 's')).toBe(sessionIdOf('/ada', 's'));
  expect(sessionIdOf('/ada', 's')).not.toBe(sessionIdOf('/bob', 's'));
});

test.for([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['2001:DB8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
] as const)('the address %s is %s', ([given, expected]) => {
  expect(canonicalAddress(given)).toBe(expected);
});

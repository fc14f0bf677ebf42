import { fc } from '#test/property.ts';
import { expect, test } from 'vitest';
import { datesToSalt, maySalt, saltLifetime } from './salt-rules.ts';

const hour = 3_600_000;

test('an hourly job creates the salt of every date before it begins anywhere', () => {
  const begins = Date.parse('2026-11-22T10:00:00Z'); // 2026-11-23 in UTC+14
  expect(datesToSalt(begins - hour)).toContain('2026-11-23');
  expect(datesToSalt(Date.parse('2026-11-22T11:30:00Z'))).toEqual(['2026-11-21', '2026-11-22', '2026-11-23']);
  expect(datesToSalt(Date.parse('2026-11-22T13:00:00Z'))).toEqual(['2026-11-22', '2026-11-23']);
});

test('an expired salt is never created again', () => {
  const start = Date.parse('2026-11-22T00:00:00Z');
  fc.assert(
    fc.property(fc.integer({ min: -96 * hour, max: 96 * hour }), fc.nat(10 * hour), (created, later) => {
      fc.pre(maySalt('2026-11-22', start + created));
      expect(maySalt('2026-11-22', start + created + saltLifetime + later)).toBe(false);
    }),
  );
});

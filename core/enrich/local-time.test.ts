import { fc } from '#test/property.ts';
import { expect, test } from 'vitest';
import { localTimeOf } from './local-time.ts';

function at(iso: string): number {
  return Date.parse(iso);
}

test.for([
  ['Asia/Kathmandu', '2026-11-22T18:14:59.999Z', '2026-11-22T23+05:45', '2026-11-22'],
  ['Asia/Kathmandu', '2026-11-22T18:15:00Z', '2026-11-23T00+05:45', '2026-11-23'],
  ['Asia/Kolkata', '2026-01-01T00:00:00Z', '2026-01-01T05+05:30', '2026-01-01'],
  ['Australia/Lord_Howe', '2026-04-04T14:59:59Z', '2026-04-05T01+11:00', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', '2026-04-05T01+10:30', '2026-04-05'],
  ['Pacific/Kiritimati', '2026-11-22T10:00:00Z', '2026-11-23T00+14:00', '2026-11-23'],
  ['Etc/GMT+12', '2026-11-22T11:59:00Z', '2026-11-21T23-12:00', '2026-11-21'],
  ['America/St_Johns', '2026-11-22T03:30:00Z', '2026-11-22T00-03:30', '2026-11-22'],
  ['UTC', '1970-01-01T00:00:00Z', '1970-01-01T00+00:00', '1970-01-01'],
] as const)('%s at %s', ([zone, iso, hour, date]) => {
  expect(localTimeOf(zone, at(iso))).toEqual({ hour, date });
});

test('an hour repeated by a clock change is two hours, and a skipped hour does not exist', () => {
  function hours(zone: string, from: string, count: number): string[] {
    return Array.from({ length: count }, (_, index) => localTimeOf(zone, at(from) + index * 3_600_000).hour);
  }
  expect(hours('Europe/Vienna', '2026-10-25T00:00:00Z', 3)).toEqual([
    '2026-10-25T02+02:00',
    '2026-10-25T02+01:00',
    '2026-10-25T03+01:00',
  ]);
  expect(hours('America/Los_Angeles', '2026-03-08T09:00:00Z', 2)).toEqual([
    '2026-03-08T01-08:00',
    '2026-03-08T03-07:00',
  ]);
});

test('the local hour, parsed with its offset, contains the instant', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2037-01-01T00:00:00Z') }),
      (zone, moment) => {
        const { hour } = localTimeOf(zone, moment);
        const start = at(`${hour.slice(0, 13)}:00:00${hour.slice(13)}`);
        expect(moment - start).toBeGreaterThanOrEqual(0);
        expect(moment - start).toBeLessThan(3_600_000);
      },
    ),
  );
});

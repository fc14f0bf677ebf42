import { expect, it } from 'vitest';
import { parseTime } from './parse-time.ts';

it.each([
  ['2026-11-22T07:00:00Z', '2026-11-22T07:00:00Z'],
  ['2026-11-22T07:00:00.5+01:00', '2026-11-22T07:00:00.5+01:00'],
  ['2024-01-02T03:04:05+0000', '2024-01-02T03:04:05.000Z'],
  ['2024-01-02 03:04:05.678901+02', '2024-01-02T01:04:05.678Z'],
  ['2024-01-02 03:04:05 UTC', '2024-01-02T03:04:05.000Z'],
  ['1704164645', '2024-01-02T03:04:05.000Z'],
  ['1704164645678', '2024-01-02T03:04:05.678Z'],
])('%s has its own zone', (text, expected) => {
  expect(parseTime(text, 'Asia/Kolkata')).toEqual({ kind: 'time', text: expected });
});

it.each([
  ['2024-01-02 03:04:05', 'Europe/Vienna', '2024-01-02T02:04:05.000Z'],
  ['2024/07/02 03:04', 'Europe/Vienna', '2024-07-02T01:04:00.000Z'],
  ['2024-01-02', 'America/New_York', '2024-01-02T05:00:00.000Z'],
  ['2024-01-02', 'Asia/Kathmandu', '2024-01-01T18:15:00.000Z'],
  // Skipped, and twice.
  ['2026-03-29 02:30:00', 'Europe/Vienna', '2026-03-29T01:30:00.000Z'],
  ['2026-10-25 02:30:00', 'Europe/Vienna', '2026-10-25T00:30:00.000Z'],
])('%s in %s', (text, zone, expected) => {
  expect(parseTime(text, zone)).toEqual({ kind: 'time', text: expected });
  expect(parseTime(text, undefined)).toEqual({ kind: 'no-zone' });
});

it.each([
  '',
  'yesterday',
  '02.01.2024',
  '01/02/2024',
  '2024-06-31',
  '2024-13-01',
  '2024-01-02T25:00:00Z',
  '0000-00-00 00:00:00',
  '17',
])('%s is not a time', (text) => expect(parseTime(text, 'UTC')).toEqual({ kind: 'invalid' }));

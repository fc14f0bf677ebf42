import { expect, it } from 'vitest';
import { startOfHourIn, toInstant } from './times.ts';

it.each([
  ['2026-11-22', '14:05', 'Europe/Vienna', '2026-11-22T13:05:00.000Z'],
  ['2026-07-01', '00:00', 'Europe/Vienna', '2026-06-30T22:00:00.000Z'],
  ['2026-11-22', '14:05', 'Asia/Kolkata', '2026-11-22T08:35:00.000Z'],
  ['2026-11-22', '14:05', 'America/Los_Angeles', '2026-11-22T22:05:00.000Z'],
  // The clock goes forward at 02:00, and back at 03:00.
  ['2026-03-29', '01:59', 'Europe/Vienna', '2026-03-29T00:59:00.000Z'],
  ['2026-03-29', '03:00', 'Europe/Vienna', '2026-03-29T01:00:00.000Z'],
  ['2026-10-25', '01:30', 'Europe/Vienna', '2026-10-24T23:30:00.000Z'],
  ['2026-10-25', '03:30', 'Europe/Vienna', '2026-10-25T02:30:00.000Z'],
])('%s %s in %s is %s', (date, time, zone, instant) => expect(toInstant(date, time, zone)).toBe(instant));

it.each([
  ['2026-11-22T14:05:59.999Z', 'Europe/Vienna', '2026-11-22T14:00:00.000Z'],
  ['2026-11-22T14:00:00.000Z', 'UTC', '2026-11-22T14:00:00.000Z'],
  ['2026-11-22T14:05:00.000Z', 'Asia/Kolkata', '2026-11-22T13:30:00.000Z'],
  ['2026-11-22T14:05:00.000Z', 'Asia/Kathmandu', '2026-11-22T13:15:00.000Z'],
])('the hour of %s in %s begins at %s', (instant, zone, start) =>
  expect(new Date(startOfHourIn(zone, Date.parse(instant))).toISOString()).toBe(start),
);

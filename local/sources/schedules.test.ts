import { describe, expect, it } from 'vitest';
import type { ScheduleModel } from '../template/model.ts';
import { inputAt, nextRun } from './schedules.ts';

function schedule(expression: string, timeZone = 'Etc/UTC'): ScheduleModel {
  return {
    name: 's',
    expression,
    timeZone,
    functionName: 'f',
    input: '{"time":"<aws.scheduler.scheduled-time>"}',
    enabled: true,
  };
}
const from = Date.parse('2026-11-22T07:03:20Z');

describe('schedules', () => {
  it.each([
    ['rate(15 minutes)', 'Etc/UTC', '2026-11-22T07:15:00.000Z'],
    ['rate(1 hour)', 'Etc/UTC', '2026-11-22T08:00:00.000Z'],
    ['cron(0/15 * * * ? *)', 'Etc/UTC', '2026-11-22T07:15:00.000Z'],
    ['cron(* * * * ? *)', 'Etc/UTC', '2026-11-22T07:04:00.000Z'],
    // AWS counts from Sunday as 1: the 22nd is a Sunday.
    ['cron(0 9 ? * 2 *)', 'Etc/UTC', '2026-11-23T09:00:00.000Z'],
    ['cron(0 9 ? * MON *)', 'Europe/Vienna', '2026-11-23T08:00:00.000Z'],
    ['at(2026-12-01T00:00:00)', 'America/Los_Angeles', '2026-12-01T08:00:00.000Z'],
  ])('%s in %s fires next at %s', (expression, timeZone, expected) => {
    expect(new Date(nextRun(schedule(expression, timeZone), from) ?? 0).toISOString()).toBe(expected);
  });

  it('never fires again after its moment', () => {
    expect(nextRun(schedule('at(2026-01-01T00:00:00)'), from)).toBeUndefined();
  });

  it('tells the function its own time, in whole seconds', () => {
    expect(inputAt(schedule('rate(1 hour)'), from)).toEqual({ time: '2026-11-22T07:03:20Z' });
  });

  it('names an expression that it cannot read', () => {
    expect(() => nextRun(schedule('every day'), from)).toThrow('every day');
  });
});

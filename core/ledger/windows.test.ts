import { describe, expect, it } from 'vitest';
import { planWindows, windowAt } from './windows.ts';

function at(time: string): number {
  return Date.parse(`2026-11-22T${time}Z`);
}
function names(time: string, through?: string): string[] {
  return planWindows(at(time), through === undefined ? undefined : at(through)).closed.map(({ name }) =>
    name.slice(-4),
  );
}

describe('windows of log time', () => {
  it('are quarters of an hour, named by their start', () => {
    expect(windowAt(at('07:29:59.999'))).toEqual({ name: '20261122T0715', start: at('07:15:00'), end: at('07:30:00') });
    expect(windowAt(at('07:30:00')).name).toBe('20261122T0730');
  });

  it('are counted when closed, the last but one again', () => {
    expect(names('07:30:00')).toEqual(['0700', '0715']);
    expect(names('07:44:59', '07:30:00')).toEqual(['0700', '0715']);
    expect(names('07:45:10', '07:30:00')).toEqual(['0715', '0730']);
  });

  it('are caught up after an outage, for at most seven days', () => {
    expect(names('08:30:00', '07:30:00')).toEqual(['0715', '0730', '0745', '0800', '0815']);
    expect(planWindows(at('08:30:00'), at('08:30:00') - 30 * 86_400_000).closed).toHaveLength(7 * 96);
  });

  it('are counted again for a moment of the past', () => {
    expect(names('03:00:00', '07:30:00')).toEqual(['0230', '0245']);
  });
});

import { expect, it } from 'vitest';
import { createOutages, parseOutages, UnknownOutage } from './outages.ts';

const here = new AbortController().signal;

it('lets requests pass until a service that they need is switched off, and after it is on again', async () => {
  const outages = createOutages();
  expect(outages.none()).toBe(true);
  outages.set({ rollups: 'failing', cache: 'throttled' });
  expect(outages.none()).toBe(false);
  expect(await outages.meet(['catalog'], here)).toBe('pass');
  expect(await outages.meet(['catalog', 'rollups'], here)).toBe('failing');
  expect(await outages.meet(['cache'], here)).toBe('throttled');
  outages.set({ rollups: 'working' });
  expect(outages.modes()).toEqual({ catalog: 'working', rollups: 'working', cache: 'throttled', athena: 'working' });
  expect(await outages.meet(['rollups'], here)).toBe('pass');
});

it('holds a request while its service hangs, and drops it when the service answers again or the client has gone', async () => {
  const outages = createOutages({ athena: 'hanging' });
  const gone = new AbortController();
  const held = outages.meet(['athena'], here);
  const left = outages.meet(['athena'], gone.signal);
  gone.abort();
  expect(await left).toBe('dropped');
  outages.set({ rollups: 'failing' });
  expect(await Promise.race([held, Promise.resolve('held')])).toBe('held');
  outages.set({ athena: 'working' });
  expect(await held).toBe('dropped');
});

it('reads what an option names', () => {
  expect(parseOutages('rollups, athena')).toEqual({ rollups: 'failing', athena: 'failing' });
  expect(parseOutages('cache=hanging')).toEqual({ cache: 'hanging' });
  expect(() => parseOutages('moon')).toThrow(UnknownOutage);
  expect(() => parseOutages('rollups=tired')).toThrow('rollups=tired');
});

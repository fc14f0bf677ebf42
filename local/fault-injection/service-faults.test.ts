import { expect, it } from 'vitest';
import { createServiceFaults, faultServices, parseServiceFaults, UnknownServiceFault } from './service-faults.ts';

const here = new AbortController().signal;

it('lets requests pass until a service that they need is switched off, and after it is on again', async () => {
  const serviceFaults = createServiceFaults();
  expect(serviceFaults.none()).toBe(true);
  serviceFaults.set({ rollups: 'failing', cache: 'throttled' });
  expect(serviceFaults.none()).toBe(false);
  expect(await serviceFaults.meet(['catalog'], here)).toBe('pass');
  expect(await serviceFaults.meet(['catalog', 'rollups'], here)).toBe('failing');
  expect(await serviceFaults.meet(['cache'], here)).toBe('throttled');
  serviceFaults.set({ rollups: 'working' });
  expect(serviceFaults.modes()).toEqual({
    ...Object.fromEntries(faultServices.map((service) => [service, 'working'])),
    cache: 'throttled',
  });
  expect(await serviceFaults.meet(['rollups'], here)).toBe('pass');
});

it('holds a request while its service hangs, and drops it when the service answers again or the client has gone', async () => {
  const serviceFaults = createServiceFaults({ athena: 'hanging' });
  const gone = new AbortController();
  const held = serviceFaults.meet(['athena'], here);
  const left = serviceFaults.meet(['athena'], gone.signal);
  gone.abort();
  expect(await left).toBe('dropped');
  serviceFaults.set({ rollups: 'failing' });
  expect(await Promise.race([held, Promise.resolve('held')])).toBe('held');
  serviceFaults.set({ athena: 'working' });
  expect(await held).toBe('dropped');
});

it('reads what an option names', () => {
  expect(parseServiceFaults('rollups, athena')).toEqual({ rollups: 'failing', athena: 'failing' });
  expect(parseServiceFaults('cache=hanging')).toEqual({ cache: 'hanging' });
  expect(parseServiceFaults('clicks,files,bucket=throttled,mail=hanging,sign-in')).toEqual({
    clicks: 'failing',
    files: 'failing',
    bucket: 'throttled',
    mail: 'hanging',
    'sign-in': 'failing',
  });
  expect(() => parseServiceFaults('moon')).toThrow(UnknownServiceFault);
  expect(() => parseServiceFaults('rollups=tired')).toThrow('rollups=tired');
});

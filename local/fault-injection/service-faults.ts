import { z } from 'zod';

/**
 * Services that you can make fail while the local stack runs: its three tables, its two queues, the bucket of the lake,
 * Athena, outgoing mail, and sign-in (the OIDC issuer and the user pool).
 */
export const faultServices = [
  'catalog',
  'rollups',
  'cache',
  'clicks',
  'files',
  'bucket',
  'athena',
  'mail',
  'sign-in',
] as const;
export type FaultService = (typeof faultServices)[number];

/** `failing` returns an AWS internal error, `throttled` a throttling error; `hanging` accepts requests and never responds. */
export const serviceModes = ['working', 'failing', 'throttled', 'hanging'] as const;
export type ServiceMode = (typeof serviceModes)[number];
export type ServiceModes = Readonly<Record<FaultService, ServiceMode>>;

/** Parses changes such as `{ "rollups": "failing" }`. Services that are not named keep their mode. */
export const serviceChangesSchema = z.strictObject(
  Object.fromEntries(faultServices.map((service) => [service, z.enum(serviceModes).optional()])),
) satisfies z.ZodType<ServiceChanges>;
export type ServiceChanges = { [Service in FaultService]?: ServiceMode | undefined };

/** Outcome of one request: it reaches its service, gets an error, or its connection is dropped. */
export type Fate = 'pass' | 'failing' | 'throttled' | 'dropped';

export interface ServiceFaults {
  modes: () => ServiceModes;
  set: (changes: ServiceChanges) => void;
  /** Calls `changed` with the modes now, and after each change. */
  follow: (changed: (modes: ServiceModes) => void) => void;
  /** Returns whether every service works. */
  none: () => boolean;
  /** Returns the outcome of a request. Waits while one of its services hangs, or until `gone` aborts; then the request is dropped. */
  meet: (services: readonly FaultService[], gone: AbortSignal) => Promise<Fate>;
}

export class UnknownServiceFault extends Error {
  override readonly name = 'UnknownServiceFault';
}

export function createServiceFaults(initial: ServiceChanges = {}): ServiceFaults {
  let modes = allWorking;
  let waiting: (() => void)[] = [];
  const followers: ((modes: ServiceModes) => void)[] = [];

  function changed(gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      gone.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  function set(changes: ServiceChanges): void {
    const given = Object.entries(changes).filter(([, mode]) => mode !== undefined);
    modes = { ...modes, ...Object.fromEntries(given) };
    const wake = waiting;
    waiting = [];
    for (const resolve of wake) resolve();
    for (const changed of followers) changed(modes);
  }
  set(initial);

  return {
    modes: () => modes,
    set,
    follow: (changed) => {
      followers.push(changed);
      changed(modes);
    },
    none: () => Object.values(modes).every((mode) => mode === 'working'),
    meet: async (services, gone) => {
      function hangs(): boolean {
        return services.some((service) => modes[service] === 'hanging');
      }
      const held = hangs();
      while (hangs() && !gone.aborted) await changed(gone);
      if (held || gone.aborted) return 'dropped';
      const broken = services.map((service) => modes[service]);
      return broken.find((mode) => mode === 'failing' || mode === 'throttled') ?? 'pass';
    },
  };
}

const allWorking: ServiceModes = {
  catalog: 'working',
  rollups: 'working',
  cache: 'working',
  clicks: 'working',
  files: 'working',
  bucket: 'working',
  athena: 'working',
  mail: 'working',
  'sign-in': 'working',
};

/** Parses `rollups,athena` (both failing) or `rollups=hanging`. @throws {UnknownServiceFault} listing the services and modes */
export function parseServiceFaults(text: string): ServiceChanges {
  const pairs = text.split(',').map((part) => {
    const [service = '', mode = 'failing'] = part.trim().split('=');
    return [service, mode] as const;
  });
  const parsed = serviceChangesSchema.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  throw new UnknownServiceFault(
    `--fail "${text}" has an unknown service or mode. Services: ${faultServices.join(', ')}. Modes: ${serviceModes.join(', ')}. Example: --fail rollups=hanging,athena`,
  );
}

import { z } from 'zod';

/** What can be made to fail while the local stack runs: its three tables, and Athena. */
export const outageServices = ['catalog', 'rollups', 'cache', 'athena'] as const;
export type OutageService = (typeof outageServices)[number];

/**
 * `failing` answers as AWS does when the fault is its own, `throttled` as when it is asked too much; `hanging` takes the
 * request and never answers.
 */
export const outageModes = ['working', 'failing', 'throttled', 'hanging'] as const;
export type OutageMode = (typeof outageModes)[number];
export type OutageModes = Readonly<Record<OutageService, OutageMode>>;

/** `{ "rollups": "failing" }`; what is not named stays as it is. */
export const outageChangesSchema = z.strictObject(
  Object.fromEntries(outageServices.map((service) => [service, z.enum(outageModes).optional()])),
) satisfies z.ZodType<OutageChanges>;
export type OutageChanges = { [Service in OutageService]?: OutageMode | undefined };

/** What becomes of one request: it reaches its service, is answered with an error, or loses its connection. */
export type Fate = 'pass' | 'failing' | 'throttled' | 'dropped';

export interface Outages {
  modes: () => OutageModes;
  set: (changes: OutageChanges) => void;
  /** Whether every service works. */
  none: () => boolean;
  /** Waits while one of the services hangs, and until `gone`; such a request is dropped then. */
  meet: (services: readonly OutageService[], gone: AbortSignal) => Promise<Fate>;
}

export class UnknownOutage extends Error {
  override readonly name = 'UnknownOutage';
}

export function createOutages(initial: OutageChanges = {}): Outages {
  let modes = allWorking;
  let waiting: (() => void)[] = [];

  function changed(gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      gone.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  function set(changes: OutageChanges): void {
    const given = Object.entries(changes).filter(([, mode]) => mode !== undefined);
    modes = { ...modes, ...Object.fromEntries(given) };
    const wake = waiting;
    waiting = [];
    for (const resolve of wake) resolve();
  }
  set(initial);

  return {
    modes: () => modes,
    set,
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

const allWorking: OutageModes = { catalog: 'working', rollups: 'working', cache: 'working', athena: 'working' };

/** `rollups,athena` fail; `rollups=hanging` says how. @throws {UnknownOutage} with what is known */
export function parseOutages(text: string): OutageChanges {
  const pairs = text.split(',').map((part) => {
    const [service = '', mode = 'failing'] = part.trim().split('=');
    return [service, mode] as const;
  });
  const parsed = outageChangesSchema.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  throw new UnknownOutage(
    `"${text}" is no outage; some of ${outageServices.join(', ')}, each with one of ${outageModes.join(', ')}: rollups=hanging,athena`,
  );
}

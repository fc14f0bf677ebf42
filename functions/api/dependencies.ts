import type { RollupReader } from '#stores/rollups.ts';
import type { AccessCatalog } from './access.ts';
import type { Identify } from './identity.ts';

export interface ApiDependencies {
  catalog: AccessCatalog;
  rollups: RollupReader;
  identify: Identify;
  now: () => number;
  log: { error: (message: string, details: Record<string, unknown>) => void };
}

/** What every route finds in its context: the token's subject. */
export interface ApiEnvironment {
  Variables: { subject: string };
}

import type { AgencyDashboard } from '#schemas/api/agencies.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import type { ApiKeys } from '#stores/catalog/api-keys.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { ResponseCache } from '#stores/cache/response-cache.ts';
import type { Idempotency } from '#stores/cache/idempotency.ts';
import type { Invitations } from '#stores/catalog/invitations.ts';
import type { LakeJobs } from '#stores/catalog/lake-jobs.ts';
import type { LakeStats } from '#stores/lake/lake-stats.ts';
import type { SettleState } from '#stores/settle/settle-state.ts';
import type { Shares } from '#stores/catalog/shares.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { UserPool } from '#stores/aws/cognito-user-pool.ts';
import type { Identify } from './identity.ts';
import type { JobRunner } from './jobs/job-runner.ts';
import type { Detection } from './detection/detection.ts';
import type { Comparison } from './detection/read-backtest.ts';
import type { Principal } from './principal.ts';

export interface ApiDeps {
  catalog: CatalogAdmin;
  invitations: Invitations;
  keys: ApiKeys;
  shares: Shares;
  jobs: LakeJobs;
  rules: Pick<SettleState, 'rules' | 'putRule'>;
  /** Counters. */
  stats: StatsStore;
  /** Settled events. */
  lake: LakeStats;
  /** What the alert jobs have stored. */
  detection: Detection;
  /** Starts the functions that write exports and erase, and reads what they left. */
  runner: JobRunner;
  dashboards: ResponseCache<DashboardResponse>;
  agencies: ResponseCache<AgencyDashboard>;
  backtests: ResponseCache<Comparison>;
  idempotency: Idempotency;
  /** Counts a request of a sender. @returns false beyond the limit */
  rate: (sender: string) => Promise<boolean>;
  /** Accounts in the stack's own user pool. */
  accounts: UserPool;
  /** Tells an address that it is invited. @returns false where the stack sends no mails */
  invite: (email: string) => Promise<boolean>;
  identify: Identify;
  /** Host that visitors use (`go.example`): no link may lead back to itself. */
  ownHost: string;
  now: () => number;
  random: (bytes: number) => Uint8Array;
  log: { error: (message: string, details: Record<string, unknown>) => void };
}

/** What every route finds in its context. */
export interface ApiEnvironment {
  Variables: { principal: Principal };
}

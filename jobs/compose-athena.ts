import { AthenaClient } from '@aws-sdk/client-athena';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LakeQueryEnvironment } from './environments.ts';
import { type Athena, createAthena } from '#stores/lake/athena.ts';
import { createQueryCosts } from '#stores/lake/query-costs.ts';

export interface ComposeAthenaOptions {
  env: LakeQueryEnvironment;
  dynamodb: DynamoDBClient;
  /** @default - a client of this region */
  client?: AthenaClient;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  logger: {
    info: (message: string, details: Record<string, unknown>) => void;
    warn: (message: string, details: Record<string, unknown>) => void;
  };
  writeMetrics: (line: string) => void;
}

/** Builds the jobs' access to Athena, which adds up what the queries cost and warns above the budget. */
export function composeAthena(options: ComposeAthenaOptions): Athena {
  const { env, dynamodb, client = new AthenaClient({}), now, sleep, logger, writeMetrics } = options;
  const budget = { bytes: env.QUERY_ALERT_MEGABYTES * 1e6, dollarsADay: env.DAILY_QUERY_CENTS / 100 };
  return createAthena({
    client,
    database: env.GLUE_DATABASE,
    workGroup: env.JOBS_WORK_GROUP,
    now,
    sleep,
    onReport: createQueryCosts({ client: dynamodb, table: env.CATALOG_TABLE, budget, now, logger, writeMetrics }),
  });
}

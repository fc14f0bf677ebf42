import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { composeAthena, type ComposeAthenaOptions } from '#jobs/compose-athena.ts';
import { listOwnHosts } from '#schemas/settings/link-domains.ts';
import { startFunction } from '#stores/aws/start-function.ts';
import { createImportSalts } from '#stores/cache/import-salts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createHistoryImports } from '#stores/catalog/history-imports.ts';
import { createImportedCounts } from '#stores/counters/imported-counts.ts';
import { readMonths } from '#stores/counters/settled-days.ts';
import { createImportFiles } from '#stores/lake/import-files.ts';
import { createSettledFiles } from '#stores/lake/settled-files.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import type { ImportEnvironment } from '../environments.ts';
import type { ImportDeps } from './deps.ts';
import { createPageReader } from './read-page.ts';

export interface ComposeImportOptions extends Pick<ComposeAthenaOptions, 'now' | 'sleep' | 'logger' | 'writeMetrics'> {
  env: ImportEnvironment;
  /** Of this function, which starts itself again. */
  functionName: string;
  random: (bytes: number) => Uint8Array;
}

export function importClients() {
  return {
    dynamodb: new DynamoDBClient({}),
    s3: new S3Client({ forcePathStyle: true }),
    lambda: new LambdaClient({}),
    athena: new AthenaClient({}),
  };
}

/** Builds the dependencies of an import for one stack. */
export function composeImport(
  { env, functionName, random, ...tools }: ComposeImportOptions,
  clients: ReturnType<typeof importClients> = importClients(),
): ImportDeps {
  const { now } = tools;
  const { dynamodb, s3, lambda } = clients;
  const catalog = { client: dynamodb, table: env.CATALOG_TABLE, now };
  const rollups = { client: dynamodb, table: env.ROLLUPS_TABLE };
  const settle = createSettleState(catalog);
  return {
    jobs: createHistoryImports(catalog),
    files: createImportFiles({ client: s3, bucket: env.LAKE_BUCKET }),
    salts: createImportSalts({ client: dynamodb, table: env.CACHE_TABLE, now, random }),
    settle,
    readPage: createPageReader({
      catalog: createCatalogAdmin(catalog),
      athena: composeAthena({ env, dynamodb, client: clients.athena, ...tools }),
      settle,
      files: createSettledFiles({ client: s3, bucket: env.LAKE_BUCKET }),
      ownHosts: listOwnHosts({ publicUrl: env.PUBLIC_URL, domains: env.LINK_DOMAINS }),
      ignoreCase: env.IGNORE_CASE,
      now,
    }),
    counts: createImportedCounts(rollups),
    countedDays: async (entity, first, last) =>
      (await readMonths(rollups, [entity], first, last)).get(entity) ?? new Map(),
    continueLater: (id) => startFunction(lambda, functionName, { id }),
    ignoreCase: env.IGNORE_CASE,
    firstDate: env.LAKE_FROM,
    now,
  };
}

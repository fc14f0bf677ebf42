import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { listOwnHosts } from '#schemas/settings/link-domains.ts';
import { createOriginSecret } from '#stores/aws/secrets-manager-origin-secret.ts';
import { startFunction } from '#stores/aws/start-function.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createHistoryImports } from '#stores/catalog/history-imports.ts';
import { createPulls } from '#stores/catalog/pulls.ts';
import { createImportFiles } from '#stores/lake/import-files.ts';
import { allowBesides } from '#stores/web/public-request.ts';
import { createToolApi } from '#stores/web/tool-api.ts';
import type { PullEnvironment } from '../environments.ts';
import type { PullDeps } from './deps.ts';

export interface ComposePullOptions {
  env: PullEnvironment;
  /** Of this function, which starts itself again. */
  functionName: string;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  random: (bytes: number) => Uint8Array;
}

/** Builds the dependencies of a pull for one stack. */
export function composePull({ env, functionName, now, sleep, random }: ComposePullOptions): PullDeps {
  const catalog = { client: new DynamoDBClient({}), table: env.CATALOG_TABLE, now };
  const lambda = new LambdaClient({});
  return {
    pulls: createPulls(catalog),
    catalog: createCatalogAdmin(catalog),
    files: createImportFiles({ client: new S3Client({ forcePathStyle: true }), bucket: env.LAKE_BUCKET }),
    ask: createToolApi({ isAllowed: allowBesides(env.PRIVATE_DESTINATIONS) }),
    secret: createOriginSecret({ client: new SecretsManagerClient({}), arn: env.MAIL_SECRET_ARN, now }),
    imports: createHistoryImports(catalog),
    startImport: (id) => startFunction(lambda, env.IMPORT_FUNCTION, { id }),
    continueLater: (id) => startFunction(lambda, functionName, { id }),
    mainDomain: new URL(env.PUBLIC_URL).hostname,
    domains: env.LINK_DOMAINS,
    ownHosts: listOwnHosts({ publicUrl: env.PUBLIC_URL, domains: env.LINK_DOMAINS }),
    ignoreCase: env.IGNORE_CASE,
    sleep,
    now,
    random,
  };
}

import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { AthenaClient } from '@aws-sdk/client-athena';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ApiDeps } from '#functions/api/deps.ts';
import type { Identify } from '#functions/api/identity.ts';
import { type AwsClients, composeApi } from '#functions/api/compose.ts';
import type { LinkDomain } from '#schemas/settings/link-domains.ts';
import type { TestDynamoDb } from '#test/dynamodb.ts';

export interface TestApiOptions {
  db: TestDynamoDb;
  now: () => number;
  identify: Identify;
  /** Replaces the clients that never respond. */
  clients?: Partial<AwsClients>;
  /** A user pool; absent with your own issuer. */
  pool?: { id: string; endpoint: string };
  /** Tables, if other than the database's. */
  client?: DynamoDBClient;
  /** Private addresses that channels may reach. */
  privateDestinations?: string;
  /** @default - none besides the stack's own */
  linkDomains?: LinkDomain[];
}

/** Responds with one secret to whoever asks. */
function createSecrets(): SecretsManagerClient {
  const body = JSON.stringify({ SecretString: 'a secret of the test' });
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return new SecretsManagerClient({
    ...nowhere,
    requestHandler: {
      handle: async () => ({ response: { statusCode: 200, headers, body: Readable.from([Buffer.from(body)]) } }),
    },
  });
}

const nowhere = {
  endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
};

/** Composes the API like production, over a test database. Services that are not given never respond. */
export function apiDependencies(options: TestApiOptions): ApiDeps {
  const { db, now, identify, clients = {}, pool, client, privateDestinations = 'none', linkDomains = [] } = options;
  return composeApi(
    {
      env: {
        CATALOG_TABLE: db.tables.catalog,
        ROLLUPS_TABLE: db.tables.rollups,
        CACHE_TABLE: db.tables.cache,
        ORIGIN_SECRET_ARN: 'none',
        LAKE_BUCKET: 'lake',
        SITE_BUCKET: 'site',
        GLUE_DATABASE: 'hopcount',
        INTERACTIVE_WORK_GROUP: 'interactive',
        QUERY_ALERT_MEGABYTES: 1000,
        DAILY_QUERY_CENTS: 1000,
        EXPORT_FUNCTION: 'export',
        IMPORT_FUNCTION: 'import',
        PULL_FUNCTION: 'pull',
        ERASE_FUNCTION: 'erase',
        ALERTS_FUNCTION: 'alerts',
        MAIL_SECRET_ARN: 'arn:mail-secret',
        PRIVATE_DESTINATIONS: privateDestinations,
        PUBLIC_URL: 'https://go.example',
        LINK_DOMAINS: linkDomains,
        FRESHNESS_SECONDS: 20,
        IGNORE_CASE: false,
        SENDER: 'none',
        CONFIGURATION_SET: 'none',
        USER_POOL: pool?.id ?? 'none',
        OIDC_ISSUER: 'unused',
        OIDC_AUDIENCE: 'unused',
      },
      identify,
      now,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      random: randomBytes,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      writeMetrics: () => undefined,
    },
    {
      accounts: new CognitoIdentityProviderClient({ ...nowhere, ...(pool && { endpoint: pool.endpoint }) }),
      dynamodb: client ?? db.client,
      athena: clients.athena ?? new AthenaClient(nowhere),
      lambda: clients.lambda ?? new LambdaClient(nowhere),
      s3: clients.s3 ?? new S3Client({ ...nowhere, forcePathStyle: true }),
      secrets: clients.secrets ?? createSecrets(),
      ses: clients.ses ?? new SESv2Client(nowhere),
    },
  );
}

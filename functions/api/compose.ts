import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { agencyDashboardSchema } from '#schemas/api/agencies.ts';
import { dashboardSchema } from '#schemas/api/dashboard.ts';
import { funnelCountsSchema, funnelSchema } from '#schemas/api/insights/funnels.ts';
import { retentionCountsSchema } from '#schemas/api/insights/retention.ts';
import { annotationSchema, segmentSchema } from '#schemas/api/saved.ts';
import { metricSchema } from '#schemas/insights/metrics.ts';
import { channelSchema } from '#schemas/channels.ts';
import type { Environment } from '#schemas/environment.ts';
import { createAgencyBrands } from '#stores/catalog/agency-brands.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createApiKeys } from '#stores/catalog/api-keys.ts';
import { createAthena } from '#stores/lake/athena.ts';
import { createMetricAlerts } from '#stores/alerts/metric-alerts.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createCampaigns } from '#stores/catalog/campaigns.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createRecentEvents } from '#stores/cache/recent-events.ts';
import { createResponseCache } from '#stores/cache/response-cache.ts';
import { createHistoryImports } from '#stores/catalog/history-imports.ts';
import { createIdempotency } from '#stores/cache/idempotency.ts';
import { createInvitationMail } from '#stores/aws/ses-invitation-mail.ts';
import { createInvitations } from '#stores/catalog/invitations.ts';
import { createLake } from '#stores/lake/lake.ts';
import { createLakeJobs } from '#stores/catalog/lake-jobs.ts';
import { createLakeStats } from '#stores/lake/lake-stats.ts';
import { createOriginSecret } from '#stores/aws/secrets-manager-origin-secret.ts';
import { createDashboardHtml } from '#stores/aws/s3-dashboard-html.ts';
import { createPulls } from '#stores/catalog/pulls.ts';
import { createQueryCosts } from '#stores/lake/query-costs.ts';
import { dayLength, hourLength } from '#core/time.ts';
import { z } from 'zod';
import { createChannelSender } from '#stores/web/channel-sender.ts';
import { allowBesides } from '#stores/web/public-request.ts';
import { createWebPages } from '#stores/web/web-pages.ts';
import { ownerLimits } from './limits.ts';
import { createRateLimit } from '#stores/cache/rate-limit.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import { createSettledFiles } from '#stores/lake/settled-files.ts';
import { createSavedRecords } from '#stores/catalog/saved-records.ts';
import { createShares } from '#stores/catalog/shares.ts';
import { createStatsStore } from '#stores/counters/stats.ts';
import { createUserPool } from '#stores/aws/cognito-user-pool.ts';
import { createViewerAthena } from '#stores/lake/interactive-athena.ts';
import { createViewerTables } from '#stores/dynamodb/interactive-client.ts';
import { campaignSumsSchema } from './campaigns/campaign-metric.ts';
import { campaignPartsSchema, settledCampaignSchema } from './campaigns/campaign-parts.ts';
import type { ApiDeps } from './deps.ts';
import type { environment } from './env.ts';
import type { Identify } from './identity.ts';
import { createHistoryUploads } from './jobs/history-uploads.ts';
import { createJobRunner } from './jobs/lambda-runner.ts';
import { createDetection } from './detection/detection.ts';
import { comparisonSchema } from './detection/read-backtest.ts';

export interface ComposeOptions {
  env: Environment<typeof environment>;
  identify: Identify;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  random: (bytes: number) => Uint8Array;
  logger: Record<'info' | 'warn' | 'error', (message: string, details: Record<string, unknown>) => void>;
  writeMetrics: (line: string) => void;
}

export type AwsClients = ReturnType<typeof createAwsClients>;

/** Requests a minute of one token, key or share. An open dashboard sends about 20. */
const requestsAMinute = 600;

/** Builds the dependencies of the API for one stack. */
export function composeApi(options: ComposeOptions, clients: AwsClients = createAwsClients(options.now)): ApiDeps {
  const { env, now, identify, random, logger } = options;
  const catalog = { client: clients.dynamodb, table: env.CATALOG_TABLE };
  const secret = createOriginSecret({ client: clients.secrets, arn: env.MAIL_SECRET_ARN, now });
  const cache = { client: clients.dynamodb, table: env.CACHE_TABLE, now };
  const runner = composeJobRunner(options, clients);
  return {
    catalog: createCatalogAdmin(catalog),
    invitations: createInvitations(catalog),
    keys: createApiKeys(catalog),
    shares: createShares(catalog),
    brands: createAgencyBrands(catalog),
    annotations: createSavedRecords({ ...catalog, kind: 'annotation', schema: annotationSchema }),
    segments: createSavedRecords({ ...catalog, kind: 'segment', schema: segmentSchema }),
    metrics: createSavedRecords({ ...catalog, kind: 'metric', schema: metricSchema }),
    metricAlerts: createMetricAlerts({ ...catalog, now }),
    metricRate: createRateLimit({ ...cache, limit: ownerLimits.metricReadsAnHour, window: hourLength, step: 1 }),
    funnels: createSavedRecords({ ...catalog, kind: 'funnel', schema: funnelSchema }),
    channels: createSavedRecords({ ...catalog, kind: 'channel', schema: channelSchema }),
    campaigns: createCampaigns(catalog),
    sendToChannel: createChannelSender({ secret, now, isAllowed: allowBesides(env.PRIVATE_DESTINATIONS) }),
    channelTestRate: createRateLimit({ ...cache, limit: ownerLimits.channelTestsAMinute, step: 1 }),
    jobs: createLakeJobs({ ...catalog, now }),
    imports: createHistoryImports({ ...catalog, now }),
    pulls: createPulls({ ...catalog, now }),
    uploads: createHistoryUploads({ client: clients.s3, bucket: env.LAKE_BUCKET, now }),
    rules: createSettleState({ ...catalog, now }),
    stats: createStatsStore({
      client: clients.dynamodb,
      table: env.ROLLUPS_TABLE,
      freshnessSeconds: env.FRESHNESS_SECONDS,
      now,
    }),
    lake: composeLake(options, clients),
    detection: createDetection(createAlerts({ ...catalog, now })),
    runner,
    dashboards: createResponseCache({ ...cache, name: 'dashboard', schema: dashboardSchema }),
    agencies: createResponseCache({ ...cache, name: 'agency', schema: agencyDashboardSchema }),
    backtests: createResponseCache({ ...cache, name: 'backtest', schema: comparisonSchema }),
    retentions: createResponseCache({
      ...cache,
      name: 'retention',
      schema: retentionCountsSchema,
      sharedFor: dayLength,
    }),
    campaignParts: createResponseCache({
      ...cache,
      name: 'campaign',
      schema: campaignPartsSchema,
      sharedFor: 60_000,
      lease: 10_000,
      limit: 100,
    }),
    settledCampaigns: createResponseCache({
      ...cache,
      name: 'settled-campaign',
      schema: settledCampaignSchema,
      sharedFor: dayLength,
      limit: 100,
    }),
    campaignSums: createResponseCache({
      ...cache,
      name: 'campaign-metric',
      schema: campaignSumsSchema,
      sharedFor: dayLength,
      limit: 100,
    }),
    funnelCounts: createResponseCache({ ...cache, name: 'funnel', schema: funnelCountsSchema, sharedFor: dayLength }),
    idempotency: createIdempotency(cache),
    recentEvents: createRecentEvents({ ...cache, process: 'api' }),
    rate: createRateLimit({ ...cache, limit: requestsAMinute }),
    exportRate: createRateLimit({ ...cache, limit: ownerLimits.exportsAnHour, window: hourLength, step: 1 }),
    importRate: createRateLimit({ ...cache, limit: ownerLimits.importsAnHour, window: hourLength, step: 1 }),
    unlockRate: createRateLimit({ ...cache, limit: ownerLimits.unlocksAMinute, step: 1 }),
    attemptRate: createRateLimit({ ...cache, limit: ownerLimits.unlocksOfAddressAMinute, step: 1 }),
    dashboardHtml: createDashboardHtml({ client: clients.s3, bucket: env.SITE_BUCKET, now }),
    web: createWebPages(),
    webRate: createRateLimit({ ...cache, limit: ownerLimits.pagesReadAMinute, step: 5 }),
    icons: createResponseCache({ ...cache, name: 'icon', schema: z.string().nullable(), sharedFor: dayLength }),
    accounts: createUserPool({ pool: env.USER_POOL, client: clients.accounts }),
    invite: createInvitationMail({
      client: clients.ses,
      sender: env.SENDER,
      configurationSet: env.CONFIGURATION_SET,
      url: env.PUBLIC_URL,
    }),
    recipients: {
      confirmations: createConfirmations({ ...catalog, now }),
      secret,
      maySend: env.SENDER !== 'none',
      send: runner.sendMails,
    },
    identify,
    addresses: { publicUrl: env.PUBLIC_URL, domains: env.LINK_DOMAINS },
    ignoreCase: env.IGNORE_CASE,
    now,
    random,
    log: logger,
  };
}

const cognitoTimeoutMs = 5_000;

export function createAwsClients(now: () => number) {
  return {
    accounts: new CognitoIdentityProviderClient({
      maxAttempts: 2,
      // By default, the SDK only logs a warning.
      requestHandler: { requestTimeout: cognitoTimeoutMs, throwOnRequestTimeout: true },
    }),
    athena: createViewerAthena({ now }),
    dynamodb: createViewerTables({ now }),
    lambda: new LambdaClient(),
    s3: new S3Client({ forcePathStyle: true }),
    secrets: new SecretsManagerClient({
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 500, requestTimeout: 1_200, throwOnRequestTimeout: true },
    }),
    ses: new SESv2Client(),
  };
}

function composeLake({ env, now, sleep, logger, writeMetrics }: ComposeOptions, { athena, dynamodb }: AwsClients) {
  return createLakeStats(
    createAthena({
      client: athena,
      database: env.GLUE_DATABASE,
      workGroup: env.INTERACTIVE_WORK_GROUP,
      now,
      sleep,
      onReport: createQueryCosts({
        client: dynamodb,
        table: env.CATALOG_TABLE,
        budget: { bytes: env.QUERY_ALERT_MEGABYTES * 1e6, dollarsADay: env.DAILY_QUERY_CENTS / 100 },
        now,
        logger,
        writeMetrics,
      }),
    }),
  );
}

function composeJobRunner({ env, now }: ComposeOptions, { lambda, s3 }: AwsClients) {
  return createJobRunner({
    lambda,
    functions: {
      export: env.EXPORT_FUNCTION,
      import: env.IMPORT_FUNCTION,
      pull: env.PULL_FUNCTION,
      erase: env.ERASE_FUNCTION,
      alerts: env.ALERTS_FUNCTION,
    },
    s3,
    bucket: env.LAKE_BUCKET,
    lake: createLake({ client: s3, bucket: env.LAKE_BUCKET }),
    files: createSettledFiles({ client: s3, bucket: env.LAKE_BUCKET }),
    now,
  });
}

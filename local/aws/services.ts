import path from 'node:path';
import { createAthena, type LocalAthena } from '../athena/athena.ts';
import type { Closers } from '../closers.ts';
import type { Foundation } from '../foundation.ts';
import type { Endpoints } from '../functions/environment.ts';
import type { Invocation } from '../functions/pool.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { Outages } from '../outages.ts';
import type { Provisioned } from '../provision.ts';
import { startAwsEndpoint } from './endpoint.ts';
import { createLogsService, createSecretsService } from './json-services.ts';
import type { Outbox } from './outbox.ts';
import { startTablesGate } from './tables-gate.ts';

export interface ServicesOptions {
  dataDirectory: string;
  logs: LogFiles;
  outbox: Outbox;
  invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  outages: Outages;
  now: () => number;
  closers: Closers;
}

/** Starts the services that are ours, and says where every service answers. */
export async function startServices(
  foundation: Foundation,
  provisioned: Provisioned,
  options: ServicesOptions,
): Promise<Endpoints> {
  const { backends, secrets } = foundation;
  const athena = await openAthena(foundation, provisioned, options);
  options.closers.add(athena.close);
  const { url, stop } = await startAwsEndpoint({
    services: {
      AmazonAthena: athena.AmazonAthena,
      AWSGlue: athena.AWSGlue,
      Logs_20140328: createLogsService(options.logs, options.now),
      secretsmanager: createSecretsService(secrets),
      AWSCognitoIdentityProviderService: foundation.accounts.service,
    },
    invoke: options.invoke,
    outbox: options.outbox,
    outages: options.outages,
    now: options.now,
  });
  options.closers.add(stop);
  const dynamodb = await openTables(foundation, options);
  const ours = { logs: url, lambda: url, athena: url, glue: url, secretsManager: url, ses: url, userPools: url };
  return { dynamodb, sqs: backends.queuesUrl, s3: backends.queuesUrl, ...ours };
}

function openAthena({ model }: Foundation, { s3 }: Provisioned, options: ServicesOptions): Promise<LocalAthena> {
  return createAthena({
    s3,
    dataDirectory: path.join(options.dataDirectory, 'aws'),
    database: model.databases[0]?.name ?? 'default',
    tables: model.glueTables.map(({ input }) => input),
    workGroups: Object.fromEntries(model.workGroups.map(({ name, configuration }) => [name, cutOffOf(configuration)])),
    now: options.now,
  });
}

function cutOffOf(configuration: Readonly<Record<string, unknown>>): { BytesScannedCutoffPerQuery?: number } {
  const bytes = Number(configuration['BytesScannedCutoffPerQuery']);
  return Number.isFinite(bytes) ? { BytesScannedCutoffPerQuery: bytes } : {};
}

async function openTables({ outputs, backends }: Foundation, { outages, closers }: ServicesOptions): Promise<string> {
  const { url, stop } = await startTablesGate({
    tablesUrl: backends.tablesUrl,
    services: {
      [outputs.CatalogTable]: 'catalog',
      [outputs.RollupsTable]: 'rollups',
      [outputs.CacheTable]: 'cache',
    },
    outages,
  });
  closers.add(stop);
  return url;
}

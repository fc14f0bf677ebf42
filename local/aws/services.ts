import path from 'node:path';
import { z } from 'zod';
import { createAthena, type LocalAthena } from '../athena/athena.ts';
import type { Bootstrapped } from '../bootstrap.ts';
import type { Endpoints } from '../functions/environment.ts';
import type { Functions } from '../functions/functions.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { ServiceFaults } from '../fault-injection/service-faults.ts';
import type { Provisioned } from '../provision.ts';
import { startAwsEndpoint } from './endpoint.ts';
import { createLogsService, createSecretsService } from './json-services.ts';
import type { Outbox } from './outbox.ts';
import { startTablesGate } from './tables-gate.ts';

export interface ServicesOptions {
  dataDirectory: string;
  logs: LogFiles;
  outbox: Outbox;
  functions: () => Functions;
  serviceFaults: ServiceFaults;
  now: () => number;
  cleanup: AsyncDisposableStack;
}

/** Starts the services that we implement, and returns the endpoints of all services. */
export async function startServices(
  base: Bootstrapped,
  provisioned: Provisioned,
  options: ServicesOptions,
): Promise<Endpoints> {
  const { secrets } = base;
  const athena = await openAthena(base, provisioned, options);
  options.cleanup.defer(athena.close);
  const { url, stop } = await startAwsEndpoint({
    services: {
      AmazonAthena: athena.AmazonAthena,
      AWSGlue: athena.AWSGlue,
      Logs_20140328: createLogsService(options.logs, options.now),
      secretsmanager: createSecretsService(secrets),
      AWSCognitoIdentityProviderService: base.accounts.service,
    },
    functions: options.functions,
    outbox: options.outbox,
    serviceFaults: options.serviceFaults,
    access: base.access,
    senders: base.model.senders,
    workGroupOf: athena.workGroupOf,
    now: options.now,
  });
  options.cleanup.defer(stop);
  const dynamodb = await openTables(base, options);
  const ours = { logs: url, lambda: url, athena: url, glue: url, secretsManager: url, ses: url, userPools: url };
  return { dynamodb, sqs: base.backends.gateUrl, s3: base.backends.gateUrl, ...ours };
}

function openAthena({ model }: Bootstrapped, { s3 }: Provisioned, options: ServicesOptions): Promise<LocalAthena> {
  return createAthena({
    s3,
    dataDirectory: path.join(options.dataDirectory, 'aws'),
    database: model.databases[0]?.name ?? 'default',
    tables: model.glueTables.map(({ input }) => input),
    workGroups: Object.fromEntries(
      model.workGroups.map(({ name, configuration }) => [name, workGroupSchema.parse(configuration)]),
    ),
    now: options.now,
  });
}

const workGroupSchema = z.looseObject({
  BytesScannedCutoffPerQuery: z.number().optional(),
  ResultConfiguration: z.looseObject({ OutputLocation: z.string().optional() }).optional(),
});

async function openTables(
  { model, outputs, backends, access }: Bootstrapped,
  { serviceFaults, cleanup }: ServicesOptions,
): Promise<string> {
  const { url, stop } = await startTablesGate({
    tablesUrl: backends.tablesUrl,
    services: {
      [outputs.CatalogTable]: 'catalog',
      [outputs.RollupsTable]: 'rollups',
      [outputs.CacheTable]: 'cache',
    },
    serviceFaults,
    access,
    tables: model.tables,
  });
  cleanup.defer(stop);
  return url;
}

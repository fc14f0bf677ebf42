import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { parseEnvironment } from '#schemas/environment.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createPageTraces } from '#stores/catalog/page-traces.ts';
import { awsClients, composeSettle } from '#jobs/settle/compose.ts';
import { createEraseHandler } from './erase.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'erase' });

const clients = awsClients();
const catalog = createCatalogAdmin({ client: clients.dynamodb, table: env.CATALOG_TABLE });

export const handler = createEraseHandler({
  ...composeSettle({ env, now: Date.now, sleep, random: randomBytes, logger, writeMetrics: writeLine }, clients),
  traces: createPageTraces({ client: clients.dynamodb, table: env.CATALOG_TABLE }),
  linksOfPage: catalog.listLinkIds,
  markerDays: env.MARKER_DAYS,
});

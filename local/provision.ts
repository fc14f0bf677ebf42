import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CatalogAdmin, createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { StackOutputs } from '#schemas/stack-outputs.ts';
import type { Bootstrapped } from './bootstrap.ts';
import type { FaultService } from './fault-injection/service-faults.ts';
import type { DeploymentModel, TableModel } from './template/model.ts';
import { localRegion } from './template/names.ts';

/** Clients for the provisioned resources. */
export interface Provisioned {
  s3: S3Client;
  catalog: CatalogAdmin;
}

export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Creates missing tables, queues and buckets, and uploads the files of the deployments. */
export async function provision(
  { model, outputs, backends }: Bootstrapped,
  cleanup: AsyncDisposableStack,
): Promise<Provisioned> {
  const common = { region: localRegion, credentials: localCredentials };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: backends.tablesUrl });
  const s3 = new S3Client({ ...common, endpoint: backends.queuesUrl, forcePathStyle: true });
  cleanup.defer(() => {
    dynamodb.destroy();
    s3.destroy();
  });
  await backends.declare({
    roles: model.roles,
    resourceStatements: model.resourceStatements,
    services: servicesOf(outputs),
    queues: model.queues.map(({ name, arn, attributes }) => ({ name, arn, attributes: { ...attributes } })),
    buckets: [...model.buckets],
  });
  for (const table of model.tables) await createTable(dynamodb, table);
  for (const deployment of model.deployments) await deployFiles(s3, deployment);
  return { s3, catalog: createCatalogAdmin({ client: dynamodb, table: outputs.CatalogTable }) };
}

/** Returns the queues and the bucket that can fail, with their service. */
function servicesOf(outputs: StackOutputs): Record<string, FaultService> {
  function queueName(url: string): string {
    return url.split('/').at(-1) ?? '';
  }
  return {
    [queueName(outputs.ClickQueueUrl)]: 'clicks',
    [queueName(outputs.ClickDeadLetterQueueUrl)]: 'clicks',
    [queueName(outputs.FilesQueueUrl)]: 'files',
    [queueName(outputs.FilesDeadLetterQueueUrl)]: 'files',
    [outputs.LakeBucket]: 'bucket',
  };
}

async function createTable(client: DynamoDBClient, table: TableModel): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table.name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [...table.keySchema],
        AttributeDefinitions: [...table.attributes],
        ...(table.indexes.length > 0
          ? { GlobalSecondaryIndexes: table.indexes.map((index) => ({ ...index, KeySchema: [...index.KeySchema] })) }
          : {}),
      }),
    );
  } catch (cause) {
    // The table exists from an earlier start.
    if (!(cause instanceof ResourceInUseException)) throw cause;
  }
  await expireItems(client, table);
}

/** Enables time to live if it isn't yet; DynamoDB rejects enabling it twice. */
async function expireItems(client: DynamoDBClient, { name, timeToLive }: TableModel): Promise<void> {
  if (timeToLive === undefined) return;
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return;
  const specification = { AttributeName: timeToLive, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: specification }));
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Copies the files of a deployment into its bucket, as CDK's `BucketDeployment` does. */
async function deployFiles(client: S3Client, deployment: DeploymentModel): Promise<void> {
  for (const directory of deployment.directories)
    for (const file of filesBelow(directory)) {
      const key = path.posix.join(deployment.prefix, path.relative(directory, file).split(path.sep).join('/'));
      await client.send(
        new PutObjectCommand({
          Bucket: deployment.bucket,
          Key: key.replace(/^\//, ''),
          Body: readContent(file, deployment.markers),
          ContentType: contentTypes[path.extname(file)] ?? 'application/octet-stream',
          ...(deployment.cacheControl === undefined ? {} : { CacheControl: deployment.cacheControl }),
        }),
      );
    }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Reads a file and replaces markers with the stack's values. */
function readContent(file: string, markers: DeploymentModel['markers']): Buffer {
  const content = readFileSync(file);
  const present = Object.entries(markers).filter(([marker]) => content.includes(marker));
  if (present.length === 0) return content;
  return Buffer.from(present.reduce((text, [marker, value]) => text.replaceAll(marker, value), content.toString()));
}

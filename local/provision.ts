import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DeploymentModel, TableModel } from './template/model.ts';

const createTable = async (client: DynamoDBClient, table: TableModel): Promise<void> => {
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
    // It is there from the last start.
    if (!(cause instanceof ResourceInUseException)) throw cause;
    return;
  }
  if (table.timeToLive !== undefined)
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: table.name,
        TimeToLiveSpecification: { AttributeName: table.timeToLive, Enabled: true },
      }),
    );
};

/** Creates the tables that are not there yet. */
export const createTables = async (client: DynamoDBClient, tables: readonly TableModel[]): Promise<void> => {
  for (const table of tables) await createTable(client, table);
};

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

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** A file with the stack's values in place of their markers. */
const contentOf = (file: string, markers: DeploymentModel['markers']): Buffer => {
  const content = readFileSync(file);
  const present = Object.entries(markers).filter(([marker]) => content.includes(marker));
  if (present.length === 0) return content;
  return Buffer.from(present.reduce((text, [marker, value]) => text.replaceAll(marker, value), content.toString()));
};

/** Copies the files of a deployment into its bucket, as CDK's `BucketDeployment` does. */
export const deployFiles = async (client: S3Client, deployment: DeploymentModel): Promise<void> => {
  for (const directory of deployment.directories)
    for (const file of filesBelow(directory)) {
      const key = path.posix.join(deployment.prefix, path.relative(directory, file).split(path.sep).join('/'));
      await client.send(
        new PutObjectCommand({
          Bucket: deployment.bucket,
          Key: key.replace(/^\//, ''),
          Body: contentOf(file, deployment.markers),
          ContentType: contentTypes[path.extname(file)] ?? 'application/octet-stream',
          ...(deployment.cacheControl === undefined ? {} : { CacheControl: deployment.cacheControl }),
        }),
      );
    }
};

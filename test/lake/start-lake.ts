import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, DeleteObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { createAthena, type LocalAthena } from '#local/athena/athena.ts';
import { AwsJsonError } from '#local/athena/errors.ts';
import { type EventField, eventFields, glueColumns } from '#schemas/event.ts';
import { rawPrefix } from '#schemas/lake-keys.ts';
import { eventsView, type LakeColumn, prestoView, type SettledTable, settledTables } from '#schemas/lake-tables.ts';
import { startQueuesAndBuckets } from '../emulator.ts';

export const bucket = 'lake';
export const database = 'hopcount';
export const workGroups = {
  jobs: {},
  interactive: { BytesScannedCutoffPerQuery: 1_000_000_000 },
  tiny: { BytesScannedCutoffPerQuery: 50 },
};

/** S3, and the local Athena and Glue over HTTP. */
export interface TestLake {
  s3: S3Client;
  athena: AthenaClient;
  glue: GlueClient;
  /** Address of S3. */
  endpoint: string;
  emptyBucket: () => Promise<void>;
  directory: string;
  stop: () => Promise<void>;
}

export async function startLake(tables: readonly unknown[] = lakeTables()): Promise<TestLake> {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-lake-'));
  const server = await startQueuesAndBuckets();
  const common = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const s3 = new S3Client({ ...common, endpoint: server.endpoint, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const athena = await createAthena({ s3, dataDirectory: directory, database, tables, workGroups, now: Date.now });
  const http = answerWith(athena).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const jsonEndpoint = `http://127.0.0.1:${portOf(http)}`;
  return {
    s3,
    athena: new AthenaClient({ ...common, endpoint: jsonEndpoint }),
    glue: new GlueClient({ ...common, endpoint: jsonEndpoint }),
    endpoint: server.endpoint,
    emptyBucket: () => emptyBucket(s3),
    directory,
    stop: async () => {
      http.closeAllConnections();
      http.close();
      athena.close();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function emptyBucket(s3: S3Client): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket }))
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
}

/** Returns the tables as the template declares them, with references resolved. */
export function lakeTables(fields: Readonly<Record<string, EventField>> = eventFields) {
  return [
    externalTable({
      name: 'raw_events',
      description: '',
      prefix: rawPrefix,
      columns: glueColumns(fields),
      partitionKeys: settledTables.events.partitionKeys,
      projected: 'dt=${dt}/hr=${hr}/',
    }),
    ...Object.values(settledTables).map(externalTable),
    {
      Name: eventsView.name,
      TableType: 'VIRTUAL_VIEW',
      StorageDescriptor: { Columns: columnsOf(eventsView.columns) },
      ViewOriginalText: prestoView(database, eventsView),
    },
  ];
}

function externalTable(table: SettledTable) {
  return {
    Name: table.name,
    TableType: 'EXTERNAL_TABLE',
    PartitionKeys: columnsOf(table.partitionKeys),
    StorageDescriptor: { Columns: columnsOf(table.columns), Location: `s3://${bucket}/${table.prefix}` },
    Parameters: table.projected
      ? {
          'projection.enabled': 'true',
          'storage.location.template': `s3://${bucket}/${table.prefix}${table.projected}`,
        }
      : {},
  };
}

function columnsOf(columns: readonly LakeColumn[]) {
  return columns.map(({ name, type }) => ({ Name: name, Type: type }));
}

function answerWith(athena: LocalAthena): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [service, operation = ''] = String(request.headers['x-amz-target']).split('.');
      const handle = service === 'AWSGlue' ? athena.AWSGlue : athena.AmazonAthena;
      function answer(status: number, body: unknown): void {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
      }
      handle(operation, JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')).then(
        (output) => answer(200, output),
        (error: unknown) =>
          error instanceof AwsJsonError
            ? answer(400, { __type: error.__type, message: error.message })
            : answer(500, { __type: 'InternalServerException', message: String(error) }),
      );
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

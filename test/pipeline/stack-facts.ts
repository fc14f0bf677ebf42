import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { parquetReadObjects } from 'hyparquet';
import { z } from 'zod';
import { entityKeys } from '#schemas/counters.ts';
import { rawPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { finalAttribute, hourKey, receivedKey, ruleOfAttribute } from '#stores/counters/counter-items.ts';
import type { LocalStack } from '#local/stack.ts';
import { createTable } from '#stores/dynamodb/table.ts';

/** Headers of a visitor's browser. */
export const browserHeaders = {
  'user-agent':
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36',
  accept: 'text/html',
  'accept-language': 'de-AT,de;q=0.9',
};

const rawRowSchema = z
  .object({
    event_id: z.bigint(),
    outcome: z.string(),
    outcome_rule: z.string(),
    link_id: z.string().nullish(),
    page_path: z.string().nullish(),
    visitor_id: z.bigint().nullish(),
    country: z.string().nullish(),
    method: z.string().nullish(),
  })
  .loose();
export type RawRow = z.infer<typeof rawRowSchema>;

/** Reads facts about a running local stack from logs, bucket and table, without its functions. */

export function temporaryDirectory(): { directory: string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-test-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export async function click(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(url, {
    redirect: 'manual',
    method: options.method ?? 'GET',
    headers: { ...browserHeaders, ...options.headers },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Returns the entity of the link with this code. */
export async function linkEntity(stack: LocalStack, code: string): Promise<string> {
  return entityKeys.link((await stack.catalog.getLink(code))?.id ?? '');
}

/** Sums an entity's hot counters over all hours. */
export async function hotNumbers(stack: LocalStack, entity: string): Promise<Record<string, number>> {
  return addUp(await itemsOf(stack, entity, hourKey('')));
}

function addUp(items: readonly object[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const item of items)
    for (const [name, value] of Object.entries(item))
      if (typeof value === 'number') totals[name] = (totals[name] ?? 0) + value;
  return totals;
}

async function itemsOf(stack: LocalStack, entity: string, prefix: string): Promise<Record<string, unknown>[]> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const items = await createTable({ client, table: stack.outputs.RollupsTable }).query({ pk: entity, prefix });
  client.destroy();
  return items.map((item) => unmarshall(item));
}

const finalSchema = z.object({ [finalAttribute]: z.record(z.string(), z.number()).default({}) });

/** Sums an entity's final counters over all hours. */
export async function settledNumbers(stack: LocalStack, entity: string): Promise<Record<string, number>> {
  return addUp((await itemsOf(stack, entity, hourKey(''))).map((item) => finalSchema.parse(item)[finalAttribute]));
}

export function outcomesOf(totals: Readonly<Record<string, number>>): number {
  return sumWhere(totals, (name) => ['views', 'clicks', 'customs'].includes(name) || name.startsWith('x.'));
}

function sumWhere(totals: Readonly<Record<string, number>>, wanted: (name: string) => boolean): number {
  return Object.entries(totals)
    .filter(([name]) => wanted(name))
    .reduce((sum, [, value]) => sum + value, 0);
}

/** Sums an entity's received requests that become events over all hours. */
export async function receivedOf(stack: LocalStack, entity: string): Promise<number> {
  return sumWhere(
    addUp(await itemsOf(stack, entity, receivedKey(''))),
    (name) => name !== expiryAttribute && ruleOfAttribute(name) === undefined,
  );
}

/** What reading the bucket of a stack needs, be it of this process or of another. */
export interface LakeAccess {
  clientOptions: (service: 's3') => S3ClientConfig;
  outputs: Pick<LocalStack['outputs'], 'LakeBucket'>;
}

/** Reads every row of every raw file. */
export function rawRows(stack: LakeAccess): Promise<RawRow[]> {
  return readRows(stack, rawPrefix);
}

/** Reads every row of every run: the settled events of a stack on which no hour has settled twice. */
export function settledRows(stack: LocalStack): Promise<RawRow[]> {
  return readRows(stack, settledTables.events.prefix);
}

async function readRows(stack: LakeAccess, prefix: string): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for (const { bytes } of await readObjects(stack, prefix))
    rows.push(...(await parquetRows(bytes)).map((row) => rawRowSchema.parse(row)));
  return rows;
}

function parquetRows(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer, compressors });
}

async function readObjects(stack: LakeAccess, prefix: string): Promise<{ key: string; bytes: Uint8Array }[]> {
  const client = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  const objects: { key: string; bytes: Uint8Array }[] = [];
  let token: string | undefined;
  do {
    const listed = await client.send(
      new ListObjectsV2Command({ Bucket: stack.outputs.LakeBucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key: key = '' } of listed.Contents ?? []) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: stack.outputs.LakeBucket, Key: key }));
      objects.push({ key, bytes: (await Body?.transformToByteArray()) ?? new Uint8Array() });
    }
    token = listed.NextContinuationToken;
  } while (token !== undefined);
  client.destroy();
  return objects;
}

/** Everything that the stack stores, as text by place: objects decoded, items of the tables, files of the logs. */
export async function storedTexts(stack: LocalStack, directory: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { key, bytes } of await readObjects(stack, '')) texts.set(key, await objectText(bytes));
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  for (const table of [stack.outputs.CatalogTable, stack.outputs.RollupsTable, stack.outputs.CacheTable]) {
    const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({ TableName: table }));
    if (LastEvaluatedKey !== undefined) throw new Error(`${table} has more than one page of items`);
    texts.set(table, JSON.stringify(Items));
  }
  client.destroy();
  const files = readdirSync(path.join(directory, 'logs'), { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of files.filter((entry) => entry.isFile()))
    texts.set(path.relative(directory, path.join(parentPath, name)), readFileSync(path.join(parentPath, name), 'utf8'));
  return texts;
}

async function objectText(bytes: Uint8Array): Promise<string> {
  const buffer = Buffer.from(bytes);
  if (buffer.subarray(0, 4).toString() === 'PAR1')
    return JSON.stringify(await parquetRows(bytes), (_name, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
  return (buffer[0] === 0x1f && buffer[1] === 0x8b ? gunzipSync(buffer) : buffer).toString();
}

const requestLineSchema = z.object({ message: z.literal('request'), id: z.string() });

/** Returns the ids of events that the edge functions logged before they responded. */
export async function announcedIds(stack: LocalStack): Promise<string[]> {
  const groups = [stack.outputs.RedirectLogGroup, stack.outputs.CollectLogGroup];
  const lines = await Promise.all(groups.map((group) => logLines(stack, group, '{ $.message = "request" }')));
  return lines.flat().map((line) => requestLineSchema.parse(JSON.parse(line)).id);
}

/** Returns the messages of a log group that contain a text. */
export async function logLines(stack: LocalStack, group: string, pattern: string): Promise<string[]> {
  const client = new CloudWatchLogsClient(stack.clientOptions('logs'));
  const lines: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({ logGroupName: group, filterPattern: pattern, nextToken }),
    );
    lines.push(...(page.events ?? []).map(({ message }) => message ?? ''));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  client.destroy();
  return lines;
}

/** Counts `received` up to now, including the open window. */
export function countReceived(stack: LocalStack): Promise<unknown> {
  return stack.invoke(stack.outputs.ReceiptsFunction, { time: new Date().toISOString(), includeOpen: true });
}

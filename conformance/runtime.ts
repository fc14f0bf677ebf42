/**
 * Runs the bundle of redirect on AWS's runtime client for Node.js, with a Runtime API, DynamoDB and SQS on this machine.
 * Prints one line per invocation; exits with 1 if one is not as expected.
 */
import { partialDeepStrictEqual, strictEqual, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { plainLink, plainPage } from '../core/links/link.fixture.ts';
import { buildHandler } from '../lib/bundle.ts';
import { createCatalogAdmin } from '../stores/catalog/catalog-admin.ts';
import { startDynamoDb, type TestDynamoDb } from '../test/dynamodb.ts';
import { type AwsDouble, startAwsDouble } from '../test/edge/aws-double.ts';
import { runCheck } from './missing-tool.ts';
import { cases, type RuntimeCase } from './runtime/cases.ts';
import { clientVersion, installRuntimeClient } from './runtime/client.ts';
import { type Invocation, type RuntimeApi, startRuntimeApi } from './runtime/runtime-api.ts';

/** Milliseconds that SQS takes. More than the send's own limit is `hangs`. */
const delays = { slow: 1_000, hangs: 10_000 };

/** What visitors may wait for at most on this machine. */
const respondsWithin = 700;

const metadataSchema = z.strictObject({ statusCode: z.number(), headers: z.record(z.string(), z.string()) });

/** The runtime client's own lines have an error as their message. */
const lineSchema = z.looseObject({
  message: z.union([z.string(), z.looseObject({})]),
  id: z.string().optional(),
  body: z.string().optional(),
});

await runCheck(check);

async function check(): Promise<number> {
  const program = installRuntimeClient();
  const [db, aws, api] = await Promise.all([startDynamoDb(), startAwsDouble('unused'), startRuntimeApi()]);
  const admin = createCatalogAdmin({ client: db.client, table: db.tables.catalog });
  await admin.createPage(plainPage);
  await admin.putLink(plainLink);
  const environment = startEnvironment({ program, db, aws, api });
  try {
    let problems = 0;
    for (const each of cases) problems += environment.ended() ? 1 : await runCase(each, { api, aws, environment });
    console.log(`${clientVersion} on Node.js ${process.version}: ${problems} of ${cases.length} cases failed`);
    return problems;
  } finally {
    await environment.stop();
    api.stop();
    aws.stop();
    await db.stop();
  }
}

interface Environment {
  /** Takes the lines written since the last call. */
  takeLines: () => string[];
  ended: () => boolean;
  stop: () => Promise<void>;
}

/** Starts the runtime client in a folder with the bundle, with the variables that Lambda sets. */
function startEnvironment({
  program,
  db,
  aws,
  api,
}: {
  program: string;
  db: TestDynamoDb;
  aws: AwsDouble;
  api: RuntimeApi;
}): Environment {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-runtime-'));
  buildHandler('redirect', 'Hopcount', directory);
  const child = spawn(process.execPath, [program, 'index.handler'], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      AWS_LAMBDA_RUNTIME_API: api.host,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'redirect',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_LOG_GROUP_NAME: 'redirect',
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/22/[$LATEST]0',
      LAMBDA_TASK_ROOT: directory,
      _HANDLER: 'index.handler',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SESSION_TOKEN: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: db.endpoint,
      AWS_ENDPOINT_URL_SQS: aws.endpoint,
      CATALOG_TABLE: db.tables.catalog,
      CLICK_QUEUE_URL: `${aws.endpoint}/1/clicks`,
      ORIGIN_SECRET: 'none',
      IGNORE_CASE: 'false',
      ALLOW_REPLAY: 'false',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    takeLines: () => {
      const lines = output.split('\n').filter((line) => line !== '');
      output = '';
      return lines;
    },
    ended: () => child.exitCode !== null,
    stop: async () => {
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(directory, { recursive: true });
    },
  };
}

async function runCase(
  { name, event, queue, breaks, ...expected }: RuntimeCase,
  { api, aws, environment }: { api: RuntimeApi; aws: AwsDouble; environment: Environment },
): Promise<number> {
  aws.messages.splice(0);
  aws.refuse = queue === 'refuses';
  aws.delay = queue === 'slow' || queue === 'hangs' ? delays[queue] : 0;
  if (queue === 'down') aws.stop();
  const startedAt = performance.now();
  try {
    const invocation = await api.invoke(event, breaks);
    const waited = Math.round(invocation.respondedAt - startedAt);
    const sent = Math.round(invocation.nextAt - invocation.respondedAt);
    if (!breaks) {
      checkProtocol(invocation);
      checkResponse(invocation, expected);
    }
    checkEvents(environment.takeLines(), aws, {
      ...expected,
      unsent: queue !== undefined && queue !== 'slow',
      broken: breaks === true,
    });
    ok(!environment.ended(), 'the environment ended');
    // The first invocation also loads the bundle.
    if (queue !== undefined) ok(waited < respondsWithin, `the response took ${waited} ms`);
    if (queue === 'slow') ok(sent > respondsWithin, `the environment was idle ${sent} ms after the response`);
    console.log(`✓ ${name}: response after ${waited} ms, the environment idle ${sent} ms later`);
    return 0;
  } catch (error) {
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
    for (const line of environment.takeLines()) console.log(`  ${line}`);
    return 1;
  }
}

/** The headers that the Runtime API documents for a streamed response, and no error at its end. */
function checkProtocol({ headers, trailers }: Invocation): void {
  partialDeepStrictEqual(headers, {
    'lambda-runtime-function-response-mode': 'streaming',
    'transfer-encoding': 'chunked',
    'content-type': 'application/vnd.awslambda.http-integration-response',
  });
  strictEqual(JSON.stringify(trailers), '{}');
}

function checkResponse(invocation: Invocation, { status, location }: Pick<RuntimeCase, 'status' | 'location'>): void {
  const { statusCode, headers } = metadataSchema.parse(invocation.metadata);
  strictEqual(statusCode, status);
  strictEqual(headers['location'], location);
  ok(invocation.body.length > 0, 'the body is empty, so Lambda would lose status and headers');
}

/**
 * One request line and one event with its id, in the queue or in a line. Anything else that was written is a finding, unless
 * the connection broke: that is reported, by the function and by the client.
 */
function checkEvents(
  written: readonly string[],
  { messages }: AwsDouble,
  { message, unsent, broken }: { message?: object; unsent: boolean; broken: boolean },
): void {
  const lines = written.map((line) => lineSchema.parse(JSON.parse(line)));
  const events = [
    ...messages,
    ...lines.flatMap(({ body }): unknown[] => (body === undefined ? [] : [JSON.parse(body)])),
  ];
  const kinds = message === undefined ? [] : ['request', ...(unsent ? ['click.unsent'] : [])];
  const found = lines.map((line) => line.message).filter((kind) => !broken || !isBreakage(kind));
  strictEqual(JSON.stringify(found), JSON.stringify(kinds));
  strictEqual(events.length, message === undefined ? 0 : 1);
  if (message !== undefined) partialDeepStrictEqual(events[0], { ...message, id: lines[0]?.id });
}

function isBreakage(kind: unknown): boolean {
  return (
    typeof kind !== 'string' || /^response\.broken$|^rejection\.unhandled$|PromiseRejectionHandledWarning/.test(kind)
  );
}

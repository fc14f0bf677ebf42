import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { type StackOutputs, stackOutputNames } from '#schemas/stack-outputs.ts';
import { type CatalogAdmin, createCatalogAdmin } from '#stores/catalog-admin.ts';
import { createAthena, type LocalAthena } from './athena/athena.ts';
import { startAwsEndpoint } from './aws/endpoint.ts';
import { createLogsService, createSecretsService } from './aws/json-services.ts';
import { createOutbox } from './aws/outbox.ts';
import { createSecretStore } from './aws/secrets.ts';
import { type Backends, startBackends } from './backends/backends.ts';
import { findDynoxide } from './backends/dynoxide.ts';
import { createDistribution } from './edge/distribution.ts';
import { type EdgeRequest, type EdgeResponse, RefusedRequest } from './edge/request.ts';
import { type Edge, startEdge } from './edge/server.ts';
import { createFaults, type FaultRates, type Faults, noFaults } from './faults.ts';
import { type Endpoints, functionEnvironment } from './functions/environment.ts';
import { createFunctionPool, type FunctionPool, type Invocation } from './functions/pool.ts';
import { createIssuer } from './identity/issuer.ts';
import { lockDirectory } from './lock.ts';
import { createLogFiles } from './logs/log-files.ts';
import { createMetrics } from './logs/metrics.ts';
import { createTables, deployFiles } from './provision.ts';
import { seedCatalog } from './seed.ts';
import { type Poller, startPoller } from './sources/poller.ts';
import { startSchedules } from './sources/schedules.ts';
import { createLocalPages } from './status/local-pages.ts';
import type { IdleReport, Snapshot } from './status/snapshot.ts';
import { projectRoot, synthesize } from './synthesize.ts';
import { readAssembly } from './template/assembly.ts';
import { interpret } from './template/interpret.ts';
import { UnsupportedTemplate } from './template/intrinsics.ts';
import type { StackModel } from './template/model.ts';
import { localAccount, localRegion } from './template/names.ts';

export interface LocalStackOptions {
  /** Where all state lives; one stack at a time. */
  dataDirectory: string;
  /** 0 takes a free one. */
  port: number;
  allowReplay?: boolean;
  faults?: Partial<FaultRates>;
  /**
   * Overrides the visibility timeout of every queue, in seconds: a killed batch comes back sooner. Shorter than the
   * batching window and the work together, it delivers messages twice.
   */
  visibilitySeconds?: number;
  /** Caps the batching window of every event source, in seconds: a test need not wait for more clicks. */
  batchWindowSeconds?: number;
  /** Fire schedules by the clock. They can always be run by hand. @default true */
  schedules?: boolean;
  /** Put the demo page into an empty catalog. @default true */
  seed?: boolean;
  /** Workers per function; a function's reserved concurrency may cap it lower. @default 4 */
  maximumWorkers?: number;
  /** Variables that every function gets in place of the template's: an address on which nothing listens is a service that is down. */
  functionVariables?: Readonly<Record<string, string>>;
  /** Where syntheses are kept, by the hash of the sources. */
  synthesisDirectory?: string;
  /** Told what goes wrong in the machinery itself. */
  log?: (message: string) => void;
}

export interface LocalStack {
  /** `http://localhost:8787` */
  url: string;
  outputs: StackOutputs;
  endpoints: Endpoints;
  model: StackModel;
  faults: Faults;
  catalog: CatalogAdmin;
  /** Client options by which an AWS SDK client reaches a service of this stack. */
  clientOptions(service: keyof Endpoints): {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** Invokes a function by its name and waits for its result. @throws {FunctionFailed} */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
  /** Waits until nothing is on its way, up to a deadline in milliseconds. */
  idle(withinMs?: number): Promise<IdleReport>;
  snapshot(): Promise<Snapshot>;
  /** Drains: stops accepting, finishes what runs, flushes, and gives the data folder back. */
  stop(): Promise<void>;
  /** Ends it as `kill -9` would, as far as one process can do that to itself. */
  kill(): Promise<void>;
}

export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

const outputsOf = ({ outputs }: StackModel): StackOutputs => {
  const missing = stackOutputNames.filter((name) => outputs[name] === undefined);
  if (missing.length > 0) throw new UnsupportedTemplate(`the template lacks the outputs ${missing.join(', ')}`);
  return Object.assign({}, ...stackOutputNames.map((name) => ({ [name]: outputs[name] })));
};

/** Shown on the status page: what the machinery could not do. */
const keptTroubles = 50;

const createTroubles = (now: () => number, log: (message: string) => void) => {
  const troubles: { at: number; message: string }[] = [];
  return {
    list: troubles,
    add: (cause: unknown): void => {
      const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      troubles.unshift({ at: now(), message });
      troubles.length = Math.min(troubles.length, keptTroubles);
      log(message);
    },
  };
};

const queueAttributes = (model: StackModel, visibilitySeconds: number | undefined): StackModel['queues'] =>
  model.queues.map((queue) => ({
    ...queue,
    attributes: {
      ...queue.attributes,
      ...(visibilitySeconds === undefined ? {} : { VisibilityTimeout: String(visibilitySeconds) }),
    },
  }));

const startAthena = (model: StackModel, s3: S3Client, dataDirectory: string): Promise<LocalAthena> =>
  createAthena({
    s3,
    dataDirectory,
    database: model.databases[0]?.name ?? 'default',
    tables: model.glueTables.map(({ input }) => input),
    workGroups: Object.fromEntries(
      model.workGroups.map(({ name, configuration }) => {
        const cutOff = Number(configuration['BytesScannedCutoffPerQuery']);
        return [name, Number.isFinite(cutOff) ? { BytesScannedCutoffPerQuery: cutOff } : {}];
      }),
    ),
    now: Date.now,
  });

/**
 * Runs the synthesized stack on this machine.
 *
 * @throws {AlreadyRunning} while another process uses the data folder
 * @throws {PortInUse}
 * @throws {SynthesisFailed}
 * @throws {UnsupportedTemplate} when the template holds what the local stack cannot run
 */
export const startLocalStack = async (options: LocalStackOptions): Promise<LocalStack> => {
  const { dataDirectory, allowReplay = false, maximumWorkers = 4, log = () => undefined } = options;
  const now = Date.now;
  const startedAt = now();
  const unlock = lockDirectory(dataDirectory);
  // Undone in reverse order when a later step of the start fails.
  const undo: (() => unknown)[] = [unlock];
  try {
    return await start();
  } catch (cause) {
    for (const step of undo.toReversed()) await step();
    throw cause;
  }

  async function start(): Promise<LocalStack> {
    const troubles = createTroubles(now, log);
    const faults = createFaults({ ...noFaults, ...options.faults });
    const notReady = (): never => {
      throw new RefusedRequest(503, 'the local stack is starting');
    };
    let distribution: (request: EdgeRequest) => Promise<EdgeResponse> = notReady;
    let localPages: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> = notReady;

    const edge: Edge = await startEdge(options.port, {
      allowReplay,
      now,
      distribution: (request) => distribution(request),
      local: (incoming, outgoing) => localPages(incoming, outgoing),
      failed: troubles.add,
    });
    undo.push(edge.stop);
    const url = `http://localhost:${edge.port}`;

    const synthesisDirectory = options.synthesisDirectory ?? path.join(projectRoot, '.local', 'synthesis');
    const [assemblyDirectory, backends] = await Promise.all([
      synthesize(synthesisDirectory, { allowReplay }),
      startBackends({
        dataDirectory: path.join(dataDirectory, 'aws'),
        region: localRegion,
        account: localAccount,
        dynoxide: findDynoxide(),
      }).then((started: Backends) => {
        undo.push(started.stop);
        return started;
      }),
    ]);

    const issuerUrl = `${url}/_local/oidc`;
    const secrets = createSecretStore(path.join(dataDirectory, 'secrets.json'));
    const model = interpret(readAssembly(assemblyDirectory), {
      addresses: { queues: backends.queuesUrl, edge: url, issuer: issuerUrl },
      secretValue: secrets.valueOf,
    });
    for (const secret of model.secrets) secrets.valueOf(secret);
    const outputs = outputsOf(model);
    const issuer = await createIssuer({
      url: issuerUrl,
      audience: outputs.IdentityAudience,
      keysFile: path.join(dataDirectory, 'issuer-keys.json'),
    });

    const dynamodb = new DynamoDBClient({ region: localRegion, endpoint: backends.tablesUrl, credentials });
    const s3 = new S3Client({ region: localRegion, endpoint: backends.queuesUrl, credentials, forcePathStyle: true });
    undo.push(
      () => dynamodb.destroy(),
      () => s3.destroy(),
    );
    await backends.declare({
      queues: [...queueAttributes(model, options.visibilitySeconds)].map((queue) => ({
        ...queue,
        attributes: { ...queue.attributes },
      })),
      buckets: model.buckets.map(({ name, notifications }) => ({ name, notifications: [...notifications] })),
    });
    await createTables(dynamodb, model.tables);
    for (const deployment of model.deployments) await deployFiles(s3, deployment);
    const catalog = createCatalogAdmin({ client: dynamodb, table: outputs.CatalogTable });

    const logs = createLogFiles(path.join(dataDirectory, 'logs'));
    for (const group of model.logGroups) logs.expire(group.name, now() - group.retentionDays * 86_400_000);
    const metrics = createMetrics();
    const outbox = createOutbox(path.join(dataDirectory, 'outbox.ndjson'));
    const pools = new Map<string, FunctionPool>();
    const invoke = (
      functionName: string,
      event: unknown,
      answered?: Parameters<FunctionPool['invoke']>[1],
    ): Promise<Invocation> => {
      const pool = pools.get(functionName);
      if (pool) return pool.invoke(event, answered);
      const error = { errorType: 'ResourceNotFoundException', errorMessage: `no function ${functionName}`, trace: [] };
      return Promise.resolve({ kind: 'failed', error });
    };

    const athena = await startAthena(model, s3, path.join(dataDirectory, 'aws'));
    undo.push(athena.close);
    const endpoint = await startAwsEndpoint({
      services: {
        AmazonAthena: athena.AmazonAthena,
        AWSGlue: athena.AWSGlue,
        Logs_20140328: createLogsService(logs, now),
        secretsmanager: createSecretsService(secrets),
      },
      invoke,
      outbox,
      now,
    });
    undo.push(endpoint.stop);
    const endpoints: Endpoints = {
      dynamodb: backends.tablesUrl,
      sqs: backends.queuesUrl,
      s3: backends.queuesUrl,
      logs: endpoint.url,
      lambda: endpoint.url,
      athena: endpoint.url,
      glue: endpoint.url,
      secretsManager: endpoint.url,
      ses: endpoint.url,
    };

    for (const each of model.functions)
      pools.set(
        each.name,
        createFunctionPool({
          model: each,
          environment: { ...functionEnvironment(each, endpoints), ...options.functionVariables },
          logDirectory: logs.directoryOf(each.logGroup),
          maximumWorkers: Math.min(each.reservedConcurrency ?? maximumWorkers, maximumWorkers),
          now,
          planKill: () => faults.planKill(each.name),
          logged: metrics.take,
        }),
      );
    undo.push(() => Promise.all([...pools.values()].map((pool) => pool.stop())));

    if (options.seed ?? true) await seedCatalog(catalog, now());

    const pollers = model.eventSources
      .filter(({ enabled }) => enabled)
      .map(
        (source): Poller =>
          startPoller({
            source: {
              ...source,
              windowSeconds: Math.min(source.windowSeconds, options.batchWindowSeconds ?? Infinity),
            },
            region: localRegion,
            concurrency: Math.min(source.maximumConcurrency ?? maximumWorkers, maximumWorkers),
            now,
            receive: backends.receive,
            delete: (queueArn, receiptHandles) => backends.delete({ queueArn, receiptHandles: [...receiptHandles] }),
            invoke: (event) => invoke(source.functionName, event),
            disturb: faults.disturb,
            failed: troubles.add,
          }),
      );
    undo.push(() => Promise.all(pollers.map((poller) => poller.stop())));
    const schedules = startSchedules(model.schedules, {
      enabled: options.schedules ?? true,
      now,
      fire: (functionName, input) => void invoke(functionName, input),
    });
    undo.push(schedules.stop);

    const isDeadLetters = (name: string): boolean =>
      model.queues.some(({ attributes }) => attributes['RedrivePolicy']?.includes(`:${name}"`));

    const idleReport = async (): Promise<IdleReport> => {
      const depths = await backends.depths();
      const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
      const total = (deadLetters: boolean): number =>
        sum(
          depths
            .filter(({ name }) => isDeadLetters(name) === deadLetters)
            .map(({ ready, inFlight, delayed }) => ready + inFlight + delayed),
        );
      const states = [...pools.values()].map((pool) => pool.state());
      const invocations = sum(states.map(({ running, waiting }) => running + waiting));
      const messages = Math.max(total(false), sum(pollers.map((poller) => poller.held())));
      return {
        idle: edge.open() <= 1 && messages === 0 && invocations === 0,
        requests: edge.open(),
        messages,
        invocations,
        deadLetters: total(true),
      };
    };

    const idle = async (withinMs = 60_000): Promise<IdleReport> => {
      const deadline = now() + withinMs;
      for (;;) {
        const report = await idleReport();
        // A moment between two stages looks idle too: it has to hold for a second look.
        if (report.idle) {
          await delay(50);
          const again = await idleReport();
          if (again.idle || now() > deadline) return again;
        } else if (now() > deadline) return report;
        await delay(50);
      }
    };

    const snapshot = async (): Promise<Snapshot> => ({
      at: now(),
      startedAt,
      url,
      allowReplay,
      dataDirectory,
      queues: (await backends.depths()).map((depth) => ({ ...depth, deadLetters: isDeadLetters(depth.name) })),
      functions: [...pools.values()].map((pool) => ({ model: pool.model, state: pool.state() })),
      schedules: schedules.states(),
      alarms: model.alarms,
      metrics: metrics.series(),
      mails: outbox.list().length,
      troubles: troubles.list,
    });

    distribution = createDistribution(
      model.distributions[0] ?? { domain: 'localhost', defaultRootObject: '', behaviors: [] },
      { invoke, objectsUrl: backends.queuesUrl },
    );
    localPages = createLocalPages({
      snapshot,
      idle: () => idleReport(),
      invoke,
      runSchedule: schedules.run,
      outbox,
      issuer,
      catalog,
    });

    mkdirSync(dataDirectory, { recursive: true });
    writeFileSync(
      path.join(dataDirectory, 'stack.json'),
      JSON.stringify({ url, region: localRegion, allowReplay, outputs, endpoints }, null, 2),
    );

    const close = async (drain: boolean): Promise<void> => {
      schedules.stop();
      if (drain) {
        await edge.stop();
        await Promise.all(pollers.map((poller) => poller.stop()));
        await Promise.all([...pools.values()].map((pool) => pool.idle()));
      }
      await Promise.all([...pools.values()].map((pool) => pool.stop()));
      await endpoint.stop();
      athena.close();
      dynamodb.destroy();
      s3.destroy();
    };

    return {
      url,
      outputs,
      endpoints,
      model,
      faults,
      catalog,
      clientOptions: (service) => ({ region: localRegion, endpoint: endpoints[service], credentials }),
      invoke: async (functionName, payload) => {
        const invocation = await invoke(functionName, payload);
        if (invocation.kind === 'done') return invocation.result;
        throw new FunctionFailed(`${functionName}: ${invocation.error.errorType}: ${invocation.error.errorMessage}`);
      },
      idle,
      snapshot,
      stop: async () => {
        await close(true);
        await backends.stop();
        unlock();
      },
      kill: async () => {
        backends.kill();
        await close(false);
        void edge.stop();
        await Promise.all(pollers.map((poller) => poller.stop()));
        unlock();
      },
    };
  }
};

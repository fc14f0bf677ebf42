import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { StackOutputs } from '#schemas/stack-outputs.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createOutbox } from './aws/outbox.ts';
import { startServices } from './aws/services.ts';
import { BackendUnavailable } from './backends/dynoxide.ts';
import { type Closers, createClosers } from './closers.ts';
import { createDistribution } from './edge/distribution.ts';
import { type EdgeRequest, type EdgeResponse, RefusedRequest } from './edge/request.ts';
import { startEdge } from './edge/server.ts';
import { createFaults, type FaultOptions, type Faults, noFaults } from './faults.ts';
import { type Foundation, layFoundation } from './foundation.ts';
import type { Endpoints } from './functions/environment.ts';
import { createFunctions, type Functions } from './functions/functions.ts';
import { lockDirectory } from './lock.ts';
import { createLogFiles, type LogFiles } from './logs/log-files.ts';
import { createMetrics } from './logs/metrics.ts';
import { createOutages, type OutageChanges, type Outages } from './outages.ts';
import { localCredentials, provision, type Provisioned } from './provision.ts';
import { seedCatalog } from './seed.ts';
import { type Retries, startPollers } from './sources/pollers.ts';
import { startSchedules } from './sources/schedules.ts';
import { type IdleDeps, reportIdle, waitUntilIdle } from './status/idle.ts';
import { createLocalPages } from './status/local-pages.ts';
import type { IdleReport, Snapshot } from './status/snapshot.ts';
import type { StackModel } from './template/model.ts';
import { localRegion } from './template/names.ts';
import { createTroubles } from './troubles.ts';

export interface LocalStackOptions {
  /** Where all state lives; one stack at a time. */
  dataDirectory: string;
  /** 0 takes a free one. */
  port: number;
  /** Honour the headers of a replayed request. @default false */
  allowReplay?: boolean;
  faults?: Partial<FaultOptions>;
  /** Services that fail from the start. They can be switched while the stack runs. @default - all work */
  outages?: OutageChanges;
  /** When messages of a failed invocation come again. @default 'after-visibility' */
  retries?: Retries;
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
  /** Where syntheses are kept, by the hash of the sources. @default `.local/synthesis` of the project */
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
  /** Switches services off and on; {@link catalog} reaches its table all the same. */
  outages: Outages;
  catalog: CatalogAdmin;
  /** Options by which a client of the AWS SDK reaches a service of this stack. */
  clientOptions: (service: keyof Endpoints) => {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** Invokes a function by its name and waits for its result. @throws {FunctionFailed} */
  invoke: (functionName: string, payload: unknown) => Promise<unknown>;
  /** Waits until nothing is on its way, up to so many milliseconds (120,000 unless told). */
  idle: (withinMs?: number) => Promise<IdleReport>;
  /** Makes the messages ready again that failed; for stacks whose `retries` are `by-hand`. */
  retryFailed: () => Promise<void>;
  snapshot: () => Promise<Snapshot>;
  /** Drains: stops accepting, finishes what runs, flushes, and gives the data folder back. */
  stop: () => Promise<void>;
  /** Ends it without draining, its services by `kill -9`. */
  kill: () => Promise<void>;
}

export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
}

/**
 * Runs the synthesized stack on this machine.
 *
 * @throws {AlreadyRunning} while another process uses the data folder
 * @throws {PortInUse}
 * @throws {SynthesisFailed} with what the app wrote
 * @throws {BackendUnavailable} when DynamoDB, SQS or S3 does not start
 * @throws {UnsupportedTemplate} when the template holds what the local stack cannot run
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const closers = createClosers();
  closers.add(lockDirectory(options.dataDirectory));
  try {
    return await start(options, closers);
  } catch (cause) {
    await closers.close();
    throw cause;
  }
}

async function start(options: LocalStackOptions, closers: Closers): Promise<LocalStack> {
  const { dataDirectory, allowReplay = false } = options;
  const now = Date.now;
  const startedAt = now();
  const troubles = createTroubles(now, options.log ?? (() => undefined));
  const faults = createFaults({ ...noFaults, ...options.faults });
  const outages = createOutages(options.outages);
  const metrics = createMetrics();
  const outbox = createOutbox(path.join(dataDirectory, 'outbox.ndjson'));

  const { edge, behind, url } = await openEdge(options, troubles.add);
  closers.add(edge.stop);
  const running = await startParts(options, url, closers, { metrics, faults, outages, outbox });
  const { foundation, provisioned, endpoints, functions } = running;
  const { model, outputs, backends, issuer, accounts } = foundation;
  const { catalog } = provisioned;
  if (options.seed ?? true) await seedCatalog(catalog, now());

  const pollers = startPollers({
    sources: model.eventSources,
    backends,
    functions,
    faults,
    retries: options.retries ?? 'after-visibility',
    windowSeconds: options.batchWindowSeconds ?? Number.POSITIVE_INFINITY,
    now,
    failed: troubles.add,
  });
  closers.add(pollers.stop);
  const schedules = startSchedules(model.schedules, {
    enabled: options.schedules ?? true,
    now,
    fire: (functionName, input) => void functions.invoke(functionName, input),
  });
  closers.add(schedules.stop);

  const idleDeps: IdleDeps = {
    depths: backends.depths,
    isDeadLetters: (name) => isDeadLetters(model, name),
    functions: functions.states,
    held: pollers.held,
    requests: edge.open,
    now,
  };
  async function snapshot(): Promise<Snapshot> {
    return {
      at: now(),
      startedAt,
      url,
      allowReplay,
      dataDirectory,
      queues: (await backends.depths()).map((depth) => ({ ...depth, deadLetters: isDeadLetters(model, depth.name) })),
      functions: functions.states(),
      schedules: schedules.states(),
      alarms: model.alarms,
      metrics: metrics.series(),
      mails: outbox.list().length,
      outages: outages.modes(),
      troubles: troubles.list,
    };
  }

  let stopping = false;
  void backends.ended.then(() => {
    if (!stopping)
      troubles.add(new BackendUnavailable('DynamoDB, SQS and S3 have ended; stop this and start it again'));
  });
  const [distribution] = model.distributions;
  if (distribution)
    behind.distribution = createDistribution(distribution, {
      invoke: functions.invoke,
      objectsUrl: backends.queuesUrl,
    });
  behind.local = createLocalPages({
    snapshot,
    idle: () => reportIdle(idleDeps),
    invoke: functions.invoke,
    runSchedule: schedules.run,
    outages,
    outbox,
    issuer,
    accounts,
    catalog,
  });
  const facts = { url, region: localRegion, allowReplay, outputs, endpoints };
  writeFileSync(path.join(dataDirectory, 'stack.json'), JSON.stringify(facts, null, 2));

  return {
    url,
    outputs,
    endpoints,
    model,
    faults,
    outages,
    catalog,
    clientOptions: (service) => ({ region: localRegion, endpoint: endpoints[service], credentials: localCredentials }),
    invoke: invokeOrThrow(functions),
    idle: (withinMs = 120_000) => waitUntilIdle(idleDeps, withinMs),
    retryFailed: pollers.retryFailed,
    snapshot,
    stop: async () => {
      stopping = true;
      // The edge first, whatever order the parts were started in: nothing new may come while the rest drains.
      await edge.stop();
      schedules.stop();
      await pollers.stop();
      await functions.idle();
      await closers.close();
    },
    kill: async () => {
      stopping = true;
      backends.kill();
      await functions.stop();
      await closers.close();
    },
  };
}

/** The edge listens before the stack behind it is there: its port is part of what the template is read with. */
async function openEdge({ port, allowReplay = false }: LocalStackOptions, failed: (cause: unknown) => void) {
  function notReady(): never {
    throw new RefusedRequest(503, 'the local stack is starting');
  }
  const behind: {
    distribution: (request: EdgeRequest) => Promise<EdgeResponse>;
    local: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;
  } = { distribution: notReady, local: notReady };
  const edge = await startEdge(port, {
    allowReplay,
    now: Date.now,
    distribution: (request) => behind.distribution(request),
    local: (incoming, outgoing) => behind.local(incoming, outgoing),
    failed,
  });
  return { edge, behind, url: `http://localhost:${edge.port}` };
}

interface Running {
  foundation: Foundation;
  provisioned: Provisioned;
  endpoints: Endpoints;
  functions: Functions;
}

/** The parts that hold state or run code, in the order in which they need each other. */
async function startParts(
  options: LocalStackOptions,
  url: string,
  closers: Closers,
  observed: {
    metrics: ReturnType<typeof createMetrics>;
    faults: Faults;
    outages: Outages;
    outbox: ReturnType<typeof createOutbox>;
  },
): Promise<Running> {
  const { dataDirectory, allowReplay = false, synthesisDirectory } = options;
  const foundation = await layFoundation({
    dataDirectory,
    url,
    allowReplay,
    synthesisDirectory,
    outbox: observed.outbox,
    closers,
  });
  const provisioned = await provision(foundation, closers);
  const logs = openLogs(dataDirectory, foundation.model);
  // Lambda's own API is among the services, and the functions need to know where the services are.
  let functions: Functions | undefined;
  const endpoints = await startServices(foundation, provisioned, {
    dataDirectory,
    logs,
    outbox: observed.outbox,
    invoke: (name, event) => {
      if (!functions) throw new RefusedRequest(503, 'the local stack is starting');
      return functions.invoke(name, event);
    },
    outages: observed.outages,
    now: Date.now,
    closers,
  });
  functions = createFunctions({
    models: foundation.model.functions,
    endpoints,
    variables: options.functionVariables ?? {},
    maximumWorkers: options.maximumWorkers ?? 4,
    logs,
    metrics: observed.metrics,
    faults: observed.faults,
    now: Date.now,
  });
  closers.add(functions.stop);
  return { foundation, provisioned, endpoints, functions };
}

function openLogs(dataDirectory: string, { logGroups }: StackModel): LogFiles {
  const logs = createLogFiles(path.join(dataDirectory, 'logs'));
  for (const { name, retentionDays } of logGroups) logs.expire(name, Date.now() - retentionDays * 86_400_000);
  return logs;
}

function isDeadLetters({ queues }: StackModel, name: string): boolean {
  return queues.some(({ attributes }) => attributes['RedrivePolicy']?.includes(`:${name}"`));
}

function invokeOrThrow({ invoke }: Functions) {
  return async (functionName: string, payload: unknown): Promise<unknown> => {
    const invocation = await invoke(functionName, payload);
    if (invocation.kind === 'done') return invocation.result;
    throw new FunctionFailed(`${functionName}: ${invocation.error.errorType}: ${invocation.error.errorMessage}`);
  };
}

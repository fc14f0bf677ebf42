import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { StackOutputs } from '#schemas/stack-outputs.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createOutbox } from './aws/outbox.ts';
import { startServices } from './aws/services.ts';
import { BackendUnavailable } from './backends/dynoxide.ts';
import { createDistribution } from './edge/distribution.ts';
import { type EdgeRequest, type EdgeResponse, RefusedRequest } from './edge/request.ts';
import { startEdge } from './edge/server.ts';
import {
  createEventFaults,
  type EventFaultOptions,
  type EventFaults,
  noEventFaults,
} from './fault-injection/event-faults.ts';
import { type Bootstrapped, bootstrap, type LocalDomain } from './bootstrap.ts';
import type { Endpoints } from './functions/environment.ts';
import { createFailureSender } from './functions/async-invocations.ts';
import { createFunctions, type Functions } from './functions/functions.ts';
import { lockDirectory } from './lock.ts';
import { createLogFiles, type LogFiles } from './logs/log-files.ts';
import { createMetrics } from './logs/metrics.ts';
import { createServiceFaults, type ServiceChanges, type ServiceFaults } from './fault-injection/service-faults.ts';
import { localCredentials, provision, type Provisioned } from './provision.ts';
import { seedCatalog } from './seed.ts';
import { type Retries, startPollers } from './sources/pollers.ts';
import { startSchedules } from './sources/schedules.ts';
import { type IdleDeps, reportIdle, waitUntilIdle } from './status/idle.ts';
import { createLocalPages } from './status/local-pages.ts';
import type { IdleReport, Snapshot } from './status/snapshot.ts';
import type { StackModel } from './template/model.ts';
import { localRegion } from './template/names.ts';
import { createErrorLog } from './error-log.ts';

/** Transactions cost twice on AWS, and a fifth of the CPU time here. */
const localVariables = { ENTITIES_AT_ONCE: '25' };

export interface LocalStackOptions {
  /** Folder for all state. Only one stack can use it at a time. */
  dataDirectory: string;
  /** 0 picks a free port. */
  port: number;
  /** Accept replay headers (address, time and page of a replayed request). @default false */
  allowReplay?: boolean;
  /** More domains, of this machine: `demo.localhost`. @default - none */
  linkDomains?: readonly LocalDomain[];
  eventFaults?: Partial<EventFaultOptions>;
  /** Services that fail from the start; can be changed while the stack runs. @default - all work */
  serviceFaults?: ServiceChanges;
  /** When the messages of a failed invocation are retried. @default 'after-visibility' */
  retries?: Retries;
  /** Seconds before each retry of an asynchronous invocation that failed. @default - 60 and 120, as Lambda's */
  asyncRetrySeconds?: readonly number[];
  /** Caps the batching window of every event source, in seconds: a count is visible within two. @default 0.5 */
  batchWindowSeconds?: number;
  /** Run schedules on time. You can always run them manually. @default true */
  schedules?: boolean;
  /** Add the demo page to an empty catalog. @default true */
  seed?: boolean;
  /**
   * Workers per function; a function's reserved concurrency may cap it lower.
   * @default - 4; 2 for functions that viewers wait for; 1 for functions that take batches from a queue
   */
  maximumWorkers?: number;
  /** Overrides environment variables of every function, for example with an unused address to simulate a service that is down. */
  functionVariables?: Readonly<Record<string, string>>;
  /** Caches synthesized stacks by the hash of their sources. @default `.local/synthesis` of the project */
  synthesisDirectory?: string;
  /** Receives each step of the start that takes time. */
  progress?: (step: string) => void;
  /** Logs errors of the local stack itself. */
  log?: (message: string) => void;
}

export interface LocalStack {
  /** `http://localhost:8787` */
  url: string;
  outputs: StackOutputs;
  endpoints: Endpoints;
  model: StackModel;
  eventFaults: EventFaults;
  /** Makes services fail and recover. {@link catalog} is not affected. */
  serviceFaults: ServiceFaults;
  catalog: CatalogAdmin;
  /** True if the catalog was empty, so that the demo page was added. */
  isNew: boolean;
  /** Returns the AWS SDK client options for a service of this stack. */
  clientOptions: (service: keyof Endpoints) => {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** Invokes a function by name and waits for its result. @throws {FunctionFailed} */
  invoke: (functionName: string, payload: unknown) => Promise<unknown>;
  /** Waits until no request, message or invocation is in progress. @param withinMs timeout, 120,000 by default */
  idle: (withinMs?: number) => Promise<IdleReport>;
  /** Makes failed messages available again, for stacks with `retries: 'by-hand'`. */
  retryFailed: () => Promise<void>;
  snapshot: () => Promise<Snapshot>;
  /** Stops gracefully: rejects new requests, finishes running work, flushes, and releases the data folder. */
  stop: () => Promise<void>;
  /** Stops without draining and kills the services with SIGKILL. */
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
 * @throws {SynthesisFailed} with the output of the CDK app
 * @throws {BackendUnavailable} when DynamoDB, SQS or S3 does not start
 * @throws {UnsupportedTemplate} when the template uses something that the local stack can't run
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const cleanup = new AsyncDisposableStack();
  cleanup.defer(lockDirectory(options.dataDirectory));
  try {
    return await start(options, cleanup);
  } catch (cause) {
    await cleanup.disposeAsync();
    throw cause;
  }
}

async function start(options: LocalStackOptions, cleanup: AsyncDisposableStack): Promise<LocalStack> {
  const { dataDirectory, allowReplay = false } = options;
  const now = Date.now;
  const startedAt = now();
  const errorLog = createErrorLog(now, options.log ?? (() => undefined));
  const eventFaults = createEventFaults({ ...noEventFaults, ...options.eventFaults });
  const serviceFaults = createServiceFaults(options.serviceFaults);
  const metrics = createMetrics();
  const outbox = createOutbox(path.join(dataDirectory, 'outbox.ndjson'));

  const { edge, behind, url } = await openEdge(options, errorLog.add);
  cleanup.defer(edge.stop);
  const running = await startParts(options, url, cleanup, {
    metrics,
    eventFaults,
    serviceFaults,
    outbox,
    denied: (message) => errorLog.add(`AccessDenied: ${message}`),
    failed: errorLog.add,
  });
  const { base, provisioned, endpoints, functions } = running;
  const { model, outputs, backends, issuer, accounts } = base;
  const { catalog } = provisioned;
  const isNew = (options.seed ?? true) && (await seedCatalog(catalog, { now: now(), url }));

  const pollers = startPollers({
    sources: model.eventSources,
    backends,
    functions,
    eventFaults,
    isAvailable: (queueArn) => isAvailable(queueArn, outputs, serviceFaults),
    retries: options.retries ?? 'after-visibility',
    windowSeconds: options.batchWindowSeconds ?? 0.5,
    now,
    failed: errorLog.add,
  });
  cleanup.defer(pollers.stop);
  const schedules = startSchedules(model.schedules, {
    enabled: options.schedules ?? true,
    now,
    fire: functions.invokeAsync,
  });
  cleanup.defer(schedules.stop);

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
      serviceFaults: serviceFaults.modes(),
      errors: errorLog.list,
    };
  }

  let stopping = false;
  void backends.ended.then(() => {
    if (!stopping)
      errorLog.add(
        new BackendUnavailable(
          'The process that serves DynamoDB, SQS and S3 ended unexpectedly. Restart the local stack.',
        ),
      );
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
    serviceFaults,
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
    eventFaults,
    serviceFaults,
    catalog,
    isNew,
    clientOptions: (service) => ({ region: localRegion, endpoint: endpoints[service], credentials: localCredentials }),
    invoke: invokeOrThrow(functions),
    idle: (withinMs = 120_000) => waitUntilIdle(idleDeps, withinMs),
    retryFailed: pollers.retryFailed,
    snapshot,
    stop: async () => {
      stopping = true;
      // Stop the edge first, so that no new requests arrive while the rest drains.
      await edge.stop();
      schedules.stop();
      await pollers.stop();
      await functions.idle();
      await cleanup.disposeAsync();
    },
    kill: async () => {
      stopping = true;
      backends.kill();
      await functions.stop();
      await cleanup.disposeAsync();
    },
  };
}

/** Starts the edge before the stack behind it, because interpreting the template needs its port. */
async function openEdge({ port, allowReplay = false }: LocalStackOptions, failed: (cause: unknown) => void) {
  function notReady(): never {
    throw new RefusedRequest(503, 'The local stack is starting. Try again in a few seconds.');
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
  base: Bootstrapped;
  provisioned: Provisioned;
  endpoints: Endpoints;
  functions: Functions;
}

/** Starts the services that hold state or run code, in order of dependency. */
async function startParts(
  options: LocalStackOptions,
  url: string,
  cleanup: AsyncDisposableStack,
  observed: {
    metrics: ReturnType<typeof createMetrics>;
    eventFaults: EventFaults;
    serviceFaults: ServiceFaults;
    outbox: ReturnType<typeof createOutbox>;
    denied: (message: string) => void;
    failed: (cause: unknown) => void;
  },
): Promise<Running> {
  const {
    dataDirectory,
    allowReplay = false,
    linkDomains = [],
    synthesisDirectory,
    progress = () => undefined,
  } = options;
  const base = await bootstrap({
    dataDirectory,
    url,
    allowReplay,
    linkDomains,
    synthesisDirectory,
    outbox: observed.outbox,
    serviceFaults: observed.serviceFaults,
    progress,
    denied: observed.denied,
    cleanup,
  });
  progress('Creating tables, queues and buckets…');
  const provisioned = await provision(base, cleanup);
  const logs = openLogs(dataDirectory, base.model);
  // Circular: the Lambda API invokes functions, and the functions need the endpoints of the services.
  let functions: Functions | undefined;
  const endpoints = await startServices(base, provisioned, {
    dataDirectory,
    logs,
    outbox: observed.outbox,
    functions: () => {
      if (!functions) throw new RefusedRequest(503, 'The local stack is starting. Try again in a few seconds.');
      return functions;
    },
    serviceFaults: observed.serviceFaults,
    now: Date.now,
    cleanup,
  });
  functions = createFunctions({
    stack: base.model,
    endpoints,
    variables: { ...localVariables, ...options.functionVariables },
    maximumWorkers: options.maximumWorkers,
    logs,
    metrics: observed.metrics,
    eventFaults: observed.eventFaults,
    now: Date.now,
    asynchronous: {
      models: base.model.asyncInvokes,
      retrySeconds: options.asyncRetrySeconds,
      send: createFailureSender(base.backends.gateUrl),
      failed: observed.failed,
    },
  });
  cleanup.defer(functions.stop);
  return { base, provisioned, endpoints, functions };
}

function openLogs(dataDirectory: string, { logGroups }: StackModel): LogFiles {
  const logs = createLogFiles(path.join(dataDirectory, 'logs'));
  for (const { name, retentionDays } of logGroups) logs.expire(name, Date.now() - retentionDays * 86_400_000);
  return logs;
}

/** Returns whether messages of a queue can be received. */
function isAvailable(queueArn: string, outputs: StackOutputs, serviceFaults: ServiceFaults): boolean {
  const name = queueArn.split(':').at(-1);
  const modes = serviceFaults.modes();
  if (name === outputs.ClickQueueUrl.split('/').at(-1)) return modes.clicks === 'working';
  if (name === outputs.FilesQueueUrl.split('/').at(-1)) return modes.files === 'working';
  return true;
}

/** Returns whether no function consumes a queue, so that its messages stay. */
function isDeadLetters({ eventSources }: StackModel, name: string): boolean {
  return !eventSources.some(({ queueArn }) => queueArn.endsWith(`:${name}`));
}

function invokeOrThrow({ invoke }: Functions) {
  return async (functionName: string, payload: unknown): Promise<unknown> => {
    const invocation = await invoke(functionName, payload);
    if (invocation.kind === 'done') return invocation.result;
    throw new FunctionFailed(`${functionName}: ${invocation.error.errorType}: ${invocation.error.errorMessage}`);
  };
}

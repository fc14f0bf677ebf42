import { type AsyncInvocationsOptions, createAsyncInvocations } from './async-invocations.ts';
import type { EventFaults } from '../fault-injection/event-faults.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { Metrics } from '../logs/metrics.ts';
import type { FunctionStatus } from '../status/snapshot.ts';
import type { FunctionModel, StackModel } from '../template/model.ts';
import type { Endpoints } from './environment.ts';
import { functionEnvironment } from './environment.ts';
import { createFunctionPool, type FunctionPool, type Invocation, type InvokeOptions } from './pool.ts';

/** The functions of the stack. */
export interface Functions {
  invoke: (name: string, event: unknown, options?: InvokeOptions) => Promise<Invocation>;
  /** Queues an event: the function is retried if it fails, and then the template's queue gets a record. */
  invokeAsync: (name: string, event: unknown) => void;
  states: () => readonly FunctionStatus[];
  /** Resolves when no invocation is running or waiting. */
  idle: () => Promise<void>;
  stop: () => Promise<void>;
}

export interface FunctionsOptions {
  stack: Pick<StackModel, 'functions' | 'functionUrls' | 'httpApis' | 'eventSources'>;
  endpoints: Endpoints;
  /** Overrides the template's variables for every function. */
  variables: Readonly<Record<string, string>>;
  /** Workers per function. @default - 4; 2 for those that viewers wait for; 1 for those that a queue invokes, which take batches */
  maximumWorkers: number | undefined;
  logs: LogFiles;
  metrics: Metrics;
  eventFaults: EventFaults;
  now: () => number;
  asynchronous: Pick<AsyncInvocationsOptions, 'models' | 'retrySeconds' | 'send' | 'failed'>;
}

export function createFunctions(options: FunctionsOptions): Functions {
  const pools = new Map(options.stack.functions.map((model) => [model.name, poolOf(model, options)]));
  const all = [...pools.values()];
  function invoke(name: string, event: unknown, invokeOptions?: InvokeOptions): Promise<Invocation> {
    const pool = pools.get(name);
    if (pool) return pool.invoke(event, invokeOptions);
    const error = { errorType: 'ResourceNotFoundException', errorMessage: `Function not found: ${name}`, trace: [] };
    return Promise.resolve({ kind: 'failed', error });
  }
  const later = createAsyncInvocations({ ...options.asynchronous, invoke, now: options.now });
  return {
    invoke,
    invokeAsync: later.invoke,
    states: () => all.map((pool) => ({ model: pool.model, state: pool.state() })),
    idle: async () => void (await Promise.all(all.map((pool) => pool.idle()))),
    stop: async () => {
      later.stop();
      await Promise.all(all.map((pool) => pool.stop()));
    },
  };
}

function poolOf(model: FunctionModel, options: FunctionsOptions): FunctionPool {
  const { name } = model;
  const { functionUrls, httpApis, eventSources } = options.stack;
  const isConsumer = eventSources.some(({ functionName }) => functionName === name);
  const isAwaited = [...functionUrls, ...httpApis.flatMap(({ routes }) => routes)].some(
    (each) => each.functionName === name,
  );
  const { maximumWorkers = defaultWorkers({ isConsumer, isAwaited }) } = options;
  const { reservedConcurrency = eventsPerWorker * maximumWorkers } = model;
  const workers = Math.min(reservedConcurrency, maximumWorkers);
  return createFunctionPool({
    model,
    environment: { ...functionEnvironment(model, options.endpoints), ...options.variables },
    logDirectory: options.logs.directoryOf(model.logGroup),
    maximumWorkers: workers,
    // Most of their time, these wait for other services. A thread for each event would take 40 MB.
    eventsPerWorker: isAwaited ? Math.min(eventsPerWorker, Math.floor(reservedConcurrency / workers)) : 1,
    inBackground: !isAwaited,
    // A viewer does not wait for the start of a worker.
    keptWorkers: isAwaited ? 1 : 0,
    now: options.now,
    planKill: () => options.eventFaults.planKill(name),
    logged: options.metrics.take,
  });
}

const eventsPerWorker = 8;

function defaultWorkers({ isConsumer, isAwaited }: { isConsumer: boolean; isAwaited: boolean }): number {
  if (isConsumer) return 1;
  return isAwaited ? 2 : 4;
}

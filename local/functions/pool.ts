import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { FunctionModel } from '../template/model.ts';
import type { KillPlan } from './kill-points.ts';
import {
  type FunctionError,
  killedStatus,
  type StreamedAnswer,
  type WorkOrder,
  type WorkReport,
  type WorkerStart,
} from './messages.ts';

/** The outcome of one invocation. */
export type Invocation = { kind: 'done'; result: unknown } | { kind: 'failed'; error: FunctionError };

export interface FunctionState {
  invocations: number;
  errors: number;
  /** Number of events waiting for a worker. */
  waiting: number;
  running: number;
  workers: number;
  lastErrors: readonly { at: number; error: FunctionError }[];
  lastDurationMs: number | undefined;
}

export interface PoolOptions {
  model: FunctionModel;
  /** All environment variables of the function. */
  environment: Readonly<Record<string, string>>;
  logDirectory: string;
  maximumWorkers: number;
  /** Workers that are kept although they are idle. */
  keptWorkers: number;
  /** Milliseconds after which other idle workers end. @default 120,000 */
  idleAfter?: number;
  now: () => number;
  /** Plans the kill of the next invocation's worker; undefined lets it run. */
  planKill: () => KillPlan | undefined;
  logged: (line: string) => void;
}

export interface InvokeOptions {
  /** Called when a streaming function ends its response, which can be long before its invocation. */
  answered?: ((answer: StreamedAnswer) => void) | undefined;
  /** @default - a new id */
  requestId?: string;
}

export interface FunctionPool {
  model: FunctionModel;
  invoke: (event: unknown, options?: InvokeOptions) => Promise<Invocation>;
  state: () => FunctionState;
  /** Resolves when nothing runs or waits. */
  idle: () => Promise<void>;
  stop: () => Promise<void>;
}

interface Pending {
  order: Omit<WorkOrder, 'deadline' | 'killAt'>;
  answered: (answer: StreamedAnswer) => void;
  settle: (invocation: Invocation) => void;
}

interface Environment {
  worker: Worker;
  ready: boolean;
  idleTimer?: NodeJS.Timeout | undefined;
  running: (Pending & { startedAt: number; timer: NodeJS.Timeout; kill: KillPlan | undefined }) | undefined;
}

/**
 * Runs one function in up to `maximumWorkers` threads, each with one event at a time. Like Lambda, it ends those that are not
 * used for a while: two dozen functions with 50 MB each are more than a small machine has.
 */
export function createFunctionPool(options: PoolOptions): FunctionPool {
  const { model, now, idleAfter = 120_000 } = options;
  const environments = new Set<Environment>();
  const waiting: Pending[] = [];
  const idleWaiters: (() => void)[] = [];
  const lastErrors: { at: number; error: FunctionError }[] = [];
  let invocations = 0;
  let errors = 0;
  let lastDurationMs: number | undefined;
  let stopped = false;

  function running(): number {
    return [...environments].filter((each) => each.running).length;
  }

  function noteError(error: FunctionError): void {
    errors += 1;
    lastErrors.unshift({ at: now(), error });
    lastErrors.length = Math.min(lastErrors.length, keptErrors);
  }

  function settle(environment: Environment, invocation: Invocation, killed = false): void {
    const { running: current } = environment;
    if (!current) return;
    clearTimeout(current.timer);
    environment.running = undefined;
    lastDurationMs = now() - current.startedAt;
    if (invocation.kind === 'failed') noteError(invocation.error);
    current.kill?.ended(killed);
    current.settle(invocation);
    if (environments.has(environment)) rest(environment);
    if (waiting.length === 0 && running() === 0) for (const resolve of idleWaiters.splice(0)) resolve();
  }

  /** Ends the worker unless an event comes in time. */
  function rest(environment: Environment): void {
    environment.idleTimer = setTimeout(() => endIdle(environment), idleAfter).unref();
  }

  function endIdle(environment: Environment): void {
    if (environments.size <= options.keptWorkers) return;
    environments.delete(environment);
    void environment.worker.terminate();
  }

  function lose(environment: Environment, errorType: string, errorMessage: string, killed = false): void {
    environments.delete(environment);
    settle(environment, { kind: 'failed', error: { errorType, errorMessage, trace: [] } }, killed);
    void environment.worker.terminate();
    dispatch();
  }

  /** Fails all waiting events when the bundle doesn't load, like an init error of Lambda. */
  function breakDown(environment: Environment, error: FunctionError): void {
    environments.delete(environment);
    void environment.worker.terminate();
    for (const pending of waiting.splice(0)) {
      noteError(error);
      pending.settle({ kind: 'failed', error });
    }
    for (const resolve of idleWaiters.splice(0)) resolve();
  }

  function receive(environment: Environment, message: WorkReport): void {
    const { running: current } = environment;
    switch (message.kind) {
      case 'ready':
        environment.ready = true;
        rest(environment);
        return dispatch();
      case 'broken':
        return breakDown(environment, message.error);
      case 'logged':
        return options.logged(message.line);
      case 'answered':
        if (current?.order.requestId !== message.requestId) return;
        return current.answered(message.answer);
      case 'done':
        if (current?.order.requestId === message.requestId)
          settle(environment, { kind: 'done', result: message.result });
        return dispatch();
      case 'failed':
        if (current?.order.requestId === message.requestId)
          settle(environment, { kind: 'failed', error: message.error });
        return dispatch();
      default:
        return message satisfies never;
    }
  }

  function startEnvironment(): void {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: startOf(options),
      env: { ...options.environment },
      execArgv: [],
      // Node's default takes up to 48 MB more for each of two dozen workers.
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMegabytes },
      // The worker writes its own log; keep any other output out of ours.
      stdout: true,
      stderr: true,
    });
    const environment: Environment = { worker, ready: false, running: undefined };
    environments.add(environment);
    worker.on('message', (message: WorkReport) => receive(environment, message));
    worker.on('error', (cause: Error) => {
      if (environment.ready) return lose(environment, cause.name, cause.message);
      return breakDown(environment, { errorType: cause.name, errorMessage: cause.message, trace: [] });
    });
    worker.on('exit', (code) => {
      if (!environments.has(environment)) return;
      lose(environment, 'Runtime.ExitError', `the worker ended with code ${code}`, code === killedStatus);
    });
  }

  function run(environment: Environment, pending: Pending): void {
    clearTimeout(environment.idleTimer);
    const startedAt = now();
    const timeoutMs = model.timeoutSeconds * 1000;
    function timedOut(): void {
      return lose(environment, 'Sandbox.Timedout', `${model.name} timed out after ${model.timeoutSeconds} seconds`);
    }
    const kill = options.planKill();
    environment.running = { ...pending, startedAt, timer: setTimeout(timedOut, timeoutMs), kill };
    const order: WorkOrder = { ...pending.order, deadline: startedAt + timeoutMs, killAt: kill?.point };
    environment.worker.postMessage(order);
  }

  function dispatch(): void {
    if (stopped) return;
    for (const environment of environments) {
      if (waiting.length === 0) return;
      if (!environment.ready || environment.running) continue;
      const pending = waiting.shift();
      if (pending) run(environment, pending);
    }
    const starting = [...environments].filter((each) => !each.ready).length;
    if (waiting.length > starting && environments.size < options.maximumWorkers) startEnvironment();
  }

  return {
    model,
    invoke: (event, { answered = () => undefined, requestId = randomUUID() } = {}) => {
      if (stopped)
        return Promise.resolve({
          kind: 'failed',
          error: { errorType: 'ServiceException', errorMessage: 'The local stack is stopping', trace: [] },
        });
      invocations += 1;
      return new Promise((resolve) => {
        waiting.push({ order: { requestId, event, arn: model.arn }, answered, settle: resolve });
        dispatch();
      });
    },
    state: () => ({
      invocations,
      errors,
      waiting: waiting.length,
      running: running(),
      workers: environments.size,
      lastErrors,
      lastDurationMs,
    }),
    idle: () => {
      if (waiting.length === 0 && running() === 0) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
    stop: async () => {
      stopped = true;
      const open = [...environments];
      environments.clear();
      const error = { errorType: 'Killed', errorMessage: 'The local stack stopped', trace: [] };
      for (const environment of open) settle(environment, { kind: 'failed', error });
      for (const pending of waiting.splice(0)) pending.settle({ kind: 'failed', error });
      await Promise.all(open.map(({ worker }) => worker.terminate()));
    },
  };
}

/** Memory of new objects of one worker. */
const youngGenerationMegabytes = 16;

const keptErrors = 20;

function startOf({ model, logDirectory }: PoolOptions): WorkerStart {
  const dot = model.handler.lastIndexOf('.');
  return {
    functionName: model.name,
    module: new URL(`file://${model.directory}/${model.handler.slice(0, dot)}.mjs`).href,
    exportName: model.handler.slice(dot + 1),
    memoryMegabytes: model.memoryMegabytes,
    logDirectory,
    logGroup: model.logGroup,
  };
}

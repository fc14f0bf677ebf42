import { randomUUID } from 'node:crypto';
import path from 'node:path';
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
  /** Events that a worker takes at once. If more than one, a worker starts before an event must wait for it. */
  eventsPerWorker: number;
  /** Nobody waits for its events. */
  inBackground: boolean;
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

interface Running extends Pending {
  startedAt: number;
  timer: NodeJS.Timeout;
  kill: KillPlan | undefined;
}

interface Environment {
  worker: Worker;
  ready: boolean;
  idleTimer?: NodeJS.Timeout | undefined;
  /** Invocations by request id. */
  running: Map<string, Running>;
  /** Waits until nothing else runs, because its worker is to be killed: on Lambda, that takes no other event along. */
  doomed: { pending: Pending; kill: KillPlan } | undefined;
  /** An event timed out: the worker takes no more, and ends with its last. */
  closing: boolean;
}

/**
 * Runs one function in up to `maximumWorkers` threads. Like Lambda, it ends those that are not used for a while: two dozen
 * functions with 50 MB each are more than a small machine has.
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
    return [...environments].reduce((total, each) => total + each.running.size, 0);
  }

  function isIdle(): boolean {
    return waiting.length === 0 && [...environments].every((each) => each.running.size === 0 && !each.doomed);
  }

  function noteError(error: FunctionError): void {
    errors += 1;
    lastErrors.unshift({ at: now(), error });
    lastErrors.length = Math.min(lastErrors.length, keptErrors);
  }

  function settle(environment: Environment, requestId: string, invocation: Invocation, killed = false): void {
    const current = environment.running.get(requestId);
    if (!current) return;
    clearTimeout(current.timer);
    environment.running.delete(requestId);
    lastDurationMs = now() - current.startedAt;
    if (invocation.kind === 'failed') noteError(invocation.error);
    current.kill?.ended(killed);
    current.settle(invocation);
    if (environments.has(environment) && environment.running.size === 0) rest(environment);
    if (isIdle()) for (const resolve of idleWaiters.splice(0)) resolve();
  }

  /** Ends the worker unless an event comes in time. */
  function rest(environment: Environment): void {
    if (environment.closing) return end(environment);
    environment.idleTimer = setTimeout(() => endIdle(environment), idleAfter).unref();
  }

  function endIdle(environment: Environment): void {
    if (environments.size > options.keptWorkers) end(environment);
  }

  function end(environment: Environment): void {
    environments.delete(environment);
    void environment.worker.terminate();
    const { doomed } = environment;
    if (!doomed) return;
    doomed.kill.ended(false);
    waiting.unshift(doomed.pending);
  }

  /** Fails all events of a worker that ended. */
  function lose(environment: Environment, errorType: string, errorMessage: string, killed = false): void {
    end(environment);
    const error = { errorType, errorMessage, trace: [] };
    for (const requestId of environment.running.keys())
      settle(environment, requestId, { kind: 'failed', error }, killed);
    dispatch();
  }

  /** Fails all waiting events when the bundle doesn't load, like an init error of Lambda. */
  function breakDown(environment: Environment, error: FunctionError): void {
    end(environment);
    for (const pending of waiting.splice(0)) {
      noteError(error);
      pending.settle({ kind: 'failed', error });
    }
    for (const resolve of idleWaiters.splice(0)) resolve();
  }

  function receive(environment: Environment, message: WorkReport): void {
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
        return environment.running.get(message.requestId)?.answered(message.answer);
      case 'done':
        settle(environment, message.requestId, { kind: 'done', result: message.result });
        return dispatch();
      case 'failed':
        settle(environment, message.requestId, { kind: 'failed', error: message.error });
        return dispatch();
      default:
        return message satisfies never;
    }
  }

  function startEnvironment(): void {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: startOf(options),
      // The worker starts in a third of the time from compiled code. The folder goes when the bundles next to it go.
      env: { ...options.environment, NODE_COMPILE_CACHE: path.join(model.directory, '../compiled') },
      execArgv: [],
      // Node's default for new objects takes up to 48 MB more for each of two dozen workers. The limit for others is Lambda's.
      resourceLimits: {
        maxYoungGenerationSizeMb: youngGenerationMegabytes,
        maxOldGenerationSizeMb: model.memoryMegabytes,
      },
      // The worker writes its own log; keep any other output out of ours.
      stdout: true,
      stderr: true,
    });
    const environment: Environment = { worker, ready: false, running: new Map(), doomed: undefined, closing: false };
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

  function run(environment: Environment, pending: Pending, kill: KillPlan | undefined): void {
    clearTimeout(environment.idleTimer);
    const { requestId } = pending.order;
    const startedAt = now();
    const timeoutMs = model.timeoutSeconds * 1000;
    function timedOut(): void {
      environment.closing = true;
      const errorMessage = `${model.name} timed out after ${model.timeoutSeconds} seconds`;
      const error = { errorType: 'Sandbox.Timedout', errorMessage, trace: [] };
      settle(environment, requestId, { kind: 'failed', error });
      dispatch();
    }
    environment.running.set(requestId, { ...pending, startedAt, timer: setTimeout(timedOut, timeoutMs), kill });
    const order: WorkOrder = { ...pending.order, deadline: startedAt + timeoutMs, killAt: kill?.point };
    environment.worker.postMessage(order);
  }

  function dispatch(): void {
    if (stopped) return;
    for (const environment of environments) runDoomed(environment);
    for (let free = findFree(); free !== undefined; free = findFree()) {
      const pending = waiting.shift();
      if (!pending) break;
      const kill = options.planKill();
      if (kill) free.doomed = { pending, kill };
      else run(free, pending, undefined);
      runDoomed(free);
    }
    if (needsWorker()) startEnvironment();
  }

  function runDoomed(environment: Environment): void {
    const { doomed, running: others } = environment;
    if (!doomed || others.size > 0) return;
    environment.doomed = undefined;
    run(environment, doomed.pending, doomed.kill);
  }

  /** Finds the worker with the fewest events. */
  function findFree(): Environment | undefined {
    let free: Environment | undefined;
    for (const environment of environments)
      if (takesEvents(environment) && environment.running.size < (free?.running.size ?? options.eventsPerWorker))
        free = environment;
    return free;
  }

  function needsWorker(): boolean {
    const open = [...environments].filter(({ closing }) => !closing);
    if (open.length >= options.maximumWorkers) return false;
    const starting = open.filter(({ ready }) => !ready).length;
    return waiting.length > starting || (running() > 0 && options.eventsPerWorker > 1 && open.every(isHalfFull));
  }

  function isHalfFull({ running: events }: Environment): boolean {
    return 2 * events.size >= options.eventsPerWorker;
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
      if (isIdle()) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
    stop: async () => {
      stopped = true;
      const open = [...environments];
      environments.clear();
      const error = { errorType: 'Killed', errorMessage: 'The local stack stopped', trace: [] };
      for (const environment of open) {
        for (const requestId of environment.running.keys()) settle(environment, requestId, { kind: 'failed', error });
        if (environment.doomed) waiting.push(environment.doomed.pending);
      }
      for (const pending of waiting.splice(0)) pending.settle({ kind: 'failed', error });
      await Promise.all(open.map(({ worker }) => worker.terminate()));
    },
  };
}

function takesEvents({ ready, closing, doomed, running }: Environment): boolean {
  return ready && !closing && !doomed && [...running.values()].every(({ kill }) => kill === undefined);
}

/** Memory of new objects of one worker. */
const youngGenerationMegabytes = 16;

const keptErrors = 20;

function startOf({ model, logDirectory, inBackground }: PoolOptions): WorkerStart {
  const dot = model.handler.lastIndexOf('.');
  return {
    functionName: model.name,
    module: new URL(`file://${model.directory}/${model.handler.slice(0, dot)}.mjs`).href,
    exportName: model.handler.slice(dot + 1),
    memoryMegabytes: model.memoryMegabytes,
    inBackground,
    logDirectory,
    logGroup: model.logGroup,
  };
}

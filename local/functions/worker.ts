import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type KillPoint, watchOperations } from './kill-points.ts';
import { type FunctionError, killedStatus, type WorkerStart, type WorkOrder, type WorkReport } from './messages.ts';
import { awslambda, isStreaming, ResponseStream } from './response-stream.ts';
import { createLineWriter } from './stdout-to-file.ts';

/** Runs a function as Lambda's runtime does: loads the bundle once, then handles events, one at a time or several. */

// Zod would take a fifth of the time that a worker needs to start.
const start: WorkerStart = workerData;

// Only this file loads from it; the function has exactly its own environment.
delete process.env['NODE_COMPILE_CACHE'];

if (start.inBackground) lowerPriority();

const write = createLineWriter(start.logDirectory, Date.now, (line) => {
  // Send only metrics, errors and warnings to the status page.
  if (line.includes('"_aws"') || /"level":"(ERROR|WARN|error|warn)"/.test(line)) report({ kind: 'logged', line });
});

redirectOutput(process.stdout);
redirectOutput(process.stderr);
Object.assign(globalThis, { awslambda });

try {
  const handler = await load();
  parentPort?.on('message', (order: WorkOrder) => void run(handler, order));
  report({ kind: 'ready' });
} catch (cause) {
  logError('Init Error', cause);
  report({ kind: 'broken', error: describe(cause) });
}

/** On Linux, a priority is that of a thread; elsewhere it would be that of the whole stack. */
function lowerPriority(): void {
  if (process.platform === 'linux') setPriority(Math.min(getPriority() + 5, constants.priority.PRIORITY_LOW));
}

function report(message: WorkReport): void {
  return parentPort?.postMessage(message);
}

function redirectOutput(stream: NodeJS.WriteStream): void {
  Object.assign(stream, {
    write: (chunk: Uint8Array | string, encoding?: unknown, callback?: unknown): boolean => {
      write(chunk);
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') done();
      return true;
    },
  });
}

type Handler = (...parameters: unknown[]) => unknown;

async function load(): Promise<Handler> {
  const module: unknown = await import(start.module);
  const handler: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, start.exportName) : undefined;
  if (!isHandler(handler)) throw new TypeError(`${start.module} exports no function ${start.exportName}`);
  return handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

async function run(handler: Handler, order: WorkOrder): Promise<void> {
  function reached(point: KillPoint): void {
    if (order.killAt === point) process.exit(killedStatus);
  }
  const unwatch = order.killAt === undefined ? undefined : watchOperations(reached);
  try {
    reached('received');
    const result = await call(handler, order, () => reached('answered'));
    reached('handled');
    report({ kind: 'done', requestId: order.requestId, result });
  } catch (cause) {
    logError('Invoke Error', cause);
    report({ kind: 'failed', requestId: order.requestId, error: describe(cause) });
  } finally {
    unwatch?.();
  }
}

function call(handler: Handler, order: WorkOrder, answered: () => void): unknown {
  if (!isStreaming(handler)) return handler(order.event, contextOf(order));
  const stream = new ResponseStream((answer) => {
    report({ kind: 'answered', requestId: order.requestId, answer });
    answered();
  });
  return handler(order.event, stream, contextOf(order));
}

function contextOf(order: WorkOrder): object {
  return {
    awsRequestId: order.requestId,
    functionName: start.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: order.arn,
    memoryLimitInMB: String(start.memoryMegabytes),
    logGroupName: start.logGroup,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, order.deadline - Date.now()),
  };
}

function logError(message: string, cause: unknown): void {
  const { errorType, errorMessage, trace } = describe(cause);
  process.stdout.write(`${JSON.stringify({ level: 'ERROR', message, errorType, errorMessage, stackTrace: trace })}\n`);
}

function describe(cause: unknown): FunctionError {
  return cause instanceof Error
    ? { errorType: cause.name, errorMessage: cause.message, trace: (cause.stack ?? '').split('\n').slice(0, 12) }
    : { errorType: 'Error', errorMessage: String(cause), trace: [] };
}

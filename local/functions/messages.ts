import type { KillPoint } from './kill-points.ts';

/** Configures a worker thread. */
export interface WorkerStart {
  functionName: string;
  /** `file://…/index.mjs` and the export to call. */
  module: string;
  exportName: string;
  memoryMegabytes: number;
  /** Nobody waits for its events: it gets less CPU time than functions that viewers wait for. */
  inBackground: boolean;
  logDirectory: string;
  logGroup: string;
}

/** Exit code of a worker that was killed, as a shell reports a process that ended by SIGKILL. */
export const killedStatus = 137;

/** To the worker: one event at a time, as Lambda does. */
export interface WorkOrder {
  requestId: string;
  event: unknown;
  /** Milliseconds since the epoch at which the function times out. */
  deadline: number;
  arn: string;
  /** Injected fault: the worker exits when it reaches this point. */
  killAt: KillPoint | undefined;
}

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace: readonly string[];
}

/** The response of a streaming function, up to `end()`. */
export interface StreamedAnswer {
  /** Undefined for an empty body: then Lambda sends neither status nor headers. */
  metadata: unknown;
  body: Uint8Array;
}

/** From the worker. */
export type WorkReport =
  | { kind: 'ready' }
  | { kind: 'broken'; error: FunctionError }
  /** A streaming handler called `end()`: the viewer has the response, the invocation continues. */
  | { kind: 'answered'; requestId: string; answer: StreamedAnswer }
  /** The handler's promise resolved: the worker takes the next event. */
  | { kind: 'done'; requestId: string; result: unknown }
  | { kind: 'failed'; requestId: string; error: FunctionError }
  /** One line of output, already in the log file. */
  | { kind: 'logged'; line: string };

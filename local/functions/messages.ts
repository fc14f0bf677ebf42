import type { KillPoint } from './kill-points.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  functionName: string;
  /** `file://…/index.mjs` and the export to call. */
  module: string;
  exportName: string;
  memoryMegabytes: number;
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
  /** A fault: the worker ends when it reaches this point. */
  killAt: KillPoint | undefined;
}

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace: readonly string[];
}

/** What a streaming function answered, up to `end()`. */
export interface StreamedAnswer {
  /** Undefined when no byte was written: then Lambda sends neither status nor headers. */
  metadata: unknown;
  body: Uint8Array;
}

/** From the worker. */
export type WorkReport =
  | { kind: 'ready' }
  | { kind: 'broken'; error: FunctionError }
  /** A streaming handler called `end()`: the viewer has the answer, the invocation goes on. */
  | { kind: 'answered'; requestId: string; answer: StreamedAnswer }
  /** The handler's promise resolved: the worker takes the next event. */
  | { kind: 'done'; requestId: string; result: unknown }
  | { kind: 'failed'; requestId: string; error: FunctionError }
  /** One line that the function wrote, already in its log file. */
  | { kind: 'logged'; line: string };

import type { QueueDepth } from '../backends/protocol.ts';
import type { FunctionState } from '../functions/pool.ts';
import type { MetricSeries } from '../logs/metrics.ts';
import type { ServiceModes } from '../fault-injection/service-faults.ts';
import type { ScheduleState } from '../sources/schedules.ts';
import type { AlarmModel, FunctionModel } from '../template/model.ts';

export interface FunctionStatus {
  model: FunctionModel;
  state: FunctionState;
}

/** The state of the stack as the status page shows it. */
export interface Snapshot {
  at: number;
  startedAt: number;
  url: string;
  allowReplay: boolean;
  dataDirectory: string;
  queues: readonly (QueueDepth & { deadLetters: boolean })[];
  functions: readonly FunctionStatus[];
  schedules: readonly ScheduleState[];
  alarms: readonly AlarmModel[];
  metrics: readonly MetricSeries[];
  mails: number;
  serviceFaults: ServiceModes;
  /** Errors of the local stack itself, newest first. */
  errors: readonly { at: number; message: string }[];
}

/** The work in progress between the edge and the counters. */
export interface IdleReport {
  idle: boolean;
  /** Open requests at the edge. */
  requests: number;
  /** Messages in queues that trigger a function: ready, delayed or in flight. */
  messages: number;
  /** Running and waiting invocations. */
  invocations: number;
  deadLetters: number;
}

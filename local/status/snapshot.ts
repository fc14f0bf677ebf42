import type { QueueDepth } from '../backends/protocol.ts';
import type { FunctionState } from '../functions/pool.ts';
import type { MetricSeries } from '../logs/metrics.ts';
import type { OutageModes } from '../outages.ts';
import type { ScheduleState } from '../sources/schedules.ts';
import type { AlarmModel, FunctionModel } from '../template/model.ts';

export interface FunctionStatus {
  model: FunctionModel;
  state: FunctionState;
}

/** What the status page shows: the stack at one moment. */
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
  outages: OutageModes;
  /** Failures of the local machinery itself, newest first. */
  troubles: readonly { at: number; message: string }[];
}

/** Whether anything is on its way from the edge to the counters, and what. */
export interface IdleReport {
  idle: boolean;
  /** Requests that the edge has not answered. */
  requests: number;
  /** Messages in queues that feed a function: ready, delayed, or with it. */
  messages: number;
  /** Invocations that run or wait. */
  invocations: number;
  deadLetters: number;
}

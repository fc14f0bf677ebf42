import type { HourNumbers } from '#core/ledger/report.ts';
import { readHourNumbers } from './hours.ts';
import { readProgress, readSettleState, type SettleState } from './progress.ts';
import { readDayNumbers, readFilledMetrics, readMetricsDays } from './settled-days.ts';
import type { SettledStore } from './settled-metrics.ts';
import type { TableOptions } from '../dynamodb/table.ts';

/** Reads hourly counters and the jobs' watermarks. Every function may throw {@link StoreUnavailable}. */
export interface RollupReader {
  /** Returns the hours of an entity on local dates, first and last included, in order. */
  hours: (entity: string, firstDate: string, lastDate: string) => Promise<HourNumbers[]>;
  /** Milliseconds since the epoch; undefined before the job's first run. */
  receivedThrough: () => Promise<number | undefined>;
  settledThrough: () => Promise<number | undefined>;
  settleState: () => Promise<SettleState>;
  /** Settled local dates. */
  settledMetrics: SettledStore;
}

export function createRollupReader(options: TableOptions & { now: () => number }): RollupReader {
  return {
    hours: (entity, firstDate, lastDate) => readHourNumbers(options, entity, firstDate, lastDate),
    receivedThrough: () => readProgress(options, 'received'),
    settledThrough: () => readProgress(options, 'settled'),
    settleState: () => readSettleState(options),
    settledMetrics: {
      days: (entity, first, last) => readDayNumbers(options, entity, first, last),
      metricsDays: (entity, first, last) => readMetricsDays(options, entity, first, last),
      filledMetrics: (entity) => readFilledMetrics(options, entity),
    },
  };
}

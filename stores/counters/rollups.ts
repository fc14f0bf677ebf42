import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ReceivedCount } from '#core/ledger/received.ts';
import type { HourNumbers } from '#core/ledger/report.ts';
import type { HourDelta } from '#core/aggregate/count-events.ts';
import { type Applied, applyFile } from './rollup-writer.ts';
import {
  advanceReceived,
  readProgress,
  readWindow,
  setReceivedCounts,
  type WindowRecord,
  writeWindow,
} from './received-counts.ts';
import type { Pace } from '../dynamodb/retry.ts';
import { readHourNumbers } from './hours.ts';

export type { Applied } from './rollup-writer.ts';
export type { WindowRecord } from './received-counts.ts';
export type { Pace } from '../dynamodb/retry.ts';

/** Adds what rollup counted. */
export interface RollupWriter {
  applyFile: (rawKey: string, deltas: readonly HourDelta[], deadline: number) => Promise<Applied>;
}

/** Reads hourly items and how far the jobs have come. */
export interface RollupReader {
  hours: (entity: string, firstDate: string, lastDate: string) => Promise<HourNumbers[]>;
  receivedThrough: () => Promise<number | undefined>;
  settledThrough: () => Promise<number | undefined>;
}

/** Sets what receipts counted. */
export interface ReceivedStore {
  window: (window: string) => Promise<WindowRecord | undefined>;
  putWindow: (window: string, record: WindowRecord) => Promise<void>;
  setCounts: (window: string, counts: readonly ReceivedCount[], deadline: number) => Promise<void>;
  through: () => Promise<number | undefined>;
  advance: (through: number) => Promise<void>;
}

export function createRollupWriter(options: {
  client: DynamoDBClient;
  table: string;
  pace: Pace;
  hotDays: number;
  markerDays: number;
  chunkSize?: number;
}): RollupWriter {
  return {
    applyFile: (rawKey, deltas, deadline) => applyFile(options, rawKey, deltas, deadline),
  };
}

export function createRollupReader(options: {
  client: DynamoDBClient;
  table: string;
  now: () => number;
}): RollupReader {
  return {
    hours: (entity, firstDate, lastDate) => readHourNumbers(options, entity, firstDate, lastDate),
    receivedThrough: () => readProgress(options, 'received'),
    settledThrough: () => readProgress(options, 'settled'),
  };
}

export function createReceivedStore(options: {
  client: DynamoDBClient;
  table: string;
  pace: Pace;
  hotDays: number;
}): ReceivedStore {
  return {
    window: (window) => readWindow(options, window),
    putWindow: (window, record) => writeWindow(options, window, record),
    setCounts: (window, counts, deadline) => setReceivedCounts(options, window, counts, deadline),
    through: () => readProgress(options, 'received'),
    advance: (through) => advanceReceived(options, through),
  };
}

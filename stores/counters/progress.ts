import { z } from 'zod';
import { type SettleProgress, settleProgressSchema } from '#schemas/lake-jobs.ts';
import { progressKeys } from './counter-items.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, type Table, type TableOptions } from '../dynamodb/table.ts';

/** A job whose watermark is stored with the counters. */
export type ProgressJob = 'received' | 'settled';

const instant = z.string().refine((at) => !Number.isNaN(Date.parse(at)), 'must be an ISO instant');
const progressSchema = z.object({ at: instant.optional() });
const settleStateSchema = progressSchema.extend({ progress: settleProgressSchema.optional() });

/**
 * Returns a job's watermark in milliseconds since the epoch; undefined before its first run.
 * @throws {StoreUnavailable} {@link DamagedItem}
 */
export async function readProgress(options: TableOptions, job: ProgressJob): Promise<number | undefined> {
  const item = await createTable(options).get(progressKeys[job]);
  const at = item && parseItem(progressSchema, item).at;
  return at === undefined ? undefined : Date.parse(at);
}

/** How far settle has come: its watermark, and its run while there is one. */
export interface SettleState {
  through: number | undefined;
  running: SettleProgress | undefined;
}

/** A settle that has not written its progress for this long has died. */
const longestSilence = 10 * 60_000;

/** @throws {StoreUnavailable} {@link DamagedItem} */
export async function readSettleState(options: TableOptions & { now: () => number }): Promise<SettleState> {
  const item = await createTable(options).get(progressKeys.settled);
  const { at, progress } = item ? parseItem(settleStateSchema, item) : {};
  const running = progress?.running && progress.at > options.now() - longestSilence ? progress : undefined;
  return { through: at === undefined ? undefined : Date.parse(at), running };
}

export function putSettleProgress(table: Table, progress: SettleProgress): Promise<void> {
  return table.update(progressKeys.settled, { set: { progress } });
}

/** Moves a job's watermark forward, never back. */
export async function advanceProgress(table: Table, job: ProgressJob, watermark: number): Promise<void> {
  const at = new Date(watermark).toISOString();
  // The watermark is the last thing that settle moves, so the item may lose its progress.
  await table.putIf(toItem({ ...progressKeys[job], at }), {
    expression: 'attribute_not_exists(#at) OR #at < :at',
    values: { at },
  });
}

import { z } from 'zod';
import { progressKeys } from './counter-items.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, type Table, type TableOptions } from '../dynamodb/table.ts';

/** A job whose watermark is stored with the counters. */
export type ProgressJob = 'received' | 'settled';

const instant = z.string().refine((at) => !Number.isNaN(Date.parse(at)), 'must be an ISO instant');
const progressSchema = z.object({ at: instant.optional() });

/**
 * Returns a job's watermark in milliseconds since the epoch; undefined before its first run.
 * @throws {StoreUnavailable} {@link DamagedItem}
 */
export async function readProgress(options: TableOptions, job: ProgressJob): Promise<number | undefined> {
  const item = await createTable(options).get(progressKeys[job]);
  const at = item && parseItem(progressSchema, item).at;
  return at === undefined ? undefined : Date.parse(at);
}

/** Moves a job's watermark forward, never back. */
export async function advanceProgress(table: Table, job: ProgressJob, watermark: number): Promise<void> {
  const at = new Date(watermark).toISOString();
  await table.putIf(toItem({ ...progressKeys[job], at }), {
    expression: 'attribute_not_exists(#at) OR #at < :at',
    values: { at },
  });
}

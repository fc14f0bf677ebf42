import { hourLength } from '#core/time.ts';
import { entityKeys } from '#schemas/counters.ts';
import { compareHour, type HourNumbers } from '#core/ledger/report.ts';
import type { RollupReader } from '#stores/counters/rollup-reader.ts';

/** Events over some hours. */
export interface Balance {
  /** Requests that ended in no outcome, each hour for itself. */
  lost: number;
  /** Outcomes beyond what was received: rows that share an `event_id`, until their hour is settled. */
  surplus: number;
}

/**
 * Compares what the edge received with what became of it, over the stack's last 24 closed hours and the `touched`
 * ones that are closed too (a replay touches hours of long ago).
 * @param closedBy milliseconds since the epoch: an hour that ended by then has all its request lines
 */
export async function evaluateLost(
  rollups: Pick<RollupReader, 'hours' | 'settledThrough'>,
  touched: readonly string[],
  closedBy: number,
): Promise<Balance> {
  const hours = new Set([...recentHours(closedBy), ...touched].filter((hour) => endOf(hour) <= closedBy));
  const dates = [...new Set([...hours].map((hour) => hour.slice(0, 10)))];
  const items: HourNumbers[] = [];
  for (const date of dates) items.push(...(await rollups.hours(entityKeys.stack, date, date)));
  const settledThrough = await rollups.settledThrough();
  return balanceOf(
    items.filter(({ hour }) => hours.has(hour)),
    settledThrough,
  );
}

const hoursEvaluated = 24;

/** The last 24 hours that ended by `closedBy`. */
function recentHours(closedBy: number): string[] {
  const last = Math.floor(closedBy / hourLength);
  return Array.from({ length: hoursEvaluated }, (_, back) => utcHour((last - 1 - back) * hourLength));
}

function utcHour(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 13)}+00:00`;
}

function endOf(hour: string): number {
  return Date.parse(`${hour.slice(0, 13)}:00:00Z`) + hourLength;
}

function balanceOf(items: readonly HourNumbers[], settledThrough: number | undefined): Balance {
  const balance: Balance = { lost: 0, surplus: 0 };
  for (const item of items) {
    const { lost, surplus } = compareHour(item, settledThrough);
    balance.lost += lost;
    balance.surplus += surplus;
  }
  return balance;
}

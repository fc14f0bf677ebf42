import { z } from 'zod';
import type { Context } from 'aws-lambda';
import { metricLines } from '#core/edge/metric-line.ts';
import { planWindows, windowLength } from '#core/ledger/windows.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { RollupReader } from '#stores/counters/rollup-reader.ts';
import { countWindow, type CountWindowDependencies, type WindowCount } from './count-window.ts';
import { type Balance, evaluateLost } from './evaluate-lost.ts';

/** `{ "time": "2026-11-22T07:15:00Z" }`; with `includeOpen` the window still open is counted too. */
const payloadSchema = z.object({ time: z.iso.datetime({ offset: true }), includeOpen: z.boolean().default(false) });

export interface ReceiptsDependencies extends CountWindowDependencies {
  rollups: Pick<RollupReader, 'hours' | 'settledThrough'>;
  now: () => number;
  log: { info: (message: string, details: Record<string, unknown>) => void };
  writeMetrics: (line: string) => void;
}

/** What a run did. */
export interface ReceiptsReport extends Balance {
  windows: Pick<WindowCount, 'window' | 'lines' | 'changed'>[];
  /** ISO instant: request lines are counted up to here. */
  receivedThrough: string;
}

// Left to answer with, after the last attempt.
const spareMilliseconds = 5_000;

/**
 * Counts what the edge received, from its log lines, in windows of 15 minutes that are set and never added
 * (docs/decisions/0001). May run late, twice at once, again, or for any moment of the past.
 * @throws {z.ZodError} for a payload without a time
 * @throws {StoreUnavailable} when logs or tables do not answer; the next run catches up
 */
export function createReceipts(dependencies: ReceiptsDependencies) {
  const { received, rollups, now, log, writeMetrics } = dependencies;
  return async (payload: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<ReceiptsReport> => {
    const { time, includeOpen } = payloadSchema.parse(payload);
    const deadline = now() + context.getRemainingTimeInMillis() - spareMilliseconds;
    const before = await received.through();
    const plan = planWindows(Date.parse(time), before);
    const closed: WindowCount[] = [];
    for (const window of plan.closed) {
      closed.push(await countWindow(dependencies, window, deadline));
      // After each window, so that a run that dies has not worked for nothing.
      await received.advance(window.end);
    }
    const open = includeOpen ? [await countWindow(dependencies, plan.open, deadline)] : [];
    const through = plan.open.start;
    // One window back: lines of the last one may still be on their way into the log.
    const balance = await evaluateLost(rollups, stackHoursOf(closed), through - windowLength);
    const windows = [...closed, ...open].map(({ window, lines, changed }) => ({ window, lines, changed }));
    const receivedThrough = new Date(Math.max(through, before ?? 0)).toISOString();
    const report = { windows, receivedThrough, ...balance };
    log.info('received counted', { ...report });
    for (const line of metricLines(now(), { Lost: balance.lost })) writeMetrics(line);
    return report;
  };
}

function stackHoursOf(windows: readonly WindowCount[]): string[] {
  return windows.flatMap(({ counts }) =>
    counts.filter(({ entity }) => entity === entityKeys.stack).map(({ hour }) => hour),
  );
}

import { z } from 'zod';
import { metricLine } from '#core/edge/metric-line.ts';
import type { SettleDependencies } from './dependencies.ts';
import { settle, type SettleSummary } from './settle.ts';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const payloadSchema = z.object({ time: instant, through: instant.optional() });

export interface SettleHandlerOptions {
  deps: SettleDependencies;
  now: () => number;
  logger: { info: (message: string, details: Record<string, unknown>) => void };
  writeMetrics: (line: string) => void;
}

/** Leaves time to finish the date that was begun: Lambda stops at 15 minutes. */
const budgetMilliseconds = 11 * 60_000;
/** An hour unsettled for so long raises the alarm. */
const unsettledAlarmHours = 48;

/** Schedule payload in, summary out. `time` is now, so that any moment can be settled again. */
export const createSettleHandler =
  ({ deps, now, logger, writeMetrics }: SettleHandlerOptions) =>
  async (payload: unknown): Promise<SettleSummary> => {
    const { time, through } = payloadSchema.parse(payload);
    const summary = await settle(deps, {
      time,
      ...(through !== undefined && { through }),
      deadline: now() + budgetMilliseconds,
    });
    const lag = summary.through === undefined ? 0 : (time - summary.through) / 3_600_000;
    writeMetrics(
      metricLine(now(), [
        { name: 'SettleLagHours', value: Math.round(lag), unit: 'Count' },
        { name: 'HoursUnsettledTooLong', value: lag > unsettledAlarmHours ? 1 : 0, unit: 'Count' },
        { name: 'HoursRefused', value: summary.refused.length, unit: 'Count' },
        { name: 'FilesUnreadable', value: summary.unreadable, unit: 'Count' },
      ]),
    );
    logger.info('settle', { ...summary });
    return summary;
  };

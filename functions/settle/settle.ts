import { metricLines } from '#core/edge/metric-line.ts';
import { rebuild, type RebuildDependencies } from '#jobs/settle/rebuild.ts';
import { settle } from '#jobs/settle/settle.ts';
import { settlePayloadSchema, type SettleSummary } from '#schemas/lake-jobs.ts';

export interface SettleHandlerOptions {
  deps: RebuildDependencies;
  now: () => number;
  logger: { info: (message: string, details: Record<string, unknown>) => void };
  writeMetrics: (line: string) => void;
}

/** Lambda stops after 15 minutes. After the budget, no unit of work is begun; after the end, no query runs. */
const budgetMilliseconds = 11 * 60_000;
const endMilliseconds = 13.5 * 60_000;
/** Hours after which an unsettled hour raises the alarm. */
const unsettledAlarmHours = 12;

/** Creates the handler for the schedule's payload. Its `time` is "now", so that a past run can be repeated. */
export function createSettleHandler({ deps, now, logger, writeMetrics }: SettleHandlerOptions) {
  return async (payload: unknown): Promise<SettleSummary> => {
    const { time, through, rebuild: range } = settlePayloadSchema.parse(payload);
    const request = {
      time,
      ...(through !== undefined && { through }),
      deadline: now() + budgetMilliseconds,
      end: now() + endMilliseconds,
    };
    const summary = range
      ? await rebuild(deps, {
          ...request,
          ...(range.from !== undefined && { from: range.from }),
          ...(range.to !== undefined && { to: range.to }),
          ...(range.reclassify !== undefined && { reclassify: range.reclassify }),
        })
      : await settle(deps, request);
    const lag = summary.through === undefined ? 0 : (time - summary.through) / 3_600_000;
    const problems = summary.refused.length + summary.unreadable + (lag > unsettledAlarmHours ? 1 : 0);
    for (const line of metricLines(now(), { LakeProblems: problems })) writeMetrics(line);
    logger.info('settle', { ...summary, lagHours: Math.round(lag) });
    return summary;
  };
}

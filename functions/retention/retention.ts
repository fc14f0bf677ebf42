import { metricLines } from '#core/edge/metric-line.ts';
import { retentionPayloadSchema } from '#schemas/lake-jobs.ts';
import type { SettleDeps } from '#jobs/settle/deps.ts';
import { retain, type RetentionPolicy, type RetentionSummary } from '#jobs/retention/retain.ts';

export interface RetentionHandlerOptions {
  deps: SettleDeps;
  policy: RetentionPolicy;
  now: () => number;
  logger: { info: (message: string, details: Record<string, unknown>) => void };
  writeMetrics: (line: string) => void;
}

export function createRetentionHandler({ deps, policy, now, logger, writeMetrics }: RetentionHandlerOptions) {
  return async (payload: unknown): Promise<RetentionSummary> => {
    const { time } = retentionPayloadSchema.parse(payload);
    const summary = await retain(deps, policy, time);
    for (const line of metricLines(now(), { LakeProblems: summary.kept.length })) writeMetrics(line);
    logger.info('retention', { ...summary });
    return summary;
  };
}

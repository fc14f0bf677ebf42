import { z } from 'zod';
import { metricLine } from '#core/edge/metric-line.ts';
import type { RunRecord } from '#schemas/alerts.ts';

const payloadSchema = z.object({ time: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)) });

export interface JobHandlerOptions {
  run: (time: number) => Promise<RunRecord>;
  now: () => number;
  logger: { info: (message: string, details: Record<string, unknown>) => void };
  writeMetrics: (line: string) => void;
}

/** Schedule payload in, run record out, and what it did as metrics by job. `time` is now, so that any moment can be run again. */
export function createJobHandler({ run, now, logger, writeMetrics }: JobHandlerOptions) {
  return async (payload: unknown): Promise<RunRecord> => {
    const record = await run(payloadSchema.parse(payload).time);
    writeMetrics(
      metricLine(
        now(),
        [
          { name: 'PagesLookedAt', value: record.pages, unit: 'Count' },
          { name: 'AlertsOpened', value: record.alerts, unit: 'Count' },
          { name: 'MailsSent', value: record.mails, unit: 'Count' },
        ],
        { Job: record.job },
      ),
    );
    logger.info(`${record.job} run`, { ...record });
    return record;
  };
}

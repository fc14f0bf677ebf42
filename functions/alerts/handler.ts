import { Logger } from '@aws-lambda-powertools/logger';
import { z } from 'zod';
import { detectDaily } from '#jobs/daily-detection/detect-daily.ts';
import { digest } from '#jobs/digest/digest.ts';
import { forecast } from '#jobs/forecast/forecast.ts';
import { detectHourly } from '#jobs/hourly-detection/detect-hourly.ts';
import { type MailTally, sendDueMails } from '#jobs/mailing/send-due-mails.ts';
import { type AlertJob, alertJobs, type RunRecord } from '#schemas/alerts.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { composeAlerts } from './compose.ts';
import { environment } from './env.ts';

const payloadSchema = z.object({
  /** `mails` only sends what is due: the API asks for it, so that a confirmation need not wait for the next job. */
  job: z.enum([...alertJobs, 'mails']),
  /** "Now" for the job, so that any moment can be run again. */
  time: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
});

const env = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'alerts' });
const deps = composeAlerts({ env, logger, writeMetrics: writeLine });

/** Runs one alert job and returns its run record, or sends the mails that are due. */
export async function handler(payload: unknown): Promise<RunRecord | MailTally> {
  const { job, time } = payloadSchema.parse(payload);
  logger.appendKeys({ job });
  try {
    if (job === 'mails') return await sendDueMails(deps.mailing, time);
    const record = await run[job](time);
    logger.info('run', { ...record });
    return record;
  } catch (error) {
    logger.error('run failed', { error });
    throw error;
  }
}

const run: Record<AlertJob, (time: number) => Promise<RunRecord>> = {
  daily: (time) => detectDaily(deps, time),
  hourly: (time) => detectHourly(deps, time),
  // Loaded by the job that needs it: the other three start without the models.
  forecast: async (time) => forecast({ ...deps, trend: (await import('./seasonal-trend.ts')).seasonalTrend }, time),
  digest: (time) => digest(deps, time),
};

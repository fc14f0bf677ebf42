import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { z } from 'zod';
import { type ErasureReceipt, storedErasureSchema, storedExportSchema } from '#schemas/lake-jobs.ts';
import { erasureResultKey, exportResultKey, exportsPrefix } from '#schemas/lake-keys.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import type { Lake } from '#stores/lake/lake.ts';
import type { SettledFiles } from '#stores/lake/settled-files.ts';
import type { ExportOutcome, JobResult, JobRunner } from './job-runner.ts';

export interface JobRunnerOptions {
  lambda: LambdaClient;
  functions: { export: string; erase: string; alerts: string };
  s3: S3Client;
  /** The lake's bucket. */
  bucket: string;
  lake: Pick<Lake, 'get'>;
  files: Pick<SettledFiles, 'list'>;
  now: () => number;
}

const linkSeconds = 3600;
/** A job without a result after this time has failed: functions time out after 15 minutes and are tried three times. */
const longestRun = 60 * 60_000;

export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { lambda, functions, s3, bucket, lake, files, now } = options;

  async function start(name: string, payload: unknown): Promise<void> {
    try {
      const command = new InvokeCommand({
        FunctionName: name,
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(payload), 'utf8'),
      });
      await lambda.send(command);
    } catch (cause) {
      throw new StoreUnavailable(`${name} could not be started`, { cause });
    }
  }

  /** Returns what the job stored. A job without a result is running, or was stopped. */
  async function readJob<Stored>(key: string, schema: z.ZodType<Stored>, createdAt: string) {
    const exists = (await files.list(key)).length > 0;
    if (exists) return schema.parse(JSON.parse(Buffer.from(await lake.get(key)).toString('utf8')));
    return now() - Date.parse(createdAt) > longestRun
      ? { state: 'failed' as const, message: 'The job was stopped before it finished. Start it again.' }
      : { state: 'running' as const };
  }

  function signed(key: string): Promise<string> {
    return getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), {
      expiresIn: linkSeconds,
      signingDate: new Date(now()),
    });
  }

  return {
    startExport: ({ id, page, from, to, format }) => start(functions.export, { id, page, from, to, format }),
    startErasure: ({ id, subject, createdAt }, value) =>
      start(functions.erase, { id, time: createdAt, subject: { kind: subject, value } }),
    sendMails: () => start(functions.alerts, { job: 'mails', time: new Date(now()).toISOString() }),
    readExport: async ({ id, createdAt }): Promise<JobResult<ExportOutcome>> => {
      const stored = await readJob(exportResultKey(id), storedExportSchema, createdAt);
      if (stored.state !== 'done') return stored;
      // Files are deleted after 7 days, or by an erasure. The number of events is kept.
      const present = new Set((await files.list(`${exportsPrefix}${id}/`)).map(({ key }) => key));
      const urls = await Promise.all(stored.keys.filter((key) => present.has(key)).map(signed));
      return { state: 'done', result: { rows: stored.events, urls } };
    },
    readErasure: async ({ id, createdAt }): Promise<JobResult<ErasureReceipt>> => {
      const stored = await readJob(erasureResultKey(id), storedErasureSchema, createdAt);
      return stored.state === 'done' ? { state: 'done', result: stored } : stored;
    },
  };
}

import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { z } from 'zod';
import { erasureResultKey, exportResultKey, exportsPrefix } from '#schemas/lake-keys.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import type { Lake } from '#stores/lake/lake.ts';
import type { SettledFiles } from '#stores/lake/settled-files.ts';
import type { ErasureOutcome, ExportOutcome, JobResult, JobRunner } from './job-runner.ts';

export interface JobRunnerOptions {
  lambda: LambdaClient;
  functions: { export: string; erase: string };
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

const failedSchema = z.object({ state: z.literal('failed'), message: z.string() });
const exportDone = z.object({ state: z.literal('done'), keys: z.array(z.string()), events: z.int() });
const erasureDone = z.object({
  state: z.literal('done'),
  rewritten: z.array(z.string()),
  pending: z.array(z.string()),
  erased: z.record(z.string(), z.int()).default({}),
  remaining: z.array(z.object({ place: z.string(), until: z.string() })),
});

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

  async function readResult(key: string): Promise<unknown> {
    const exists = (await files.list(key)).length > 0;
    return exists ? JSON.parse(Buffer.from(await lake.get(key)).toString('utf8')) : undefined;
  }

  function describeUnfinished(result: unknown, createdAt: string): JobResult<never> {
    const failed = failedSchema.safeParse(result).data;
    if (failed) return failed;
    return now() - Date.parse(createdAt) > longestRun
      ? { state: 'failed', message: 'The job was stopped before it finished. Start it again.' }
      : { state: 'running' };
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
    readExport: async ({ id, createdAt }): Promise<JobResult<ExportOutcome>> => {
      const result = await readResult(exportResultKey(id));
      const done = exportDone.safeParse(result).data;
      if (!done) return describeUnfinished(result, createdAt);
      // Files are deleted after 7 days, or by an erasure; their number of events remains known.
      const present = new Set((await files.list(`${exportsPrefix}${id}/`)).map(({ key }) => key));
      const urls = await Promise.all(done.keys.filter((key) => present.has(key)).map(signed));
      return { state: 'done', result: { rows: done.events, urls } };
    },
    readErasure: async ({ id, createdAt }): Promise<JobResult<ErasureOutcome>> => {
      const result = await readResult(erasureResultKey(id));
      const done = erasureDone.safeParse(result).data;
      if (!done) return describeUnfinished(result, createdAt);
      const { rewritten, pending, erased, remaining } = done;
      return { state: 'done', result: { rewritten, pending, erased, remaining } };
    },
  };
}
